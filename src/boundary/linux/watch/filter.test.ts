// The program is run by an interpreter over synthetic seccomp_data: both ways to start a program wait, and, where held files
// are watched, what would change a name or a content; nothing else does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { interpret } from "../seccomp/interpreter.ts";
import { architectures, audit, type Call, newest, numberOf } from "../seccomp/numbers.ts";
import { answers } from "../seccomp/program.ts";
import { buildWatchProgram, notify } from "./filter.ts";
import { writingCalls } from "./writing.ts";

for (const architecture of architectures) {
  const asked = (nr: number, registers: readonly number[], arch: number, writes: boolean): number => {
    const data = Buffer.alloc(64);
    data.writeUInt32LE(nr >>> 0, 0);
    data.writeUInt32LE(arch, 4);
    for (const [index, value] of registers.entries()) data.writeUInt32LE(value, 16 + 8 * index);
    return interpret(buildWatchProgram(architecture, writes), data);
  };
  const answer = (nr: number, arch: number = audit[architecture]): number => asked(nr, [], arch, false);

  test(`${architecture}: execve and execveat wait, no other call does`, () => {
    const waiting = Array.from({ length: newest + 1 }, (_, nr) => nr).filter((nr) => answer(nr) !== answers.allow);
    const starts = [numberOf("execve", architecture), numberOf("execveat", architecture)];
    assert.deepEqual(
      waiting,
      starts.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    );
    for (const nr of starts) assert.equal(answer(nr ?? -1), notify);
  });

  test(`${architecture}: with held files watched, names and contents wait; an open that only reads does not`, () => {
    const wait = (call: Call, ...registers: number[]): boolean =>
      asked(numberOf(call, architecture) ?? -1, registers, audit[architecture], true) === notify;
    for (const { call, flags } of writingCalls) {
      if (numberOf(call, architecture) === undefined) continue;
      const given = (value: number): boolean => wait(call, ...Array.from({ length: flags ?? 0 }, () => 0), value);
      assert.deepEqual([given(0), given(0x8_0000)], flags === undefined ? [true, true] : [false, false], call);
      for (const value of [1, 2, 0x40, 0x200, 0x8_0241]) assert.ok(given(value), `${call} ${value}`);
    }
    for (const call of ["execve", "execveat"] as const) assert.ok(wait(call));
    for (const call of ["socket", "ioctl", "fchmod", "clone"] as const) assert.ok(!wait(call), call);
  });

  test(`${architecture}: foreign architectures are the other program's`, () => {
    assert.equal(answer(numberOf("execve", architecture) ?? -1, 0x40000003), answers.allow);
  });
}
