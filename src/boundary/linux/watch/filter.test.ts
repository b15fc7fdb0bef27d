// The program is run by an interpreter over synthetic seccomp_data: both ways to start a program wait, nothing else does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { interpret } from "../seccomp/interpreter.ts";
import { architectures, audit, newest, numberOf } from "../seccomp/numbers.ts";
import { answers } from "../seccomp/program.ts";
import { buildWatchProgram, notify } from "./filter.ts";

for (const architecture of architectures) {
  const answer = (nr: number, arch: number = audit[architecture]): number => {
    const data = Buffer.alloc(64);
    data.writeUInt32LE(nr >>> 0, 0);
    data.writeUInt32LE(arch, 4);
    return interpret(buildWatchProgram(architecture), data);
  };

  test(`${architecture}: execve and execveat wait, no other call does`, () => {
    const waiting = Array.from({ length: newest + 1 }, (_, nr) => nr).filter((nr) => answer(nr) !== answers.allow);
    const starts = [numberOf("execve", architecture), numberOf("execveat", architecture)];
    assert.deepEqual(
      waiting,
      starts.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    );
    for (const nr of starts) assert.equal(answer(nr ?? -1), notify);
  });

  test(`${architecture}: foreign architectures are the other program's`, () => {
    assert.equal(answer(numberOf("execve", architecture) ?? -1, 0x40000003), answers.allow);
  });
}
