// What the watch asks the kernel about another process, where Node has no door: its memory, its links under /proc, and
// paths as its own root shows them.

import { limits } from "../limits.ts";
import { type Architecture, numberOf } from "../seccomp/numbers.ts";
import type { Foreign } from "./foreign.ts";
import { terminated, textOf } from "./names.ts";

export interface Calls {
  /** Bytes read, in order, until a part that cannot be; below 0 where not even the first can. */
  readonly readMemory: (pid: number, parts: readonly Part[], into: Buffer) => number;
  /** Where a link leads, as `names.ts` has it; undefined where it is none, or too long. For links the kernel makes. */
  readonly readLink: (path: string) => string | undefined;
  /** O_PATH descriptor of what this absolute path is to whoever has this root, or a negative errno. No link of /proc is followed. */
  readonly openIn: (root: number, path: string) => number;
  /** O_PATH descriptor of a name in this directory, a link of this name being itself; or a negative errno. */
  readonly openAt: (directory: number, name: string) => number;
  /** Of the mount an O_PATH descriptor is on. */
  readonly mountOf: (descriptor: number) => MountFacts;
  /** A pidfd of this thread, or a negative errno. */
  readonly openProcess: (thread: number) => number;
}

export interface MountFacts {
  readonly readOnly: boolean;
  /** It is where a mount begins: nobody can rename or remove it. */
  readonly root: boolean;
}

export interface Part {
  readonly address: bigint;
  readonly length: number;
}

/** O_PATH | O_CLOEXEC, then RESOLVE_IN_ROOT: struct open_how, linux/openat2.h. */
const pathOnly = 0o12000000n;
const inRoot = 0x10n;
/** O_NOFOLLOW of asm-generic/fcntl.h, and of arch/arm64. */
const noFollow = { x64: 0o400000n, arm64: 0o100000n } as const;
/** f_flags of struct statfs (asm-generic/statfs.h), ST_RDONLY; AT_EMPTY_PATH, stx_attributes of struct statx, STATX_ATTR_MOUNT_ROOT. */
const [flagsAt, unwritable, emptyPath, attributesAt, mountRoot] = [80, 0x1, 0x1000, 8, 0x2000];
/** PIDFD_THREAD of linux/pidfd.h, Linux 6.9: for threads that lead no process. */
const anyThread = 0o200;

export function openCalls({ koffi, libc }: Foreign, architecture: Architecture): Calls {
  const openat2 = libc.func("syscall", "long", ["long", "int", "const char *", "void *", "unsigned long"]);
  const readv = libc.func("process_vm_readv", "long", [
    "int",
    "void *",
    "unsigned long",
    "void *",
    "unsigned long",
    "unsigned long",
  ]);
  const readlink = libc.func("readlink", "long", ["const char *", "void *", "unsigned long"]);
  const pidfdOpen = libc.func("syscall", "long", ["long", "int", "unsigned int"]);
  const descriptorOf = (result: unknown): number =>
    typeof result === "number" && result >= 0 ? result : -koffi.errno();
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(pathOnly, 0);
  how.writeBigUInt64LE(inRoot, 16);
  const itself = Buffer.alloc(24);
  itself.writeBigUInt64LE(pathOnly | noFollow[architecture], 0);
  const number = numberOf("openat2", architecture);
  const target = Buffer.alloc(limits.pathBytes);
  const [local, remote] = [Buffer.alloc(16), Buffer.alloc(16 * limits.execArguments)];
  return {
    readMemory: (pid, parts, into) => {
      local.writeBigUInt64LE(koffi.address(into), 0);
      local.writeUInt32LE(into.length, 8);
      for (const [index, { address, length }] of parts.entries()) writePart(remote, 16 * index, address, length);
      const result: unknown = readv(pid, local, 1, remote, parts.length, 0);
      return typeof result === "number" ? result : -1;
    },
    readLink: (path) => {
      const length: unknown = readlink(path, target, target.length);
      return typeof length === "number" && length >= 0 ? textOf(target.subarray(0, length)) : undefined;
    },
    openIn: (root, path) => descriptorOf(openat2(number, root, terminated(path), how, how.length)),
    openAt: (directory, name) => descriptorOf(openat2(number, directory, terminated(name), itself, itself.length)),
    mountOf: openMounts(libc, architecture),
    openProcess: (thread) => {
      const number = numberOf("pidfd_open", architecture);
      const descriptor = descriptorOf(pidfdOpen(number, thread, 0));
      return descriptor >= 0 ? descriptor : descriptorOf(pidfdOpen(number, thread, anyThread));
    },
  };
}

function openMounts(libc: Foreign["libc"], architecture: Architecture): Calls["mountOf"] {
  const fstatfs = libc.func("syscall", "long", ["long", "int", "void *"]);
  const statx = libc.func("syscall", "long", ["long", "int", "const char *", "int", "unsigned int", "void *"]);
  const [fileSystem, attributes] = [Buffer.alloc(128), Buffer.alloc(256)];
  const numbers = { fstatfs: numberOf("fstatfs", architecture), statx: numberOf("statx", architecture) };
  return (descriptor) => {
    const known = fstatfs(numbers.fstatfs, descriptor, fileSystem) === 0;
    const told = statx(numbers.statx, descriptor, "", emptyPath, 0, attributes) === 0;
    return {
      readOnly: known && (fileSystem.readUInt32LE(flagsAt) & unwritable) !== 0,
      root: told && (attributes.readUInt32LE(attributesAt) & mountRoot) !== 0,
    };
  };
}

/** struct iovec. */
function writePart(into: Buffer, at: number, address: bigint, length: number): void {
  into.writeBigUInt64LE(BigInt.asUintN(64, address), at);
  into.writeUInt32LE(length, at + 8);
}
