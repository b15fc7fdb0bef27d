// The watch's own seccomp program: every start of a program waits for whoever holds the listener, and, where held files are
// watched, every call that would change a name or a content; nothing else is touched. Foreign architectures pass here: the
// other program (seccomp/program.ts) kills them, and x32 does not exist there.

import { assemble, type Statement } from "../seccomp/assembler.ts";
import { type Architecture, audit, numberOf } from "../seccomp/numbers.ts";
import { answers, offsets } from "../seccomp/program.ts";
import { writingCalls, writingFlags } from "./writing.ts";

/** SECCOMP_RET_USER_NOTIF. Where nobody holds the listener, the kernel answers ENOSYS: no program starts. */
export const notify = 0x7fc0_0000;

export function buildWatchProgram(architecture: Architecture, writes: boolean): Buffer {
  const starts = [numberOf("execve", architecture), numberOf("execveat", architecture)];
  return assemble([
    { kind: "load", offset: offsets.arch },
    { kind: "branch", test: "equal", value: audit[architecture], no: "allow" },
    { kind: "load", offset: offsets.nr },
    ...starts.map((value) => ({ kind: "branch", test: "equal", value: value ?? 0, yes: "notify" }) as const),
    ...(writes ? writing(architecture) : []),
    { kind: "label", name: "allow" },
    { kind: "answer", value: answers.allow },
    { kind: "label", name: "notify" },
    { kind: "answer", value: notify },
  ]);
}

function writing(architecture: Architecture): readonly Statement[] {
  const calls = writingCalls.flatMap(({ call, flags }) => {
    const value = numberOf(call, architecture);
    return value === undefined ? [] : [{ value, flags }];
  });
  const registers = [...new Set(calls.flatMap(({ flags }) => flags ?? []))];
  return [
    ...calls.map(
      ({ value, flags }): Statement => ({
        kind: "branch",
        test: "equal",
        value,
        yes: flags === undefined ? "notify" : `flags-${flags}`,
      }),
    ),
    { kind: "jump", to: "allow" },
    ...registers.flatMap((register): Statement[] => [
      { kind: "label", name: `flags-${register}` },
      { kind: "load", offset: offsets.args + 8 * register },
      { kind: "branch", test: "any-bit", value: writingFlags, yes: "notify" },
      { kind: "jump", to: "allow" },
    ]),
  ];
}
