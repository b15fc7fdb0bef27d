// The record's own formats, read by whoever verifies it: what is taken is written back octet for octet.

import assert from "node:assert/strict";
import { formatCheckpoint, parseCheckpoint } from "../../../src/ledger/checkpoint.ts";
import { parseLeaf, serialiseLeaf } from "../../../src/ledger/leaf.ts";
import { parseBase64, parseNote, parseVerifier } from "../../../src/ledger/note.ts";
import leaves from "../../../vectors/ledger/leaf.json" with { type: "json" };
import { latin1, type Target } from "../target.ts";

function check(bytes: Buffer): string {
  const rest = bytes.subarray(1);
  const text = rest.toString("utf8");
  if ((bytes[0] ?? 0) % 2 === 0) {
    const leaf = parseLeaf(rest);
    if (leaf === undefined) return "no leaf";
    assert.ok(serialiseLeaf(leaf)?.equals(rest), "two ways to write one leaf");
    return `leaf ${leaf.kind}`;
  }
  const [note, checkpoint] = [parseNote(text), parseCheckpoint(text)];
  if (note !== undefined) assert.ok(text.startsWith(note.text));
  if (checkpoint !== undefined) {
    assert.ok(note !== undefined);
    assert.ok(note.text.startsWith(formatCheckpoint(checkpoint)), "two ways to write one checkpoint");
  }
  const plain = parseBase64(text);
  if (plain !== undefined) assert.equal(plain.toString("base64"), text);
  return `${note?.signatures.length} ${checkpoint === undefined} ${parseVerifier(text) === undefined} ${plain === undefined}`;
}

const key = "a.example+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
export const target: Target = {
  seeds: [
    ...leaves.leaves.map(({ bytes }) => latin1(`\0${bytes}`)),
    latin1(
      `\x01${formatCheckpoint({ origin: "a.example/log", size: 5, root: Buffer.alloc(32, 7) })}\n\u2014 a.example AAAAAGFi\n`,
    ),
    Buffer.from(
      `\x01${formatCheckpoint({ origin: "a.example/log", size: 5, root: Buffer.alloc(32, 7) })}\n— a.example AAAAAGFiYw==\n`,
    ),
    latin1(`\x01${key}`),
    latin1("\x01aGVsbG8="),
  ],
  words: [Buffer.from("\n\n— b.example AAAAAGFi\n"), '"version":1,', "null", "1e3", "-0", "\\u0061", " ", "=", "007"],
  longest: 4096,
  run: check,
};
