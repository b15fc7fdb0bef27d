// The watch's own seccomp program: every start of a program waits for whoever holds the listener; nothing else is touched.
// Foreign architectures pass here: the other program (seccomp/program.ts) kills them, and x32 does not exist there.

import { assemble } from "../seccomp/assembler.ts";
import { type Architecture, audit, numberOf } from "../seccomp/numbers.ts";
import { answers, offsets } from "../seccomp/program.ts";

/** SECCOMP_RET_USER_NOTIF. Where nobody holds the listener, the kernel answers ENOSYS: no program starts. */
export const notify = 0x7fc0_0000;

export function buildWatchProgram(architecture: Architecture): Buffer {
  const starts = [numberOf("execve", architecture), numberOf("execveat", architecture)];
  return assemble([
    { kind: "load", offset: offsets.arch },
    { kind: "branch", test: "equal", value: audit[architecture], no: "allow" },
    { kind: "load", offset: offsets.nr },
    ...starts.map((value) => ({ kind: "branch", test: "equal", value: value ?? 0, yes: "notify" }) as const),
    { kind: "label", name: "allow" },
    { kind: "answer", value: answers.allow },
    { kind: "label", name: "notify" },
    { kind: "answer", value: notify },
  ]);
}
