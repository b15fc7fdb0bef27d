// Sentences of a template that choose: told from the second change on; what is edited once, differs by nature or changes its words is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Role, Span } from "../../domain/span.ts";
import { openDriftSeeker } from "./drift.ts";
import { sentencesIn } from "./sentence.ts";

const span = (text: string, role: Role = "system", path = "system[0].text"): Span => ({
  role,
  kind: "text",
  place: { from: 0, to: text.length, escaped: false },
  text,
  path,
  fixed: false,
});

const bitsAfter = (texts: readonly string[], role: Role = "system"): readonly number[] => {
  const drift = openDriftSeeker();
  return texts.map((text) => drift.look([span(text, role)]).reduce((sum, { seen }) => sum + (seen.bits ?? 0), 0));
};

const choosing: Readonly<Record<string, (bit: number, day: number) => string>> = {
  apostrophes: (bit, day) => `Today${bit === 1 ? "\u2019" : "\u0027"}s date is 2026-11-${10 + day}.`,
  "two spellings of a date": (bit, day) =>
    `Today is ${bit === 1 ? `2026-11-${10 + day}` : `2026/11/${10 + day}`}, a good day.`,
  "a date in words": (bit, day) =>
    `Today is ${bit === 1 ? `Nov ${10 + day}, 2026` : `November ${10 + day}, 2026`}, a good day.`,
  dashes: (bit) => `You are an agent ${bit === 1 ? "\u2014" : "-"} be brief`,
  "a second space": (bit) => `You are an agent.${bit === 1 ? "  " : " "}Be brief`,
  capitals: (bit) => `You are ${bit === 1 ? "An" : "an"} agent, be brief`,
};

for (const [name, write] of Object.entries(choosing))
  test(`${name}: found in the third request, not before, and not when edited once`, () => {
    const [first, second, third] = bitsAfter([0, 1, 0].map(write));
    assert.deepEqual([first, second], [0, 0]);
    assert.ok((third ?? 0) >= 1, `${third}`);
    assert.deepEqual(bitsAfter([0, 0, 1, 1, 1].map(write)), [0, 0, 0, 0, 0]);
  });

test("what changes its words, numbers or lines, and what a person or a model says, is no template", () => {
  const words = ["main", "feature/it's", "it’s-another"].map((branch) => `The branch is ${branch} and nothing else.`);
  assert.deepEqual(bitsAfter(words), [0, 0, 0]);
  const listing = [1, 2, 3].map(
    (last) => `Files here are:\n- it's one file.txt\n- it’s one file.txt\n- number ${last} of them`,
  );
  assert.deepEqual(bitsAfter(listing), [0, 0, 0]);
  const said = [0, 1, 0].map((bit) => `Don${bit === 1 ? "\u2019" : "\u0027"}t do that, please.`);
  for (const role of ["person", "assistant", "result"] as const) assert.deepEqual(bitsAfter(said, role), [0, 0, 0]);
});

test("two templates at one place are two, as helpers of an agent have them", () => {
  const main = "You are the main agent.\nDon\u0027t write too much.\nToday\u0027s date is 2026-11-10.";
  const helper = "You are a helper that reads.\nNever write any file here.\nToday\u2019s date is 2026-11-10.";
  assert.deepEqual(bitsAfter([main, helper, main, helper, main, helper]), [0, 0, 0, 0, 0, 0]);
});

test("a history that is sent again chooses nothing; a new choice at the end of it does", () => {
  const drift = openDriftSeeker();
  const line = (bit: number, nth: number): Span =>
    span(
      `Today${bit === 1 ? "\u2019" : "\u0027"}s date is 2026-11-10.`,
      "scaffold",
      `messages[${nth}].content[0].text`,
    );
  const history = [line(0, 0), line(1, 2), line(0, 4)];
  const found = [1, 2, 2, 2, 3].map((size) => drift.look(history.slice(0, size)).length);
  assert.deepEqual(found, [0, 0, 0, 0, 1]);
});

test("a choice made between two conversations, each of which sends the same again, is made each time", () => {
  const drift = openDriftSeeker();
  const [straight, curly] = ["\u0027", "\u2019"].map((sign) => span(`Today${sign}s date is 2026-11-10.`));
  assert.ok(straight !== undefined && curly !== undefined);
  const looked = Array.from({ length: 4 }, () => [drift.look([straight], "one"), drift.look([curly], "two")].flat());
  assert.deepEqual(
    looked.map((found) => found.length > 0),
    [false, true, true, true],
  );
});

test("any text: sentences within it, and no throw", () => {
  const part = fc.constantFrom(
    "a b ",
    "'",
    "\u2019",
    "\n",
    "2026-01-01",
    "Nov 3, 2026",
    "  ",
    "\u00a0",
    "\u2026",
    "...",
    "é",
    "\ud83d",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), fc.array(part, { maxLength: 60 }), (one, other) => {
      const texts = [one.join(""), other.join(""), one.join("")];
      for (const text of texts)
        for (const { from, to } of sentencesIn(text)) assert.ok(from >= 0 && to <= text.length && from < to);
      for (const bits of bitsAfter(texts)) assert.ok(Number.isFinite(bits) && bits >= 0);
    }),
    { numRuns: 300 },
  );
});
