// An index that is filled at once against one into which the same files came one after the other, as octets.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Filling, fillStore } from "./fill.ts";
import { type FilledStore, openFingerprints, openStore, type SourceFile, type SourceIndex } from "./fingerprints.ts";
import { keyHashes } from "./keyed.ts";
import { sharers } from "./limits.ts";
import { lookUp } from "./lookup.ts";
import { madeLines } from "./made-source.ts";
import { sortPairs } from "./pairs.ts";
import { type PublicPrint, printOf, publicPrintOf } from "./print.ts";
import { ownerOf } from "./shelf.ts";
import { collectLines } from "./table.ts";

const key = Buffer.alloc(32, 5);
const keyed = keyHashes(key);

interface Public {
  readonly everybodys: Uint8Array;
}
type Coming = SourceFile | Public;

function plain(coming: readonly Coming[]): SourceIndex {
  const index = openFingerprints({ key });
  for (const one of coming) {
    if ("everybodys" in one) index.declarePublic(one.everybodys);
    else index.put(one);
  }
  return index;
}

function filled(coming: readonly Coming[], most?: number): { index: SourceIndex; left: number } {
  const store = openStore({ key, ...(most === undefined ? {} : { most }) });
  const { left } = fillStore(
    store,
    coming.flatMap((one): readonly (Filling | PublicPrint)[] => {
      if ("everybodys" in one) return [publicPrintOf(one.everybodys, keyed)];
      const print = printOf(one.path, one.octets, keyed);
      return print.kind === "lines" ? [{ ...one, weighty: one.weighty ?? false, print }] : [];
    }),
  );
  const { keyed: _, ...rest } = store;
  return { index: openFingerprints({ key, filled: structuredClone(rest) satisfies FilledStore }), left: left.length };
}

const said = (index: SourceIndex, text: string) =>
  lookUp(index.reading(), text).found.map(({ also, ...found }) => ({
    ...found,
    also: also.map(({ file }) => file).sort(),
  }));

/** Whose a passage is, of all that came. */
function owners(index: SourceIndex, all: readonly Coming[]): readonly (readonly string[])[] {
  const { tables, pieces, files } = index.reading();
  const found = new Int32Array(64);
  return all.flatMap((one) => {
    const { passages } = publicPrintOf("octets" in one ? one.octets : one.everybodys, keyed);
    return Array.from(passages, (hash) => {
      const lines = found.subarray(0, collectLines(tables, hash, found));
      return [...new Set(Array.from(lines, (line) => files[ownerOf(pieces, line)]?.path ?? ""))].sort();
    });
  });
}

/** Blocks that many files share, and lines of their own. */
const blocks = Array.from({ length: 6 }, (_, seed) => madeLines(seed + 1, 14));
const block = fc.nat({ max: blocks.length - 1 });
const own = fc.integer({ min: 100, max: 130 }).map((seed) => madeLines(seed, 6));
const text = fc
  .array(
    fc.oneof(
      block.map((at) => blocks[at] ?? []),
      own,
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `${parts.flat().join("\n")}\n`);
const coming = fc
  .array(fc.record({ text, weighty: fc.boolean(), everybodys: fc.nat({ max: 7 }) }), { minLength: 1, maxLength: 16 })
  .map((files) =>
    files.map(({ text: each, weighty, everybodys }, at): Coming => {
      const octets = Buffer.from(each);
      return everybodys === 0 ? { everybodys: octets } : { path: `src/${at}.ts`, label: "w", octets, weighty };
    }),
  );

test("whatever came, and comes and goes then: the same is found", () => {
  fc.assert(
    fc.property(coming, fc.array(text, { minLength: 1, maxLength: 3 }), fc.nat({ max: 15 }), (all, texts, at) => {
      const [one, other] = [plain(all), filled(all).index];
      const every = [...texts, ...all.map((each) => ("octets" in each ? each.octets.toString() : ""))];
      for (const each of every) assert.deepEqual(said(other, each), said(one, each));
      const file: SourceFile = { path: `src/${at}.ts`, label: "w", octets: Buffer.from(texts[0] ?? "") };
      for (const index of [one, other]) index.put(file);
      for (const each of every) assert.deepEqual(said(other, each), said(one, each));
      for (const index of [one, other]) index.remove(file.path);
      for (const each of every) assert.deepEqual(said(other, each), said(one, each));
      assert.equal(other.size().files, one.size().files);
    }),
    { numRuns: 30 },
  );
});

test("prints that come one by one are the files they were taken from", () => {
  fc.assert(
    fc.property(coming, (all) => {
      const index = openFingerprints({ key });
      for (const one of all) {
        if ("everybodys" in one)
          index.putPrint({ path: "", label: "", weighty: false }, publicPrintOf(one.everybodys, keyed));
        else index.putPrint({ weighty: false, ...one }, printOf(one.path, one.octets, keyed));
      }
      const other = plain(all);
      for (const each of all) {
        const octets = "octets" in each ? each.octets : each.everybodys;
        assert.deepEqual(said(index, octets.toString()), said(other, octets.toString()));
      }
      assert.deepEqual(index.size(), other.size());
      assert.deepEqual(index.omitted, other.omitted);
    }),
    { numRuns: 60 },
  );
});

test("of more files than are known of a passage those that matter stay, in whatever order", () => {
  const octets = Buffer.from(`${madeLines(1, 20).join("\n")}\n`);
  const all = Array.from({ length: sharers * 3 }, (_, at) => ({
    path: `${at}.ts`,
    label: "w",
    octets,
    weighty: at % 3 === 2,
  }));
  const named = (index: SourceIndex): string[] => {
    const [found] = lookUp(index.reading(), octets.toString()).found;
    return [found?.file ?? "", ...(found?.also ?? []).map(({ file }) => file)].sort();
  };
  const weighty = all.filter((file) => file.weighty).map(({ path }) => path);
  assert.deepEqual(named(filled(all).index), weighty.sort());
  assert.deepEqual(named(filled(all.toReversed()).index), weighty);
  assert.deepEqual(named(plain(all)), weighty);
});

test("what everybody has is nobody's in the files that come after it, and stays where it was in those before", () => {
  const shared = madeLines(1, 20).join("\n");
  const file = (seed: number): SourceFile => {
    const text = `${shared}\n${madeLines(seed, 10).join("\n")}\n`;
    return { path: `${seed}.ts`, label: "w", octets: Buffer.from(text) };
  };
  const everybodys = { everybodys: Buffer.from(shared) };
  const all = [file(2), everybodys, file(3)];
  const whose = owners(filled(all).index, [everybodys]);
  assert.deepEqual(whose, owners(plain(all), [everybodys]));
  assert.deepEqual([...new Set(whose.flat())], ["2.ts"]);
});

test("what stands in one file over and over is one of those that share it, and pushes no other out", () => {
  const block = madeLines(1, 20);
  const over = Buffer.from(Array.from({ length: sharers * 2 }, () => block.join("\n")).join("\n"));
  const { passages } = publicPrintOf(over, keyed);
  assert.equal(new Set(passages).size, passages.length);
  const all = [over, Buffer.from(block.join("\n"))].map((octets, at) => ({ path: `${at}.ts`, label: "w", octets }));
  assert.deepEqual(owners(filled(all).index, all), owners(plain(all), all));
});

test("passages whose place is behind the last are found at the first ones", () => {
  const print = printOf("a.ts", Buffer.from(madeLines(1, 40).join("\n")), keyed);
  assert.ok(print.kind === "lines");
  const passages = Uint32Array.from({ length: 300 }, (_, at) => 2 ** 32 - 300 + at);
  const places = new Uint32Array(300).fill(7);
  const store = openStore({ key });
  fillStore(store, [{ path: "a.ts", label: "w", weighty: false, print: { ...print, passages, places } }]);
  assert.equal(store.taken, 300);
  for (const hash of passages) assert.ok(collectLines(store.tables, hash, new Int32Array(8)) > 0);
  // what comes then has its place beside them
  const index = openFingerprints({ key, filled: store });
  const octets = Buffer.from(madeLines(2, 40).join("\n"));
  index.put({ path: "b.ts", label: "w", octets });
  assert.deepEqual(
    said(index, octets.toString()).map(({ file }) => file),
    ["b.ts"],
  );
});

test("what finds no room is left, and told", () => {
  const all = Array.from({ length: 40 }, (_, at): SourceFile => {
    return { path: `${at}.ts`, label: "w", octets: Buffer.from(madeLines(at + 1, 400).join("\n")) };
  });
  const { index, left } = filled(all, 2 ** 19);
  assert.ok(left > 0 && left < 40);
  assert.ok(index.size().index <= 2 ** 19);
  assert.equal(index.size().files, 40 - left);
  const [first] = all;
  assert.equal(said(index, first?.octets.toString() ?? "").length, 1);
});

test("a sort of pairs keeps the order of equals", () => {
  const number = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 70_000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), fc.nat({ max: 5 }), (all, known) => {
      // as many bits of each are the same as are known
      const hashes = all.map((each) => (known === 0 ? each : ((each << known) >>> known) | 0) >>> 0);
      const sorted = sortPairs((take) => {
        for (const [line, hash] of hashes.entries()) take(hash, line);
      }, known);
      const wanted = hashes.map((hash, line) => ({ hash, line })).sort((a, b) => a.hash - b.hash || a.line - b.line);
      assert.deepEqual(
        wanted,
        Array.from(sorted.hashes, (hash, at) => ({ hash, line: sorted.lines[at] ?? -1 })),
      );
    }),
    { numRuns: 500 },
  );
});
