// What the watch asks the kernel about another process, where Node has no door: its memory, its links under /proc, and
// paths as its own root shows them.

import { limits } from "../limits.ts";
import { type Architecture, numberOf } from "../seccomp/numbers.ts";
import type { Foreign } from "./foreign.ts";

export interface Calls {
  /** Bytes read, in order, until a part that cannot be; below 0 where not even the first can. */
  readonly readMemory: (pid: number, parts: readonly Part[], into: Buffer) => number;
  /** Where a link leads, as text; undefined where it is none. For links the kernel makes. */
  readonly readLink: (path: string) => string | undefined;
  /** O_PATH descriptor of what this absolute path is to whoever has this root, or a negative errno. No link of /proc is followed. */
  readonly openIn: (root: number, path: string) => number;
  /** A pidfd of this thread, or a negative errno. */
  readonly openProcess: (thread: number) => number;
}

export interface Part {
  readonly address: number;
  readonly length: number;
}

/** O_PATH | O_CLOEXEC, then RESOLVE_IN_ROOT: struct open_how, linux/openat2.h. */
const pathOnly = 0o12000000n;
const inRoot = 0x10n;
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
      return typeof length === "number" && length >= 0 ? target.toString("utf8", 0, length) : undefined;
    },
    openIn: (root, path) => descriptorOf(openat2(numberOf("openat2", architecture), root, path, how, how.length)),
    openProcess: (thread) => {
      const number = numberOf("pidfd_open", architecture);
      const descriptor = descriptorOf(pidfdOpen(number, thread, 0));
      return descriptor >= 0 ? descriptor : descriptorOf(pidfdOpen(number, thread, anyThread));
    },
  };
}

/** struct iovec. */
function writePart(into: Buffer, at: number, address: number, length: number): void {
  into.writeUInt32LE(address % 2 ** 32, at);
  into.writeUInt32LE(Math.floor(address / 2 ** 32) % 2 ** 32, at + 4);
  into.writeUInt32LE(length, at + 8);
}
