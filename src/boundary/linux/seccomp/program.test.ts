// The program is run by an interpreter over synthetic seccomp_data: every rule is proven on both architectures.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assemble, type Statement } from "./assembler.ts";
import { interpret } from "./interpreter.ts";
import { type Architecture, architectures, audit, type Call, newest, numberOf } from "./numbers.ts";
import { answers, buildProgram } from "./program.ts";
import { type Condition, type Rule, rules } from "./rules.ts";

interface Event {
  readonly arch?: number;
  readonly nr: number;
  readonly args?: readonly number[];
}

const programs = { x64: buildProgram("x64"), arm64: buildProgram("arm64") };

function answer(architecture: Architecture, event: Event): string {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(event.nr >>> 0, 0);
  data.writeUInt32LE(event.arch ?? audit[architecture], 4);
  for (const [index, value] of (event.args ?? []).entries()) data.writeBigUInt64LE(BigInt(value), 16 + 8 * index);
  const value = interpret(programs[architecture], data);
  return Object.entries(answers).find(([, known]) => known === value)?.[0] ?? `unknown ${value}`;
}

const call = (architecture: Architecture, name: Call, ...args: number[]): string =>
  answer(architecture, { nr: numberOf(name, architecture) ?? -1, args });

for (const architecture of architectures) {
  test(`${architecture}: every unconditional rule answers`, () => {
    for (const rule of rules.filter((rule) => rule.when === undefined && rule.bits === undefined)) {
      for (const name of rule.calls) {
        const number = numberOf(name, architecture);
        if (number === undefined || name === "socket" || name === "socketpair") continue;
        assert.equal(answer(architecture, { nr: number }), rule.answer, `${name}: ${rule.why}`);
      }
    }
  });

  test(`${architecture}: a foreign architecture, x32 and the future`, () => {
    assert.equal(answer(architecture, { nr: 1, arch: 0x40000003 }), "kill");
    assert.equal(answer(architecture, { nr: 0x40000000 + 41 }), "ENOSYS");
    assert.equal(answer(architecture, { nr: newest + 1 }), "ENOSYS");
    assert.equal(answer(architecture, { nr: -1 }), "ENOSYS");
    assert.equal(answer(architecture, { nr: newest }), "allow");
  });

  test(`${architecture}: namespaces by flag, threads untouched`, () => {
    const thread = 0x3d0f00;
    assert.equal(call(architecture, "clone", thread), "allow");
    assert.equal(call(architecture, "clone", 17), "allow");
    for (const bit of [17, 25, 26, 27, 28, 29, 30]) {
      assert.equal(call(architecture, "clone", 2 ** bit + 17), "EPERM", `bit ${bit}`);
      assert.equal(call(architecture, "unshare", 2 ** bit), "EPERM", `bit ${bit}`);
    }
    assert.equal(call(architecture, "unshare", 0x80), "EPERM");
    assert.equal(call(architecture, "unshare", 0x400), "allow");
  });

  test(`${architecture}: sockets`, () => {
    const cases: [number, number, number, string][] = [
      [1, 1, 0, "allow"],
      [2, 0o2000001, 0, "allow"],
      [2, 1 | 0o4000, 6, "allow"],
      [10, 2, 17, "allow"],
      [2, 1, 262, "EPROTONOSUPPORT"],
      [2, 1, 132, "EPROTONOSUPPORT"],
      [2, 5, 132, "EPROTONOSUPPORT"],
      [2, 6, 33, "EPROTONOSUPPORT"],
      [2, 2, 136, "EPROTONOSUPPORT"],
      [2, 2, 1, "EPROTONOSUPPORT"],
      [2, 3, 255, "EPERM"],
      [10, 3, 58, "EPERM"],
      [16, 3, 0, "allow"],
      [16, 3, 12, "EPROTONOSUPPORT"],
      [17, 3, 768, "EAFNOSUPPORT"],
      [40, 1, 0, "EAFNOSUPPORT"],
      [38, 5, 0, "EAFNOSUPPORT"],
      [44, 3, 0, "EAFNOSUPPORT"],
    ];
    for (const [family, type, protocol, want] of cases) {
      assert.equal(call(architecture, "socket", family, type, protocol), want, `${family} ${type} ${protocol}`);
    }
    assert.equal(call(architecture, "socketpair", 1, 1, 0), "allow");
    assert.equal(call(architecture, "socketpair", 30, 1, 0), "EAFNOSUPPORT");
  });

  test(`${architecture}: terminal requests, whatever stands in the upper half`, () => {
    for (const request of [0x5412, 0x541c, 0x5423]) {
      assert.equal(call(architecture, "ioctl", 0, request), "EPERM");
      assert.equal(call(architecture, "ioctl", 0, 2 ** 33 + request), "EPERM");
    }
    assert.equal(call(architecture, "ioctl", 0, 0x5401), "allow");
  });
}

test("setuid and setgid files cannot be made", () => {
  for (const mode of [0o4755, 0o2755, 0o6000]) assert.equal(call("x64", "chmod", 0, mode), "EPERM");
  assert.equal(call("arm64", "fchmodat", -100 >>> 0, 0, 0o4755), "EPERM");
  assert.equal(call("arm64", "fchmod", 0, 0o1777), "allow");
});

test("agrees with the rules read directly, whatever is asked", () => {
  const named = [...new Set(rules.flatMap((rule) => rule.calls))];
  const holds = (rule: Rule, args: readonly number[]): boolean =>
    (rule.bits === undefined || ((args[rule.bits.argument] ?? 0) & rule.bits.value) !== 0) &&
    (rule.when ?? []).every((part: Condition) =>
      part.among.includes(((args[part.argument] ?? 0) & (part.mask ?? 0xffff_ffff)) >>> 0),
    );
  const word = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(0x5412, 0x541c, 0x5423), fc.nat(0x7fff_ffff));
  fc.assert(
    fc.property(
      fc.constantFrom(...named),
      fc.tuple(word, word, word),
      fc.constantFrom(...architectures),
      (name, args, architecture) => {
        if (numberOf(name, architecture) === undefined) return;
        const want = rules.find((rule) => rule.calls.includes(name) && holds(rule, args))?.answer ?? "allow";
        assert.equal(call(architecture, name, ...args), want);
      },
    ),
  );
});

test("jumps beyond 255 instructions, both ways, and backwards never", () => {
  const filler: Statement[] = Array.from({ length: 400 }, () => ({ kind: "and", value: 0xffff_ffff }));
  const program = assemble([
    { kind: "load", offset: 0 },
    { kind: "branch", test: "equal", value: 7, yes: "near", no: "far" },
    { kind: "label", name: "near" },
    { kind: "answer", value: 1 },
    { kind: "branch", test: "equal", value: 7, yes: "far" },
    ...filler,
    { kind: "label", name: "far" },
    { kind: "branch", test: "equal", value: 8, no: "end" },
    { kind: "answer", value: 2 },
    ...filler,
    { kind: "label", name: "end" },
    { kind: "answer", value: 3 },
  ]);
  const run = (nr: number): number => {
    const data = Buffer.alloc(64);
    data.writeUInt32LE(nr, 0);
    return interpret(program, data);
  };
  assert.deepEqual([run(7), run(8), run(9)], [1, 2, 3]);
  assert.throws(
    () =>
      assemble([
        { kind: "label", name: "a" },
        { kind: "answer", value: 1 },
        { kind: "jump", to: "a" },
      ]),
    /backwards/,
  );
  assert.throws(() => assemble([{ kind: "jump", to: "nowhere" }]), /nowhere/);
});
