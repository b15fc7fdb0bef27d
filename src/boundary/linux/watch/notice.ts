// What the kernel tells of one waiting call, and what it is answered: struct seccomp_notif and seccomp_notif_resp of
// linux/seccomp.h. The registers are the call's own and cannot be changed by anybody; what they point to can.

import { type Architecture, numberOf } from "../seccomp/numbers.ts";

export const noticeBytes = 80;
const replyBytes = 24;

export interface Notice {
  readonly id: bigint;
  /** The thread, as whoever received this sees it. */
  readonly thread: number;
  /** Where the path stands in its memory. */
  readonly path: bigint;
  readonly arguments: bigint;
  /** A directory's or the file's own descriptor; undefined: the working directory. */
  readonly descriptor: number | undefined;
  /** With an empty path: the descriptor itself is executed. */
  readonly itself: boolean;
  /** Asks only whether it could be executed: nothing starts. */
  readonly trying: boolean;
}

/** AT_FDCWD, AT_EMPTY_PATH, AT_EXECVE_CHECK of linux/fcntl.h. */
const workingDirectory = -100;
const emptyPath = 0x1000;
const check = 0x1_0000;
/** SECCOMP_USER_NOTIF_FLAG_CONTINUE. */
const goOn = 1;

export function parseNotice(bytes: Buffer, architecture: Architecture): Notice {
  const low = (index: number): number => bytes.readUInt32LE(32 + 8 * index);
  const word = (index: number): bigint => bytes.readBigUInt64LE(32 + 8 * index);
  const at = bytes.readInt32LE(16) === numberOf("execveat", architecture);
  const flags = at ? low(4) : 0;
  // the kernel reads it as an int
  const descriptor = at ? low(0) | 0 : workingDirectory;
  return {
    id: bytes.readBigUInt64LE(0),
    thread: bytes.readUInt32LE(8),
    path: word(at ? 1 : 0),
    arguments: word(at ? 2 : 1),
    descriptor: descriptor === workingDirectory ? undefined : descriptor,
    itself: (flags & emptyPath) !== 0,
    trying: (flags & check) !== 0,
  };
}

const reply = Buffer.alloc(replyBytes);

/** `errno` 0: the kernel goes on with the call, reading path and arguments again. Good until the next one is written. */
export function writeReply(id: bigint, errno: number): Buffer {
  reply.writeBigUInt64LE(id, 0);
  reply.writeInt32LE(-errno, 16);
  reply.writeUInt32LE(errno === 0 ? goOn : 0, 20);
  return reply;
}
