import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import vectors from "../../../vectors/gateway/questions.json" with { type: "json" };
import { writeQuestion } from "../rehearsal.ts";
import { parseQuestion, writeAnswer } from "./message.ts";

interface Case {
  readonly name: string;
  readonly hex: string;
  readonly kind: string;
  readonly asked?: string;
  readonly code?: number;
}
const cases: readonly Case[] = vectors.cases;

for (const { name, hex, kind, asked, code } of cases) {
  test(`question: ${name}`, () => {
    const parsed = parseQuestion(Buffer.from(hex.replace(/\s/g, ""), "hex"));
    assert.equal(parsed.kind, kind);
    if (parsed.kind === "question") assert.equal(parsed.question.name, asked);
    if (parsed.kind === "fault") assert.equal(parsed.code, code);
  });
}

test("a name of 300 labels, or over 255 octets, is no question", () => {
  assert.equal(parseQuestion(writeQuestion(Array(300).fill("a").join("."), 1)).kind, "fault");
  assert.equal(parseQuestion(writeQuestion(Array(4).fill("a".repeat(63)).join("."), 1)).kind, "fault");
  assert.equal(parseQuestion(writeQuestion(Array(127).fill("a").join("."), 1)).kind, "question");
});

const anyBytes = fc.uint8Array({ maxLength: 300 });
const nearly = fc
  .tuple(fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 255 })), { maxLength: 4 }), fc.domain())
  .map(([edits, domain]) => {
    const bytes = Buffer.from(writeQuestion(domain, 1));
    for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
    return bytes;
  });

test("no bytes make the parser throw, and every answer repeats the question within 512 octets", () => {
  fc.assert(
    fc.property(fc.oneof(anyBytes, nearly), (bytes) => {
      const asked = parseQuestion(Buffer.from(bytes));
      if (asked.kind !== "question") return;
      const answer = writeAnswer(asked.question, { code: 0, data: [Buffer.alloc(16)], life: 30 });
      assert.ok(answer.length <= 512);
      assert.ok(answer.subarray(12).indexOf(asked.question.wire) === 0);
      assert.equal(answer.readUInt16BE(0), Buffer.from(bytes).readUInt16BE(0));
    }),
    { numRuns: 2000 },
  );
});
