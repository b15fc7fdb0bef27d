// The tree says what JSON.parse says, wherever it is valid and nowhere else; places are the octets' own.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readJson, readOn } from "./reader.ts";
import { type JsonTree, kind } from "./tree.ts";

function valueOf(tree: JsonTree, node = 0): unknown {
  const what = tree.kindOf(node);
  if (what === kind.string) return tree.textOf(node);
  if (what === kind.array) return [...tree.below(node)].map((each) => valueOf(tree, each));
  if (what !== kind.object) return JSON.parse(tree.bytes.toString("utf8", tree.fromOf(node), tree.toOf(node)));
  // not by assignment: `__proto__` is a key like any other
  return Object.fromEntries([...tree.below(node)].map((each) => [tree.keyOf(each), valueOf(tree, each)]));
}

function read(text: string | Buffer) {
  return readJson(Buffer.from(text));
}

function treeOf(text: string | Buffer): JsonTree {
  const done = read(text);
  return done.kind === "json" ? done.tree : assert.fail(`${text.toString()}: ${JSON.stringify(done)}`);
}

test("any value, however it is spaced, is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (text, indent) => {
      const value: unknown = JSON.parse(text);
      const spaced = JSON.stringify(value, undefined, indent);
      for (const one of [text, spaced, ` \r\n\t${spaced}\n`]) assert.deepEqual(valueOf(treeOf(one)), value);
    }),
    { numRuns: 500 },
  );
});

test("valid is what JSON.parse takes, and nothing else: octets of JSON changed by chance", () => {
  const piece = fc.constantFrom(
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "0",
    "-",
    ".",
    "e",
    "+",
    "t",
    "u",
    " ",
    "\n",
    "\u0001",
    "true",
    "é",
  );
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), piece, fc.nat(), fc.nat(3), (text, more, where, less) => {
      const at = where % (text.length + 1);
      const changed = text.slice(0, at) + more + text.slice(at + less);
      let expected: unknown;
      try {
        expected = { value: JSON.parse(changed) as unknown };
      } catch {
        expected = undefined;
      }
      const done = read(changed);
      assert.equal(done.kind === "json", expected !== undefined, JSON.stringify(changed));
    }),
    { numRuns: 3_000 },
  );
});

test("each string's place is its own octets, escapes and all", () => {
  const tree = treeOf('{"a\\u0062":"x\\n\\u00e9é","b":["",{"c":1}]}');
  const [text] = [tree.member(0, "ab")];
  assert.equal(tree.textOf(text ?? -1), "x\néé");
  const { from, to, escaped } = tree.placeOf(text ?? -1);
  assert.equal(tree.bytes.toString("utf8", from, to), "x\\n\\u00e9é");
  assert.ok(escaped);
  assert.equal(tree.stringIn(0, "nothing"), undefined);
  assert.equal(tree.stringIn(0, "b"), undefined);
});

test("what different readers read differently is objected to, with its place", () => {
  const objections = (text: string | Buffer) => treeOf(text).objections.map(({ what, offset }) => `${what} ${offset}`);
  assert.deepEqual(objections('{"a":1,"\\u0061":2}'), ["duplicate key 8"]);
  assert.deepEqual(objections('[{"a":1},{"a":2,"b":{"a":3}}]'), []);
  assert.deepEqual(objections(Buffer.from('"\xff"', "latin1")), ["invalid UTF-8 0"]);
  assert.deepEqual(objections('["\\ud83d\\ude00","\\ud83d","\\udc00x"]'), ["lone surrogate 17", "lone surrogate 26"]);
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, at]));
  assert.deepEqual(objections(JSON.stringify(many)), []);
  assert.deepEqual(objections(JSON.stringify(many).replace('"k39"', '"k\\u0030"')).length, 1);
});

test("depth and number of values are bounded", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(read(nested(128)).kind, "json");
  assert.deepEqual(read(nested(129)), { kind: "fault", what: "too deep", offset: 128 });
  const bounds = { depth: 4, nodes: 10 };
  assert.equal(readJson(Buffer.from(JSON.stringify(Array(9).fill(0))), { bounds }).kind, "json");
  assert.equal(readJson(Buffer.from(JSON.stringify(Array(10).fill(0))), { bounds }).kind, "fault");
});

test("a line of several is read by itself", () => {
  const lines = Buffer.from('{"a":1}\n{"b":"é"}\n');
  const end = lines.indexOf("\n");
  const second = readJson(lines, { from: end + 1 });
  assert.ok(second.kind === "json" && second.tree.stringIn(0, "b") === "é");
  assert.equal(readJson(lines, { from: 0, to: end }).kind, "json");
  assert.equal(readJson(lines).kind, "fault");
});

test("any octets: read or a fault, never a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const done = readJson(Buffer.from(octets));
      if (done.kind === "json") valueOf(done.tree);
    }),
    { numRuns: 2_000 },
  );
});

test("a body that begins as another one is read on from there, to the same tree", () => {
  const message = fc.record({ role: fc.constantFrom("user", "é"), content: fc.jsonValue({ maxDepth: 3 }) });
  const body = fc.record({
    model: fc.string(),
    messages: fc.array(message, { maxLength: 6 }),
    tools: fc.array(message, { maxLength: 3 }),
  });
  const all = (tree: JsonTree) =>
    Array.from({ length: tree.size }, (_, node) => [
      tree.kindOf(node),
      tree.placeOf(node),
      tree.afterOf(node),
      tree.keyOf(node),
    ]);
  fc.assert(
    fc.property(body, fc.array(message, { maxLength: 3 }), fc.nat(6), (first, more, kept) => {
      const second = { ...first, messages: [...first.messages.slice(0, kept), ...more] };
      const [before, after] = [first, second].map((value) => Buffer.from(JSON.stringify(value)));
      let common = 0;
      while (common < Math.min(before?.length ?? 0, after?.length ?? 0) && before?.[common] === after?.[common])
        common += 1;
      const done = readOn(after ?? assert.fail(), treeOf(before ?? assert.fail()), common);
      assert.ok(done.kind === "json");
      assert.deepEqual(all(done.tree), all(treeOf(after ?? assert.fail())));
      assert.deepEqual(done.tree.objections, treeOf(after ?? assert.fail()).objections);
      assert.ok(kept < 2 || first.messages.length < 2 || done.tree.known > 0);
    }),
    { numRuns: 1_000 },
  );
});

test("a number that goes on where both bodies are still the same is read as a whole", () => {
  for (const [one, other] of [
    ['{"a":[1,12', '{"a":[1,123]}'],
    ['{"a":1', '{"a":1.5e3,"b":[]}'],
    ['{"a":tru', '{"a":true}'],
  ] as const) {
    const before = treeOf(one.startsWith('{"a":t') ? '{"a":true}' : `${one}${one.includes("[") ? "]" : ""}}`);
    const done = readOn(Buffer.from(other), before, one.length);
    assert.deepEqual(done.kind === "json" && valueOf(done.tree), JSON.parse(other));
  }
});

test("what was objected to before stays objected to, and a key that comes again behind it is seen", () => {
  const before = treeOf('{"a":1,"a":2,"messages":[{"x":"\\ud83d"},{"y":1}]}');
  const text = '{"a":1,"a":2,"messages":[{"x":"\\ud83d"},{"z":1}],"messages":[]}';
  const done = readOn(Buffer.from(text), before, text.indexOf('{"z"'));
  assert.ok(done.kind === "json" && done.tree.known > 0);
  assert.deepEqual(done.tree.objections, treeOf(text).objections);
  assert.equal(done.tree.objections.length, 3);
});

test("octets that are no UTF-8 are objected to wherever they stand, in what is read on from or behind it", () => {
  const coded = (text: string) => Buffer.from(text, "latin1");
  const texts = ["a", "\xc3\xa9", "\xe9"];
  for (const first of texts)
    for (const second of texts)
      for (const third of texts) {
        const [one, two] = [second, third].map((last) => coded(`{"messages":[{"x":"${first}"},{"y":"${last}"}]}`));
        const [before, after] = [one ?? assert.fail(), two ?? assert.fail()];
        const done = readOn(after, treeOf(before), before.indexOf('"y":"') + 5);
        assert.ok(done.kind === "json" && done.tree.known > 0);
        assert.deepEqual(done.tree.objections, treeOf(after).objections);
        const again = readOn(after, done.tree, after.length);
        assert.deepEqual(again.kind === "json" && again.tree.objections, treeOf(after).objections);
      }
});
