import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { architectures, numberOf } from "../seccomp/numbers.ts";
import { noticeBytes, parseNotice, writeReply } from "./notice.ts";

/** struct seccomp_notif with these registers. */
function notice(nr: number, ...registers: bigint[]): Buffer {
  const bytes = Buffer.alloc(noticeBytes);
  bytes.writeBigUInt64LE(77n, 0);
  bytes.writeUInt32LE(4711, 8);
  bytes.writeInt32LE(nr, 16);
  for (const [index, value] of registers.entries()) bytes.writeBigInt64LE(BigInt.asIntN(64, value), 32 + 8 * index);
  return bytes;
}

for (const architecture of architectures) {
  const [execve = -1, execveat = -1] = [numberOf("execve", architecture), numberOf("execveat", architecture)];

  test(`${architecture}: execve`, () => {
    assert.deepEqual(parseNotice(notice(execve, 0x7fff_1234_5678n, 0x5555_0000_1000n, 1n), architecture), {
      id: 77n,
      thread: 4711,
      path: 0x7fff_1234_5678n,
      arguments: 0x5555_0000_1000n,
      descriptor: undefined,
      itself: false,
      trying: false,
    });
  });

  test(`${architecture}: execveat: descriptor and flags are ints, whatever stands above them`, () => {
    const parse = (...registers: bigint[]) => parseNotice(notice(execveat, ...registers), architecture);
    const high = 0xdead_beef_0000_0000n;
    assert.partialDeepStrictEqual(parse(high + 7n, 16n, 32n, 48n, high + 0x1000n), {
      path: 16n,
      arguments: 32n,
      descriptor: 7,
      itself: true,
      trying: false,
    });
    assert.equal(parse(high + 0xffff_ff9cn, 16n, 32n, 48n, 0n).descriptor, undefined);
    assert.equal(parse(-100n, 16n, 32n, 48n, 0x1_0000n).trying, true);
  });
}

test("any registers are read", () => {
  const register = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(fc.array(register, { minLength: 6, maxLength: 6 }), (registers) => {
      const { path, arguments: list } = parseNotice(notice(322, ...registers), "x64");
      assert.deepEqual([path, list], [registers[1], registers[2]], "to the last bit");
    }),
  );
});

test("a reply goes on without an error, and is one otherwise", () => {
  const read = (errno: number) => {
    const reply = writeReply(77n, errno);
    return [reply.readBigUInt64LE(0), reply.readInt32LE(16), reply.readUInt32LE(20)];
  };
  assert.deepEqual(read(0), [77n, 0, 1]);
  assert.deepEqual(read(13), [77n, -13, 0]);
});
