// The rules in, the seccomp program for one architecture out, ready for `bwrap --seccomp`. Foreign architectures are
// killed (a 32-bit program answered with errors would spin in its exit loop); x32 and calls newer than our list are
// "no such call". Layout of seccomp_data: linux/seccomp.h.

import { assemble, type Statement } from "./assembler.ts";
import { type Architecture, audit, newest, numberOf } from "./numbers.ts";
import { type Answer, type Rule, rules } from "./rules.ts";

export const offsets = { nr: 0, arch: 4, args: 16 } as const;

/** SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO with the errno of asm-generic/errno.h; SECCOMP_RET_KILL_PROCESS. */
export const answers: Readonly<Record<Answer | "kill", number>> = {
  allow: 0x7fff_0000,
  EPERM: 0x0005_0000 | 1,
  ENOSYS: 0x0005_0000 | 38,
  EAFNOSUPPORT: 0x0005_0000 | 97,
  EPROTONOSUPPORT: 0x0005_0000 | 93,
  kill: 0x8000_0000,
};

export function buildProgram(architecture: Architecture): Buffer {
  const byNumber = groupByNumber(architecture);
  return assemble([
    { kind: "load", offset: offsets.arch },
    { kind: "branch", test: "equal", value: audit[architecture], no: "kill" },
    { kind: "load", offset: offsets.nr },
    { kind: "branch", test: "greater", value: newest, yes: "ENOSYS" },
    ...[...byNumber].map(
      ([value, group]): Statement => ({ kind: "branch", test: "equal", value, yes: entry(value, group) }),
    ),
    { kind: "jump", to: "allow" },
    ...[...byNumber].flatMap(([value, group]) => (isPlain(group) ? [] : section(value, group))),
    ...Object.entries(answers).flatMap(([name, value]): Statement[] => [
      { kind: "label", name },
      { kind: "answer", value },
    ]),
  ]);
}

function groupByNumber(architecture: Architecture): ReadonlyMap<number, readonly Rule[]> {
  const groups = new Map<number, Rule[]>();
  for (const rule of rules) {
    for (const call of rule.calls) {
      const number = numberOf(call, architecture);
      if (number !== undefined) groups.set(number, [...(groups.get(number) ?? []), rule]);
    }
  }
  return groups;
}

const isPlain = (group: readonly Rule[]): boolean => group[0]?.when === undefined && group[0]?.bits === undefined;

const entry = (number: number, group: readonly Rule[]): string =>
  isPlain(group) ? (group[0]?.answer ?? "allow") : `call-${number}`;

/** The rules of one call, one after the other; each falls to the next where a condition fails. */
function section(number: number, group: readonly Rule[]): readonly Statement[] {
  const statements: Statement[] = [{ kind: "label", name: `call-${number}` }];
  for (const [index, rule] of group.entries()) {
    const next = `call-${number}-${index + 1}`;
    if (rule.bits !== undefined) {
      statements.push(
        { kind: "load", offset: offsets.args + 8 * rule.bits.argument },
        { kind: "branch", test: "any-bit", value: rule.bits.value, no: next },
      );
    }
    for (const [place, condition] of (rule.when ?? []).entries()) {
      const held = `${next}-held-${place}`;
      statements.push({ kind: "load", offset: offsets.args + 8 * condition.argument });
      if (condition.mask !== undefined) statements.push({ kind: "and", value: condition.mask });
      for (const value of condition.among) statements.push({ kind: "branch", test: "equal", value, yes: held });
      statements.push({ kind: "jump", to: next }, { kind: "label", name: held });
    }
    statements.push({ kind: "jump", to: rule.answer }, { kind: "label", name: next });
  }
  return [...statements, { kind: "jump", to: "allow" }];
}
