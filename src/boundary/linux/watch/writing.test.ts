import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { architectures, numberOf } from "../seccomp/numbers.ts";
import { noticeBytes } from "./notice.ts";
import { actOfFlags, openWritings, writingCalls } from "./writing.ts";

/** struct seccomp_notif with these registers. */
function notice(nr: number, ...registers: bigint[]): Buffer {
  const bytes = Buffer.alloc(noticeBytes);
  bytes.writeBigUInt64LE(77n, 0);
  bytes.writeUInt32LE(4711, 8);
  bytes.writeInt32LE(nr, 16);
  for (const [index, value] of registers.entries()) bytes.writeBigInt64LE(BigInt.asIntN(64, value), 32 + 8 * index);
  return bytes;
}

const flags = { write: 1, both: 2, create: 0x40, alone: 0x80, truncate: 0x200, append: 0x400 } as const;

test("what an open does is told by its flags", () => {
  const cases: readonly (readonly [number, ReturnType<typeof actOfFlags>])[] = [
    [0, undefined],
    [flags.append, undefined],
    [flags.write, "write"],
    [flags.both | flags.append, "write"],
    [flags.truncate, "write"],
    [flags.write | flags.create | flags.truncate, "write"],
    [flags.write | flags.create | flags.alone, "make"],
    [flags.create, "make"],
  ];
  for (const [given, act] of cases) assert.equal(actOfFlags(given), act, String(given));
});

for (const architecture of architectures) {
  const read = openWritings(architecture);
  const high = 0xdead_beef_0000_0000n;

  test(`${architecture}: openat: a descriptor is an int, whatever stands above it`, () => {
    const nr = numberOf("openat", architecture) ?? -1;
    assert.deepEqual(read(notice(nr, high + 7n, 0x7fff_1234_5678n, high + 0x241n)), {
      id: 77n,
      thread: 4711,
      call: "openat",
      places: [{ descriptor: 7, address: 0x7fff_1234_5678n, act: "write" }],
    });
    assert.equal(read(notice(nr, high + 0xffff_ff9cn, 16n, 1n))?.places[0]?.descriptor, undefined);
  });

  test(`${architecture}: renameat2 is about two places`, () => {
    const rename = read(notice(numberOf("renameat2", architecture) ?? -1, 3n, 16n, 4n, 32n, 1n));
    assert.deepEqual(rename?.places, [
      { descriptor: 3, address: 16n, act: "remove" },
      { descriptor: 4, address: 32n, act: "replace" },
    ]);
  });

  test(`${architecture}: other calls are none of these`, () => {
    const known = new Set(writingCalls.map(({ call }) => numberOf(call, architecture)));
    for (let nr = 0; nr < 600; nr += 1) assert.equal(read(notice(nr)) !== undefined, known.has(nr), String(nr));
  });
}

test("any registers are read", () => {
  const register = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const numbers = writingCalls.map(({ call }) => numberOf(call, "x64") ?? -1);
  fc.assert(
    fc.property(fc.constantFrom(...numbers), fc.array(register, { minLength: 6, maxLength: 6 }), (nr, registers) => {
      for (const { address, descriptor } of openWritings("x64")(notice(nr, ...registers))?.places ?? [])
        assert.ok(registers.includes(address) && (descriptor === undefined || Number.isInteger(descriptor)));
    }),
  );
});
