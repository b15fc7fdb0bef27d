// Every bound of this room.

export const limits = {
  /** Bytes of a credential, of whatever source; a key file of several kilobytes is the largest known kind. */
  credentialBytes: 64 * 1024,
  /** Milliseconds a credential command may take; a person may have to touch a key. */
  commandMilliseconds: 30_000,
  /** Milliseconds between the end of a program's group by us and that of its pipes, whoever holds them then. */
  graceMilliseconds: 500,
  /** Characters of a credential command's complaint that are shown. */
  complaint: 500,
  /** An OpenPGP key's public part: signatures of others on it can make it long. */
  publicKeyBytes: 1024 * 1024,
  /** Programs for git (ssh, ssh-keygen, gpg) at once in one session: several submodules are fetched together, never so many. */
  programs: 32,
  /** Bytes of a file of authorities; the largest system bundles have a quarter of that. */
  authorityBytes: 1024 * 1024,
  /** Certificates taken from one file. */
  authorities: 1_000,
  /** Entries of NO_PROXY. */
  noProxy: 500,
} as const;
