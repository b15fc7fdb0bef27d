// What is enough to name a file, and what is not; who has the lines where several could.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openFingerprints } from "./fingerprints.ts";
import { keyHashes } from "./keyed.ts";
import { leastOctets, slice } from "./limits.ts";
import { readLines } from "./lines.ts";
import { lookUp } from "./lookup.ts";
import { key, madeFile, madeLines } from "./made-source.ts";

const keyed = keyHashes(key);
const opened = (...files: readonly (readonly [path: string, lines: readonly string[]])[]) => {
  const index = openFingerprints({ key });
  for (const [path, lines] of files) index.put({ path, label: "", octets: Buffer.from(`${lines.join("\n")}\n`) });
  return index.reading();
};
const named = (reading: ReturnType<typeof opened>, text: string) =>
  lookUp(reading, text).found.map(({ file, lines }) => [file, ...lines]);

/** Hashes of the passages kept of a text, and its normalised octets. */
function keptOf(text: string): { hashes: Set<number>; size: number } {
  const { kept, size } = readLines(Buffer.from(text), keyed);
  return { hashes: new Set(kept.hashes.subarray(0, kept.count)), size };
}

test("one line in common is named where two passages of it are, and never for one", () => {
  const lines = madeFile(5, 1000).lines.map((line) => line.slice(0, 53));
  const reading = opened(["a.ts", lines]);
  const whole = keptOf(lines.join("\n")).hashes;
  let one = 0;
  let more = 0;
  for (const [at, line] of lines.entries()) {
    const { hashes, size } = keptOf(line);
    const shared = [...hashes].filter((hash) => whole.has(hash)).length;
    if (size < leastOctets) continue;
    assert.deepEqual(named(reading, line), shared < 2 ? [] : [["a.ts", [at + 1, at + 1]]], line);
    if (shared === 1) one += 1;
    if (shared > 1) more += 1;
  }
  assert.ok(one > 10 && more > 10, `${one} with one passage, ${more} with more`);
});

test("a file of one passage is named where all of it is there, whatever stands around it", () => {
  const lines = ["// vault", "const token = readSecret(vault);", "}"];
  const reading = opened(["secret.ts", lines], ["longer.ts", [...lines, ...madeLines(3, 20)]]);
  const text = `before it\n${lines.join("\n")}\nand after`;
  assert.equal(keptOf(lines.join("\n")).hashes.size < 3, true);
  assert.deepEqual(named(reading, text), [["secret.ts", [1, 3]]]);
  assert.deepEqual(named(opened(["longer.ts", [...lines, ...madeLines(3, 20)]]), text), []);
});

test("where a longer chain takes the lines that were proven, those that follow are still the other file's", () => {
  const a = madeLines(13, 60);
  const b = madeLines(14, 80);
  const reading = opened(["a.ts", a], ["b.ts", [...a.slice(0, 20), ...b]]);
  assert.deepEqual(named(reading, `${[...a.slice(0, 30), ...b].join("\n")}\n`), [
    ["a.ts", [21, 30]],
    ["b.ts", [1, 100]],
  ]);
});

test("where a longer copy takes a beginning, what goes on is still the other file's", () => {
  const a = madeLines(11, 60);
  const b = [...madeLines(12, 80), ...a.slice(0, 30)];
  const reading = opened(["a.ts", a], ["b.ts", b]);
  assert.deepEqual(named(reading, `${[...b, ...a.slice(30)].join("\n")}\n`), [
    ["a.ts", [31, 60]],
    ["b.ts", [1, 110]],
  ]);
});

test("a line that quotes lines is unescaped before it is said which they are", () => {
  const shared = 'reserveLedger(settleInvoice.balance, quoteMargin.hedge("berth-77"), branchAudit)';
  const lines = madeLines(21, 60).map((line, at) =>
    at === 24 ? `  early = ${shared};` : at === 28 ? `  const late = await ${shared} ?? none;` : line,
  );
  const reading = opened(["a.ts", lines]);
  const text = JSON.stringify({ content: `${lines.slice(28, 43).join("\n")}\n` });
  assert.deepEqual(named(reading, text), [["a.ts", [29, 43]]]);
});

test("blank lines a tool left out are the file's all the same; a line seen twice is said in its best way", () => {
  const all = madeLines(31, 60);
  const lines = all.slice(8, 43);
  const reading = opened(["a.ts", all]);
  const squeezed = lines.filter((line) => line !== "");
  const [most] = lookUp(reading, squeezed.join("\n")).found;
  assert.deepEqual([most?.lines, most?.ways.verbatim], [[[9, 43]], 35]);
  const renamed = lines.map((line) => line.replace("const ", "let other"));
  const [answer] = lookUp(reading, `${lines.join("\n")}\n\nand then\n\n${renamed.join("\n")}`).found;
  assert.deepEqual(answer?.ways, { verbatim: 35, normalised: 0, similar: 0 });
  assert.ok((lookUp(reading, renamed.join("\n")).found[0]?.ways.similar ?? 0) > 15);
});

test("a passage across the end of a text is as whole as one within: cut in a line, and between two", () => {
  const lines = madeLines(41, 60);
  const reading = opened(["a.ts", lines]);
  const text = lines.slice(9, 40).join("\n");
  for (const cut of [700, 733, 760, 790]) {
    const { carried } = lookUp(reading, text.slice(0, cut));
    const [second] = lookUp(reading, text.slice(cut), carried).found;
    assert.equal(second?.ways.similar, 0, `cut at ${cut}`);
  }
  let carried: Uint8Array | undefined;
  for (const line of lines.slice(9, 40)) {
    const answer = lookUp(reading, line, carried);
    carried = answer.carried;
    for (const { ways } of answer.found) assert.equal(ways.similar, 0, line);
  }
});

test("a few lines across the place where a long text is cut are found as anywhere", () => {
  const lines = madeLines(51, 40).map((line) => line.slice(4, 34));
  const reading = opened(["a.ts", lines]);
  const some = lines.slice(10, 14).join("\n");
  assert.deepEqual(named(reading, `x y\n${some}\nz`), [["a.ts", [11, 14]]]);
  for (let before = slice - some.length - 8; before < slice + 8; before += 4)
    assert.deepEqual(named(reading, `${"x y\n".repeat(before / 4)}${some}\nz`), [["a.ts", [11, 14]]], `${before}`);
});

test("a file with less than one passage is found whole and alone; below sixteen octets never", () => {
  const reading = opened([".npmrc", ["fund=false", "ci = Yes"]], ["on", ["on=true"]]);
  assert.deepEqual(named(reading, "fund=false\nci = Yes\n"), [[".npmrc", [1, 2]]]);
  const how = (text: string) => lookUp(reading, text).found[0]?.how;
  assert.deepEqual(["1\tfund=false\n2\tci = Yes", "fund=false\nCI=yes\n", "fund=false ci = Yes"].map(how), [
    "verbatim",
    "normalised",
    "normalised",
  ]);
  assert.deepEqual(named(reading, "so\nfund=false\nci = Yes\n"), []);
  assert.deepEqual(named(reading, "on=true\n"), []);
});

test("a file that says the same ten times leaves room for another that says it once", () => {
  const block = madeLines(61, 9).slice(1, 6);
  const often = Array.from({ length: 10 }, (_, at) => [...block, ...madeLines(62 + at, 9)]).flat();
  for (const [many, once] of [
    ["a.ts", "b.ts"],
    ["b.ts", "a.ts"],
  ] as const) {
    const reading = opened([many, often], [once, block]);
    const [answer, ...others] = lookUp(reading, block.join("\n")).found;
    const both = new Set([answer?.file, ...(answer?.also ?? []).map(({ file }) => file)]);
    assert.deepEqual([both, others], [new Set(["a.ts", "b.ts"]), []]);
  }
});

test("lines over and over in file and text cost in proportion to the text: no more looks at the shelf than are allowed", () => {
  // fewer passages than prove a find, and each at another distance than the one before
  const line = (madeLines(71, 6)[1] ?? "").trim().slice(0, 46);
  const file = Array.from({ length: 20_000 }, () => line);
  const reading = opened(["a.ts", file]);
  let looks = 0;
  const pieces = new Proxy(reading.pieces, {
    get: (all, name) => {
      looks += 1;
      return Reflect.get(all, name);
    },
  });
  const count = 15_000;
  const [answer] = lookUp({ ...reading, pieces }, `${line}\n`.repeat(count)).found;
  assert.ok((answer?.share ?? 0) > 0.2);
  assert.ok(looks > count && looks < count * 200, `${looks} for ${count} lines`);
});

test("a small file in fewer lines than it has: what was read before it says nothing of how they are written", () => {
  const lines = ["let a = 1;", "let b = 2;", "let c = 3;"];
  const reading = opened(["small.ts", lines]);
  const ways = (text: string) => lookUp(reading, text).found.map((one) => one.ways);
  assert.deepEqual(ways(`${lines.join("\n")}\n`), [{ verbatim: 3, normalised: 0, similar: 0 }]);
  assert.deepEqual(ways(lines.join(" ")), [{ verbatim: 0, normalised: 3, similar: 0 }]);
});
