// However a text is cut, what comes out is the text with every whole placeholder given back; nothing else is changed or kept.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { openPlaceholders } from "./placeholders.ts";
import { openRestorer } from "./restore.ts";

const key = Buffer.alloc(32, 7);
const made = () => openPlaceholders((text) => createHmac("sha256", key).update(text).digest());

const known = made();
const [first, second] = [known.of('hunter2 "quoted"', "password"), known.of("AKIA0123456789", "aws-key")];

/** All at once: the same rule, said another way. */
const whole = (text: string): string => text.replace(/[A-Za-z0-9_]+/g, (word) => known.all.get(word) ?? word);

function inPieces(text: string, places: readonly number[]): readonly string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, at) => text.slice(at === 0 ? 0 : ends[at - 1], end));
}

function restore(pieces: readonly string[]): string {
  const restorer = openRestorer(known.all, "plain");
  return pieces.map((piece) => restorer.push(piece)).join("") + restorer.end();
}

test("the same secret of the same kind is the same placeholder, in every session's own way", () => {
  assert.equal(made().of("x", "token"), made().of("x", "token"));
  assert.notEqual(made().of("x", "token"), made().of("y", "token"));
  const other = openPlaceholders((text) => createHmac("sha256", "another").update(text).digest());
  assert.notEqual(other.of("x", "token"), made().of("x", "token"));
  assert.match(first, /^PSTN_PASSWORD_[A-Z2-7]{16}$/);
});

test("20,000 texts in random pieces: what goes in comes out, restored", () => {
  const piece = fc.constantFrom(
    first,
    second,
    first.slice(0, 9),
    second.slice(3),
    "PSTN_",
    "_",
    " ",
    "\n",
    "x",
    "é",
    "🌹",
    "=",
    '"',
    "9",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.array(fc.nat(), { maxLength: 10 }), (pieces, places) => {
      const text = pieces.join("");
      assert.equal(restore(inPieces(text, places)), whole(text));
    }),
    { numRuns: 20_000 },
  );
});

test("20,000 strings of JSON in random pieces: the value that is read is the text restored", () => {
  const piece = fc.constantFrom(
    first,
    second,
    first.slice(0, 9),
    "PSTN_",
    " ",
    "\n",
    "\t",
    "\\",
    "n",
    "x",
    "é",
    "\u0001",
    '"',
    "u0041",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.array(fc.nat(), { maxLength: 10 }), (pieces, places) => {
      const text = pieces.join("");
      const restorer = openRestorer(known.all, "json");
      const json =
        inPieces(JSON.stringify({ text }), places)
          .map((part) => restorer.push(part))
          .join("") + restorer.end();
      assert.deepEqual(JSON.parse(json), { text: whole(text) });
    }),
    { numRuns: 20_000 },
  );
});

test("only what could be one is held back, and no longer than until it is none", () => {
  const restorer = openRestorer(known.all, "plain");
  assert.equal(restorer.push("plain text, "), "plain text, ");
  assert.equal(restorer.push(first.slice(0, 8)), "");
  assert.equal(restorer.push("!"), `${first.slice(0, 8)}!`);
  assert.equal(restorer.push(first), "");
  assert.equal(restorer.push(")"), 'hunter2 "quoted")');
  assert.equal(restorer.restored(), 1);
});

test("within a longer word it stays: nothing can be learnt by cutting or joining them", () => {
  for (const text of [`x${first}`, `${first}x`, `${first}${second}`, `${first}_`, first.slice(1), first.toLowerCase()])
    assert.equal(restore([text]), text);
});

test("an escape is the letter it stands for", () => {
  for (const [before, isWhole] of [
    ["\\u0041", false],
    ["\\u005f", false],
    ["\\u002d", true],
    ["\\n", true],
  ] as const) {
    const restorer = openRestorer(known.all, "json");
    const text = restorer.push(`"${before}${second}"`) + restorer.end();
    assert.equal(text.includes(second), !isWhole, before);
  }
});

test("a value is written as its place asks for", () => {
  const restorer = openRestorer(known.all, "json");
  const text = restorer.push(`{"a":"${first}"}`) + restorer.end();
  assert.deepEqual(JSON.parse(text), { a: 'hunter2 "quoted"' });
});
