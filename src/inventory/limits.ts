// Every bound of this room.

export const limits = {
  /** Bytes of the first line the kernel reads (BINPRM_BUF_SIZE, Linux 5.1 and later). */
  shebangBytes: 256,
  /** Interpreters of interpreters followed; the kernel follows five. */
  shebangDepth: 5,
  /** Symbolic links followed from a command to its file; the kernel follows forty. */
  links: 40,
  /** Entries of PATH looked at. */
  pathEntries: 1_000,
  /** Bytes of a package.json that is read. */
  manifestBytes: 2 * 1024 * 1024,
  /** Names looked at in one directory of a toolchain's programs or versions. */
  shelf: 256,
  /** Mounts for toolchains: each costs the start some microseconds. */
  toolchainMounts: 1_000,
  /** Bytes of a file of remembered digests. */
  digestBytes: 1024 * 1024,
  /** Digests remembered; the oldest go. */
  digests: 200,
} as const;
