// DNS questions: what is read is exactly what stands on the wire, and every answer fits and echoes it.

import assert from "node:assert/strict";
import { type Asked, codes, parseQuestion, writeAnswer, writeFault } from "../../../src/gateway/names/message.ts";
import { parsePointer } from "../../../src/gateway/names/records.ts";
import { latin1, type Target } from "../target.ts";

const head = "\0\x07\x01\0\0\x01\0\0\0\0\0\0";
const opt = "\0\0\x29\x04\xd0\0\0\0\0\0\0";

/** Labels as they stand there, by a second reader. */
function labelsIn(wire: Buffer): Buffer[] {
  const labels: Buffer[] = [];
  for (let at = 0; wire[at] !== 0; at += 1 + (wire[at] ?? 0))
    labels.push(wire.subarray(at + 1, at + 1 + (wire[at] ?? 0)));
  return labels;
}

function unescape(name: string): Buffer {
  return latin1(name.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number(code))));
}

function check(bytes: Buffer, asked: Asked): string {
  if (asked.kind === "silence") {
    assert.ok(bytes.length < 12 || (bytes[2] ?? 0) >= 128, "silence toward a question");
    return "silence";
  }
  if (asked.kind === "fault") {
    const answer = writeFault(asked);
    assert.equal(answer.length, 12);
    assert.equal(answer.readUInt16BE(0), bytes.readUInt16BE(0));
    return `fault ${asked.code}`;
  }
  const { question } = asked;
  assert.deepEqual(
    [4, 6, 8].map((at) => bytes.readUInt16BE(at)),
    [1, 0, 0],
  );
  assert.ok(question.wire.equals(bytes.subarray(12, 12 + question.wire.length)));
  const labels = labelsIn(question.wire.subarray(0, -4));
  assert.ok(labels.every((label) => label.length < 64));
  assert.ok(question.wire.length - 4 <= 255);
  assert.deepEqual(question.name === "" ? [] : question.name.split(".").map(unescape), labels);
  for (const data of [[], [Buffer.alloc(16)], [Buffer.alloc(255)]]) {
    const answer = writeAnswer(question, { code: codes.ok, data, life: 30 });
    assert.ok(answer.length <= 1232);
    assert.ok(answer.subarray(12, 12 + question.wire.length).equals(question.wire));
    assert.equal(answer.readUInt16BE(6), data.length);
  }
  const pointed = parsePointer(question.name.toLowerCase());
  return `question ${[1, 12, 28, 255].includes(question.type)} ${question.class === 1} ${question.edns === undefined} ${Math.min(4, labels.length)} ${pointed === undefined}`;
}

export const target: Target = {
  seeds: [
    latin1(`${head}\x01a\x07example\0\0\x01\0\x01`),
    latin1(`${head.slice(0, 11)}\x01\x01a\x07example\0\0\x1c\0\x01${opt}`),
    latin1(`${head}\x011\x010\x0218\x03198\x07in-addr\x04arpa\0\0\x0c\0\x01`),
    latin1(
      `${head}${"\x010".repeat(16)}${"\x011\x010\x010\x010\x010\x017\x010\x010".repeat(2)}\x03ip6\x04arpa\0\0\x0c\0\x01`,
    ),
  ],
  words: ["\xc0\x0c", opt, "\x3f".padEnd(64, "a"), "\x07in-addr\x04arpa\0", "\0\0\xfa\0\xff\0\0\0\0\0\0"],
  longest: 600,
  run: (bytes) => check(bytes, parseQuestion(bytes)),
};
