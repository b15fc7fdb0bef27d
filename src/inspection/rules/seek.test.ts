import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { positives } from "./examples/positives.ts";
import { openRandom } from "./examples/random.ts";
import { maxHits, maxMatches, ownWidth, pieceLength } from "./limits.ts";
import { of } from "./make.ts";
import { ownRules } from "./own.ts";
import type { ForeignRule, Hit } from "./rule.ts";
import { openRules } from "./seek.ts";

const seek = openRules(ownRules);
const examples = positives(11, ownRules.length);
const example = fc.constantFrom(...examples);

function foreign(more: Partial<ForeignRule> & { readonly pattern: string }): ForeignRule {
  return {
    id: "theirs",
    what: "",
    keywords: [],
    group: undefined,
    entropy: 0,
    allowed: () => false,
    sure: "format",
    ...more,
  };
}

const marks = ownRules.flatMap(({ keywords }) => keywords);
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(...marks),
    fc.string({ unit: "binary" }),
    example.map(({ text }) => text),
  ),
  {
    maxLength: 12,
  },
);

test("whatever the text: no throw, hits within it, in order, no two the same", () => {
  const theirs = foreign({ pattern: "(?i)[a-z]{3,9}_([a-z0-9]{4,})", keywords: ["_"] });
  const both = openRules(ownRules, [theirs]);
  fc.assert(
    fc.property(hostile, (parts) => {
      const text = parts.join("");
      const hits = both(text);
      let last = 0;
      for (const { from, to } of hits) {
        assert.ok(from >= last && from < to && to <= text.length);
        last = from;
      }
      assert.equal(new Set(hits.map(({ rule, from, to }) => `${rule} ${from} ${to}`)).size, hits.length);
    }),
    { numRuns: 400 },
  );
});

test("what is farther than the widest match does not change a hit", () => {
  const far = "\n".repeat(ownWidth + 2);
  const seen = (hits: readonly Hit[], offset: number) =>
    hits.map((hit) => [hit.rule, hit.from - offset, hit.to - offset, hit.sure]);
  fc.assert(
    fc.property(example, fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), ({ text }, before, after) => {
      const alone = seek(`${far}${text}${far}`);
      const offset = before.length;
      const among = seek(`${before}${far}${text}${far}${after}`);
      const inside = among.filter(
        (hit) => hit.from >= offset + far.length && hit.to <= offset + far.length + text.length,
      );
      assert.deepEqual(seen(inside, offset), seen(alone, 0));
    }),
    { numRuns: 150 },
  );
});

test("a secret is found behind an escape, and not within a word", () => {
  const token = of("A")("a-token", "token", "abc_[0-9a-z]{20}");
  const look = openRules([token]);
  const secret = `abc_${openRandom(1).fill("{a20}")}`;
  for (const before of ["", " ", '"', "\\n", "\\t", "_", "=", "é"])
    assert.equal(look(`${before}${secret}`)[0]?.from, before.length, before);
  for (const [before, after] of [
    ["x", ""],
    ["9", ""],
    ["", "x"],
    ["", "_"],
    ["\\\\".slice(1) === "\\" ? "nn" : "", ""],
  ] as const)
    assert.deepEqual(look(`${before}${secret}${after}`), [], before + after);
});

test("of a secret that stands after another of its kind, both are told", () => {
  const [one, two] = positives(4, 1).slice(0, 2);
  assert.ok(one !== undefined && two !== undefined);
  const text = `${one.text}\n${two.text}\n${one.text}`;
  assert.deepEqual(
    seek(text).map(({ rule }) => rule),
    [one.rule, two.rule, one.rule],
  );
});

test("a text gives no more hits than the bound, and says from where on nobody looked", () => {
  const random = openRandom(2);
  const line = () => random.fill("dop_v1_{h64}\n");
  const exactly = Array.from({ length: maxHits }, line).join("");
  assert.equal(seek(exactly).length, maxHits);
  assert.equal(seek(exactly).at(-1)?.unread, undefined);
  const text = exactly + line() + line();
  const over = seek(text);
  assert.equal(over.length, maxHits + 1);
  assert.deepEqual(over.at(-1), {
    rule: "digitalocean-token",
    from: exactly.length,
    to: text.length,
    sure: "format",
    unread: true,
  });
});

test("others' rules: bounded too, whether their matches are kept or not", () => {
  const text = "key=aaaa1111\n".repeat(maxMatches + 5);
  const kept = openRules([], [foreign({ pattern: "key=([a-z0-9]+)", keywords: ["key"] })])(text);
  const end = { rule: "theirs", from: 13 * maxMatches, to: text.length, sure: "format", unread: true };
  assert.equal(kept.length, maxMatches + 1);
  assert.deepEqual(kept.at(-1), end);
  const dropped = openRules(
    [],
    [foreign({ pattern: "key=([a-z0-9]+)", keywords: ["key"], allowed: ({ secret }) => secret === "aaaa1111" })],
  );
  // the secret behind a flood of what is let pass is not found, and that is told
  const flood = `${text}key=bbbb2222\n`;
  assert.deepEqual(dropped(flood), [{ ...end, to: flood.length }]);
});

test("a single line of ten million is one line like any other", () => {
  const filler = "minified=function(a,b){return a.token===b.key};".repeat(110_000);
  const { text, rule } = examples[40] ?? assert.fail("no example");
  const line = `${filler}${text.replaceAll("\n", " ")}${filler}`.replaceAll("\n", " ");
  assert.ok(line.length > 10_000_000 && !line.includes("\n"));
  const hits = seek(line);
  assert.deepEqual(
    hits.map((hit) => hit.rule),
    [rule],
  );
  assert.ok((hits[0]?.from ?? 0) >= filler.length);
});

test("others' matches are found wherever the pieces are cut that a long text is read in, once each", () => {
  const secret = `zz${openRandom(9).of("0123456789abcdef", 30)}zz`;
  const look = openRules([], [foreign({ pattern: "zz[a-z0-9]{30}zz", keywords: ["zz"] })]);
  const filler = "zz ".repeat(40_000);
  for (let length = 2 * pieceLength - 200; length < 2 * pieceLength + 40; length += 13) {
    const text = `${filler.slice(0, length)} ${secret} ${filler}`;
    assert.deepEqual(
      look(text).map(({ from, to }) => [from, text.slice(from, to)]),
      [[length + 1, secret]],
    );
  }
});

test("a match of others' that begins at a cut is not taken for one that begins a text", () => {
  const look = openRules(
    [],
    [
      foreign({ pattern: "^[a-z]{4}", keywords: ["kkkk"] }),
      foreign({ id: "end", pattern: "[a-z]{4}$", keywords: ["kkkk"] }),
    ],
  );
  const text = `${"x".repeat(20_000)}kkkk${"y".repeat(20_000)}`;
  assert.deepEqual(look(text), []);
  assert.deepEqual(
    look("kkkk")
      .map(({ rule }) => rule)
      .toSorted(),
    ["end", "theirs"],
  );
});
