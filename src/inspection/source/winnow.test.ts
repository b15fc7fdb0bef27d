import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keyHashes } from "./keyed.ts";
import { passage, reach } from "./limits.ts";
import { readLines } from "./lines.ts";
import { key } from "./made-source.ts";

const keyed = keyHashes(key);
/** Of a text in which nothing stands before a line, and nothing is dropped. */
const keptOf = (text: string, by = keyed): { hash: number; at: number }[] => {
  const { hashes, places, count } = readLines(Buffer.from(text), by).kept;
  return Array.from({ length: count }, (_, which) => ({ hash: hashes[which] ?? 0, at: places[which] ?? 0 }));
};
const letters = fc.string({ unit: fc.constantFrom(..."abcdefgh(){};,.="), maxLength: 300 });

test("two texts that share enough share a kept passage, whatever stands around it", () => {
  const shared = fc.string({
    unit: fc.constantFrom(..."abcdefghijklmnop(){};,.="),
    minLength: passage + reach - 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(shared, fc.tuple(letters, letters, letters, letters), (both, [a, b, c, d]) => {
      // a passage of up to four octets over and over is never kept
      fc.pre(new Set(both.slice(0, 12)).size > 6);
      const first = new Set(keptOf(a + both + c).map(({ hash }) => hash));
      assert.ok(keptOf(b + both + d).some(({ hash }) => first.has(hash)));
    }),
    { numRuns: 500 },
  );
});

test("in every `reach` passages that follow each other one is kept, and the hash is the passage's alone", () => {
  fc.assert(
    fc.property(letters, (text) => {
      const kept = keptOf(text);
      const known = new Map<string, number>();
      for (const { hash, at } of kept) {
        const written = text.slice(at, at + passage);
        assert.equal(written.length, passage);
        assert.equal(known.get(written) ?? hash, hash);
        known.set(written, hash);
      }
      const places = kept.map(({ at }) => at);
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      );
      for (let from = 0; from + passage + reach - 1 <= text.length; from += 1) {
        const window = Array.from({ length: reach }, (_, step) => text.slice(from + step, from + step + passage));
        const repeats = window.some((each) => [1, 2, 3, 4].some((by) => each.startsWith(each.slice(by))));
        assert.ok(repeats || places.some((at) => at >= from && at < from + reach), `nothing in ${from}`);
      }
    }),
    { numRuns: 300 },
  );
});

test("what repeats up to four octets is not kept; what is shorter than a passage neither", () => {
  for (const unit of ["=", "=-", "0,0", "abcd"]) assert.deepEqual(keptOf(unit.repeat(100)), []);
  assert.deepEqual(keptOf("abcdefghijklmnopqrstuvw"), []);
  assert.equal(keptOf("abcdefghijklmnopqrstuvwx").length, 1);
});

test("what has a passage, and not as many as one is kept of, keeps its least", () => {
  for (let length = passage; length <= passage + reach + 1; length += 1)
    for (let from = 0; from < 40; from += 1) {
      const text = "constledger=open(reserve,settle);returnledger.balance(account,currency,margin);".slice(
        from,
        from + length,
      );
      const kept = keptOf(text);
      const least = length < passage + reach ? 1 : 2;
      assert.ok(kept.length >= 1 && kept.length <= least + 1, `${kept.length} of ${text}`);
    }
});

test("more passages than are handed on together", () => {
  const text = Array.from({ length: 3000 }, (_, at) => `value${at}=compute(${at * 7919});`).join("");
  const places = keptOf(text).map(({ at }) => at);
  assert.ok(places.length > 3000);
  for (const [which, at] of places.entries()) assert.ok(at - (places[which - 1] ?? 0) <= reach, `behind ${at}`);
});

test("another key keeps other passages and other hashes", () => {
  const text = "const ledger = open(reserve, settle); return ledger.balance(account, currency);";
  const other = keptOf(text, keyHashes(Buffer.alloc(32, 8))).map(({ hash }) => hash);
  assert.ok(other.length > 0 && !keptOf(text).some(({ hash }) => other.includes(hash)));
  assert.throws(() => keyHashes(Buffer.alloc(31)), /32 octets/);
});
