// Six ways to hide a message in a text, each written for this test: found, and read. Ordinary writing of many scripts is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seekCovert } from "./seek.ts";

const cover =
  "The quick brown fox jumps over the lazy dog and then carries on across the open field, where nobody expects a fox to be at noon; \
some people say that experience explains it, others that the animal is simply optimistic about crops. ".repeat(3);

const bitsOf = (message: string): readonly number[] =>
  [...Buffer.from(message)].flatMap((octet) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (octet >> bit) & 1));

/** Each: a message and a text that others see → a text that looks the same. */
const encoders: Readonly<Record<string, (message: string) => string>> = {
  "tags (U+E0000)": (message) =>
    `${cover}${[...message].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("")}`,
  "variation selectors as octets": (message) =>
    `${cover}${[...Buffer.from(message)].map((octet) => String.fromCodePoint(octet < 16 ? 0xfe00 + octet : 0xe0100 + octet - 16)).join("")}`,
  "zero width in two kinds": (message) =>
    [...cover].map((letter, at) => letter + (["\u200b", "\u2060"][bitsOf(message)[at] ?? 9] ?? "")).join(""),
  "odd spaces": (message) => {
    const bits = [...bitsOf(message)];
    return cover.repeat(3).replaceAll(" ", () => (bits.shift() === 1 ? "\u2004" : " "));
  },
  "letters of another script": (message) => {
    const bits = [...bitsOf(message)];
    const other: Readonly<Record<string, string>> = { a: "а", c: "с", e: "е", o: "о", p: "р", x: "х", y: "у" };
    return [...cover]
      .map((letter) => (other[letter] !== undefined && bits.shift() === 1 ? other[letter] : letter))
      .join("");
  },
  "fillers in two kinds": (message) =>
    bitsOf(message)
      .map((bit) => `x${bit === 1 ? "\u3164" : "\uffa0"}`)
      .join(""),
};

for (const [how, encode] of Object.entries(encoders))
  test(`${how}: found, and what it can carry is bounded from above`, () => {
    const message = "repo=acme/pay";
    const hidden = encode(message);
    const hits = seekCovert(hidden);
    assert.equal(hits.length, 1, JSON.stringify(hits));
    const [hit] = hits;
    assert.ok((hit?.bits ?? 0) >= bitsOf(message).length * 0.85, `${hit?.bits} bits`);
    assert.ok((hit?.from ?? -1) >= 0 && (hit?.to ?? 0) <= hidden.length);
    // of letters, which of them take part is the sender's own choice
    if (how !== "letters of another script") assert.equal(hit?.decoded, message);
    assert.deepEqual(seekCovert(cover), []);
  });

test("what people write is no hiding: emoji, Arabic, Hindi, Chinese, French, Russian, Greek, code and boxes", () => {
  for (const text of [
    "👩‍👩‍👧‍👦 ❤️ 1️⃣ 🏳️‍🌈 👍🏽 ☎️",
    "می‌خواهم کتاب‌ها را ببینم",
    "क्‍ष और ज्ञ",
    "你好　世界，今天天气很好。",
    "« Bonjour ! » Il dit : 20 % — 3 000 €",
    "Привет, мир! Это обычный текст, API и JSON внутри.",
    "Η Αθήνα είναι ωραία, test και κώδικας",
    "const π = Math.PI; // ≤ ≥ → ✓ • … “quotes”",
    "┌─┐│└┘ ⠋⠙⠹ █▓",
    "\u001b[31mred\u001b[0m\ttab\r\n",
    "naïve café Ångström straße",
    "שלום\u200f world",
    "\ufeffa file with a mark",
  ])
    assert.deepEqual(seekCovert(text), [], text);
});

test("single unseen characters are found too", () => {
  for (const [text, kind] of [
    ["pass\u200bword", "zero-width"],
    ["if (admin\u202e) {", "bidi"],
    ["pаypal.com", "confusable"],
    ["ｐaypal", "confusable"],
    ["a\u00a0b", "space"],
    ["x\u0000y", "control"],
    ["a\ufe0fb", "variation"],
  ] as const)
    assert.deepEqual(
      seekCovert(text).map((hit) => hit.kind),
      [kind],
      JSON.stringify(text),
    );
});

test("the letter of an escape is none of the word behind it, and hides none in it", () => {
  for (const text of ["a\\nВозвращает\\tсумму", "\\bслово\\b", "C:\\nИван"]) assert.deepEqual(seekCovert(text), []);
  assert.deepEqual(seekCovert(JSON.stringify({ output: "# notes\n\nВозвращает сумму" })), []);
  for (const text of ["\\n\u0430pple", "\\\\nВозвращает", "n\u0430me", "\\nn\u0430me"])
    assert.deepEqual(
      seekCovert(text).map(({ kind }) => kind),
      ["confusable"],
      text,
    );
});

test("any text: no throw, places within it, bounded", () => {
  const unit = fc.oneof(
    fc.string({ unit: "binary", maxLength: 2 }),
    fc.constantFrom("\u200b", "\u200d", "\ud83d", "а", "a", " ", "\u2004"),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 80 }), (units) => {
      const text = units.join("");
      for (const { from, to, bits, count, decoded } of seekCovert(text)) {
        assert.ok(from >= 0 && to > from && to <= text.length && bits >= 1 && count >= 1);
        assert.ok(decoded === undefined || decoded.length <= 400);
      }
    }),
    { numRuns: 1_000 },
  );
});
