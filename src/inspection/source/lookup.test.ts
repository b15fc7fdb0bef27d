import assert from "node:assert/strict";
import { test } from "node:test";
import { openFingerprints } from "./fingerprints.ts";
import { lookUp } from "./lookup.ts";
import { key, madeFile, madeLines } from "./made-source.ts";
import { draws, mutations } from "./mutations.ts";

const files = Array.from({ length: 30 }, (_, seed) => madeFile(seed, 80));
const index = openFingerprints({ key });
for (const file of files) index.put(file);
const reading = index.reading();
const found = (text: string) => lookUp(reading, text).found;
const named = (text: string) => found(text).map(({ file, lines }) => [file, ...lines]);
const [first, second] = files;
assert.ok(first !== undefined && second !== undefined);

/** Of these, some lines are there in part only. */
const partly = new Set(["one line", "renamed"]);
for (const mutation of mutations.filter(({ name }) => !partly.has(name)))
  test(`exactly the lines, ${mutation.name}`, () => {
    const draw = draws(1);
    for (const file of files)
      for (const count of [5, 12, 40]) {
        const from = draw(file.lines.length - count);
        const lines = file.lines.slice(from, from + count);
        const text = mutation.change(lines, { from: from + 1, path: file.path, draw });
        assert.deepEqual(named(text), [[file.path, [from + 1, from + count]]], text);
        const [only] = found(text);
        const written = /tabs|indented/.test(mutation.name) ? "normalised" : "verbatim";
        assert.equal(only?.how, written);
        assert.equal(only?.label, file.label);
        assert.equal(only?.count, count);
        assert.equal(only?.share, count / file.lines.length);
      }
  });

for (const mutation of mutations.filter(({ name }) => partly.has(name)))
  test(`most of the lines and no other file, ${mutation.name}`, () => {
    const draw = draws(2);
    let lines = 0;
    let met = 0;
    for (const file of files) {
      const text = mutation.change(file.lines.slice(10, 50), { from: 11, path: file.path, draw });
      const answer = found(text);
      assert.deepEqual(
        answer.map((each) => each.file),
        [file.path],
      );
      for (const [from, to] of answer[0]?.lines ?? []) {
        assert.ok(from >= 11 && to <= 50);
        met += to - from + 1;
      }
      lines += 40;
      assert.ok((answer[0]?.ways.similar ?? 0) > 0, "said to be alike only in part");
    }
    assert.ok(met / lines >= 0.8, `${met} of ${lines}`);
  });

test("a file read whole is named whole, with the blank and short lines at its ends", () => {
  const lines = ["", "// so", "", ...first.lines, "", "}", ""];
  const whole = openFingerprints({ key });
  whole.put({ path: "whole.ts", label: "internal", octets: Buffer.from(lines.join("\n")) });
  for (const text of [lines.join("\n"), `before\n${lines.slice(1, -1).join("\n")}\nafter`]) {
    const [answer] = lookUp(whole.reading(), text).found;
    assert.deepEqual([answer?.lines, answer?.share], [[[1, lines.length - 1]], 1]);
  }
});

test("blank lines at the ends are the file's where they are numbered, or the text ends with them, and else not", () => {
  const lines = first.lines.slice(7, 17);
  assert.deepEqual([lines[0], lines.at(-1)], ["", ""]);
  const numbered = lines.map((line, at) => `${at + 8}\t${line}`).join("\n");
  for (const text of [
    numbered,
    `so:\n${numbered}\n\nand then`,
    lines.join("\n"),
    JSON.stringify({ a: `${lines.join("\n")}\n` }),
  ])
    assert.deepEqual(named(`${text}\n`), [[first.path, [8, 17]]], text);
  for (const text of [`so:\n${lines.join("\n")}\nand then`, `so:\n${lines.slice(1, -1).join("\n")}\n\n\nand then`])
    assert.deepEqual(named(text), [[first.path, [9, 16]]], text);
});

test("how a line is there: as it is, but for white space and case, or with other names", () => {
  const lines = first.lines.slice(9, 13);
  const how = (text: string) => found(text).map((answer) => [answer.how, answer.ways]);
  const four = (way: string) => [[way, { verbatim: 0, normalised: 0, similar: 0, [way]: 4 }]];
  assert.deepEqual(how(lines.join("\n")), four("verbatim"));
  assert.deepEqual(how(lines.join("\r\n")), four("verbatim"));
  assert.deepEqual(how(lines.join("\n").toUpperCase()), four("normalised"));
  assert.deepEqual(how(lines.map((line) => line.replace(" = ", "=")).join("\n"))[0]?.[0], "normalised");
  const renamed = first.lines
    .slice(9, 33)
    .map((line, at) => (at % 3 === 1 ? line.replace("const ", "let other") : line));
  const [[way, ways] = []] = how(renamed.join("\n"));
  assert.equal(way, "verbatim");
  const changed = renamed.filter((line, at) => line !== first.lines[9 + at]).length;
  assert.deepEqual(ways, { verbatim: 24 - changed, normalised: 0, similar: changed });
});

test("lines between two finds: what was changed is taken in, what was left out is not", () => {
  const lines = first.lines.slice(20, 60);
  const other = "    something else, and long enough to be told from it";
  const changed = lines.map((line, at) => (at === 20 || at === 21 ? other : line)).join("\n");
  assert.deepEqual(named(changed), [[first.path, [21, 60]]]);
  const leftOut = [...lines.slice(0, 21), ...lines.slice(24)].join("\n");
  assert.deepEqual(named(leftOut), [[first.path, [21, 41], [45, 60]]]);
});

test("several files in one text, each with its own lines; a text of none is of none", () => {
  const text = `${first.lines.slice(3, 20).join("\n")}\nand then\n${second.lines.slice(30, 45).join("\n")}\n`;
  assert.deepEqual(named(text), [
    [first.path, [4, 20]],
    [second.path, [31, 45]],
  ]);
  assert.deepEqual(named(madeLines(999, 2000).join("\n")), []);
  assert.deepEqual(named(""), []);
});

test("short and common lines say nothing by themselves, nor one line that many have", () => {
  const one = first.lines[1] ?? "";
  for (const text of ["}\n}\n\n}\n", "import x\n", one.slice(0, 40), "  }\n\n".repeat(1000)])
    assert.deepEqual(named(text), []);
});

test("what many files share is the one's that goes on, and where none does both are named", () => {
  const head = madeLines(500, 20).join("\n");
  const shared = openFingerprints({ key });
  for (const [at, file] of files.slice(0, 4).entries())
    shared.put({
      ...file,
      octets: Buffer.from(`${head}\n${at < 2 ? first.lines.join("\n") : file.lines.join("\n")}\n`),
    });
  const look = (text: string) =>
    lookUp(shared.reading(), text).found.map(({ file, lines, also }) => [file, lines, also.map((other) => other.file)]);
  const third = files[2];
  assert.ok(third !== undefined);
  assert.deepEqual(look(`${head}\n${third.lines.join("\n")}\n`), [[third.path, [[1, 100]], []]]);
  assert.deepEqual(look(`${head}\n${first.lines.join("\n")}\n`), [[first.path, [[1, 100]], [second.path]]]);
});

test("what everybody has is no evidence, declared before or after; the lines beside it are", () => {
  const common = madeLines(600, 40);
  const file = { ...first, octets: Buffer.from([...common, ...first.lines].join("\n")) };
  for (const before of [true, false]) {
    const some = openFingerprints({ key });
    if (before) some.declarePublic(Buffer.from(common.join("\n")));
    some.put(file);
    if (!before) some.declarePublic(Buffer.from(common.join("\n")));
    const look = (text: string) => lookUp(some.reading(), text).found.map(({ lines }) => lines);
    assert.deepEqual(look(common.join("\n")), []);
    assert.deepEqual(look(first.lines.join("\n")), [[[41, 119]]]);
    assert.deepEqual(look([...common, ...first.lines].join("\n")), [[[1, 119]]], "read whole");
  }
});

/** The lines named when a text comes in pieces. */
function linesOf(pieces: readonly string[], path: string): Set<number> {
  const lines = new Set<number>();
  let carried: Uint8Array | undefined;
  for (const piece of pieces) {
    const answer = lookUp(reading, piece, carried);
    carried = answer.carried;
    assert.ok(carried.length <= 512);
    for (const { file, lines: ranges } of answer.found) {
      assert.equal(file, path);
      for (const line of ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at)))
        lines.add(line);
    }
  }
  return lines;
}

test("a passage that goes on in the next text of the message, within a line or with the next", () => {
  const text = `${first.lines.join("\n")}\n`;
  for (const size of [20, 57, 300, 1500]) {
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      text.slice(at * size, at * size + size),
    );
    const lines = linesOf(pieces, first.path);
    assert.ok(lines.size >= 76, `${lines.size} of 80 in pieces of ${size}`);
  }
  const lines = linesOf(first.lines, first.path);
  assert.ok(lines.size >= 76, `${lines.size} of 80, line by line`);
});

test("a small file is found where it is given whole and alone, and missed inside another text", () => {
  const small = openFingerprints({ key });
  small.put({ path: ".npmrc", label: "restricted", octets: Buffer.from("save-exact=true\nfund=false\n") });
  const look = (text: string) => lookUp(small.reading(), text).found.map(({ file, share }) => [file, share]);
  assert.deepEqual(look("save-exact=true\nfund=false\n"), [[".npmrc", 1]]);
  assert.deepEqual(look("     1\tsave-exact=true\n     2\tfund=false"), [[".npmrc", 1]]);
  assert.deepEqual(look("it says\nsave-exact=true\nfund=false\n"), []);
});
