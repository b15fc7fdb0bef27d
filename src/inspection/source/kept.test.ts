// What is kept comes back as it was; what is not that comes back as nothing, or as something that is possible.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openFingerprints } from "./fingerprints.ts";
import { encodeRecord, fittingIn, printIn, recordsIn } from "./kept.ts";
import { keyHashes } from "./keyed.ts";
import { madeLines } from "./made-source.ts";
import { type Print, printOf, publicPrintOf } from "./print.ts";

const key = Buffer.alloc(32, 5);
const keyed = keyHashes(key);

const content = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.string({ unit: "binary", maxLength: 200 }).map((text) => Buffer.from(text)),
  fc.integer({ min: 1, max: 30 }).map((lines) => Buffer.from(madeLines(lines, lines).join("\n"))),
  // a passage far behind the one before it
  fc
    .integer({ min: 200, max: 1200 })
    .map((lines) => Buffer.from(`${madeLines(1, 5).join("\n")}${"\n".repeat(lines)}${madeLines(2, 5).join("\n")}`)),
);
const print = fc
  .tuple(content, fc.boolean())
  .map(([octets, isPublic]): Print => (isPublic ? publicPrintOf(octets, keyed) : printOf("a.ts", octets, keyed)));
const record = fc.record(
  { path: fc.string({ unit: "binary", minLength: 1 }), mark: fc.stringMatching(/^[0-9 ]{0,90}$/), print },
  { noNullPrototype: true },
);

function joined(records: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of records) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}

const encoded = (each: { path: string; mark: string; print: Print }): Uint8Array =>
  encodeRecord(each.path, each.mark, each.print) ?? assert.fail("too long");

test("records come back: names that are no UTF-8 too", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 5 }), (records) => {
      const back = recordsIn(joined(records.map(encoded))) ?? assert.fail("not understood");
      assert.deepEqual(
        back.map((each) => ({ path: each.path, mark: each.mark, print: printIn(each) })),
        records,
      );
    }),
    { numRuns: 300 },
  );
  const print: Print = { kind: "public", octets: 1, passages: new Uint32Array([7]) };
  const path = "src/\udcff.ts";
  assert.equal(recordsIn(encoded({ path, mark: "1", print }))?.[0]?.path, path);
  assert.equal(encodeRecord("x".repeat(10_000), "1", print), undefined);
});

/** Whatever it is, an index can take it. */
function isPossible(each: Print): void {
  if (each.kind === "lines") {
    assert.equal(each.shapes.length, each.hashes.length);
    assert.equal(each.places.length, each.passages.length);
    for (const place of each.places) assert.ok(place < each.hashes.length);
    assert.ok(each.plain <= each.hashes.length);
  }
  const index = openFingerprints({ key });
  index.putPrint({ path: "a.ts", label: "w", weighty: false }, each);
}

test("any octets, and records with octets changed or cut off: nothing is thrown, and what comes back is possible", () => {
  const spoilt = fc
    .tuple(
      fc.array(record, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.nat(),
    )
    .map(([records, at, octets, cut]) => {
      const all = joined(records.map(encoded));
      // mostly the heads, which say how much there is
      const where = cut % 3 === 0 ? at % all.length : at % Math.min(60, all.length);
      all.set(octets.subarray(0, all.length - where), where);
      return cut % 4 === 0 ? all.slice(0, cut % all.length) : all;
    });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((each) => each.slice()),
        spoilt,
      ),
      (octets) => {
        for (const each of recordsIn(octets) ?? []) {
          const back = printIn(each);
          if (back !== undefined) isPossible(back);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test("what does not fit is left out, and what comes behind it and fits is not", () => {
  const records = [5, 9, 4, 1, 1].map((length) => new Uint8Array(length));
  const lengths = (most: number): number[] => fittingIn(records, most).map(({ length }) => length);
  assert.deepEqual([lengths(20), lengths(10), lengths(4), lengths(0)], [[5, 9, 4, 1, 1], [5, 4, 1], [4], []]);
});

test("lines that are not there, and numbers that are too many, are refused", () => {
  const print = printOf("a.ts", Buffer.from(madeLines(1, 20).join("\n")), keyed);
  assert.ok(print.kind === "lines" && print.passages.length > 3);
  const spoilt = { ...print, places: print.places.map((place) => place + 17) };
  assert.equal(printIn({ octets: encoded({ path: "a", mark: "", print: spoilt }) }), undefined);
  const fewer = { ...print, places: print.places.subarray(1) };
  assert.equal(printIn({ octets: encoded({ path: "a", mark: "", print: fewer }) }), undefined);
  const whole = encoded({ path: "a", mark: "m", print });
  assert.equal(recordsIn(whole.slice(0, -4)), undefined);
  assert.equal(recordsIn(joined([whole, whole]))?.length, 2);
});
