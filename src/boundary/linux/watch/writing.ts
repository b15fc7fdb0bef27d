// The system calls by which a name or a content changes, and where each keeps the paths it is about. Notice in, what it asks
// for out. The registers are the call's own; what they point to can be changed by the tool at any moment.
// fchmod, ftruncate and write need a descriptor that one of these has opened before; openat2 does not exist inside.

import { type Architecture, type Call, numberOf } from "../seccomp/numbers.ts";

/** What becomes of the name: `write` its content, or itself where it is missing; `make` a new one; `remove` it goes. */
export type Act = "write" | "change" | "make" | "remove" | "link" | "replace";

interface Place {
  /** Register that holds a directory's descriptor. */
  readonly directory?: number;
  readonly path: number;
  readonly act: Act;
}

interface WritingCall {
  readonly call: Call;
  readonly places: readonly Place[];
  /** Register that holds the flags of open(2): only those that write are waited for. */
  readonly flags?: 1 | 2;
}

const at = (directory: number, act: Act): Place => ({ directory, path: directory + 1, act });
const of = (path: number, act: Act): Place => ({ path, act });

export const writingCalls: readonly WritingCall[] = [
  { call: "open", places: [of(0, "write")], flags: 1 },
  { call: "openat", places: [at(0, "write")], flags: 2 },
  { call: "creat", places: [of(0, "write")] },
  { call: "truncate", places: [of(0, "change")] },
  { call: "rename", places: [of(0, "remove"), of(1, "replace")] },
  { call: "renameat", places: [at(0, "remove"), at(2, "replace")] },
  { call: "renameat2", places: [at(0, "remove"), at(2, "replace")] },
  { call: "link", places: [of(0, "link"), of(1, "make")] },
  { call: "linkat", places: [at(0, "link"), at(2, "make")] },
  { call: "symlink", places: [of(1, "make")] },
  { call: "symlinkat", places: [at(1, "make")] },
  { call: "unlink", places: [of(0, "remove")] },
  { call: "unlinkat", places: [at(0, "remove")] },
  { call: "rmdir", places: [of(0, "remove")] },
  { call: "mkdir", places: [of(0, "make")] },
  { call: "mkdirat", places: [at(0, "make")] },
  { call: "mknod", places: [of(0, "make")] },
  { call: "mknodat", places: [at(0, "make")] },
  { call: "chmod", places: [of(0, "change")] },
  { call: "fchmodat", places: [at(0, "change")] },
  { call: "fchmodat2", places: [at(0, "change")] },
];

/** O_WRONLY, O_RDWR, O_TRUNC; O_CREAT; O_EXCL of asm-generic/fcntl.h. */
const [changes, creates, alone] = [0x1 | 0x2 | 0x200, 0x40, 0x80];
export const writingFlags = changes | creates;

/** What an open with these flags does to what is there, or makes. Undefined: nothing, it reads. */
export function actOfFlags(flags: number): Act | undefined {
  if ((flags & creates) !== 0 && ((flags & alone) !== 0 || (flags & changes) === 0)) return "make";
  return (flags & changes) === 0 ? undefined : "write";
}

export interface Writing {
  readonly id: bigint;
  readonly thread: number;
  readonly call: string;
  readonly places: readonly Wanted[];
}

export interface Wanted {
  /** Undefined: the working directory. */
  readonly descriptor: number | undefined;
  /** Where the path stands in its memory. */
  readonly address: bigint;
  readonly act: Act;
}

/** AT_FDCWD of linux/fcntl.h. */
const workingDirectory = -100;

/** Undefined where the notice is of another call. */
export function openWritings(architecture: Architecture): (bytes: Buffer) => Writing | undefined {
  const known = new Map(writingCalls.map((each) => [numberOf(each.call, architecture), each]));
  return (bytes) => {
    const found = known.get(bytes.readInt32LE(16));
    if (found === undefined) return undefined;
    const low = (index: number): number => bytes.readUInt32LE(32 + 8 * index);
    const word = (index: number): bigint => bytes.readBigUInt64LE(32 + 8 * index);
    const opens = found.flags === undefined ? undefined : actOfFlags(low(found.flags));
    const places = found.places.map(({ directory, path, act }): Wanted => {
      const descriptor = directory === undefined ? workingDirectory : low(directory) | 0;
      return {
        descriptor: descriptor === workingDirectory ? undefined : descriptor,
        address: word(path),
        act: opens ?? act,
      };
    });
    return { id: bytes.readBigUInt64LE(0), thread: bytes.readUInt32LE(8), call: found.call, places };
  };
}
