// What is spliced is the string that JSON.stringify would have made of the changed text, and every other octet stays.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readJson } from "./reader.ts";
import { openOctets, splice, written } from "./splice.ts";

/** A string's text, and one of the many ways to write it. */
const spelled = fc
  .array(fc.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.nat(2)))
  .map((units) => {
    const spell = ([unit, how]: readonly [string, number]): string =>
      how === 2
        ? [...Array(unit.length).keys()].map((at) => `\\u${unit.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")
        : written(unit);
    return {
      units: units.map(([unit]) => unit),
      text: units.map(([unit]) => unit).join(""),
      json: units.map(spell).join(""),
    };
  });

test("a part of a text, wherever it begins and however it is written, is replaced and nothing else", () => {
  fc.assert(
    fc.property(spelled, fc.nat(), fc.nat(), fc.string(), ({ units, text, json }, a, b, more) => {
      const ends = [0];
      for (const unit of units) ends.push((ends.at(-1) ?? 0) + unit.length);
      const [from = 0, to = 0] = [a, b].map((nth) => ends[nth % ends.length] ?? 0).sort((x, y) => x - y);
      const body = Buffer.from(`{"a":"é","b":"${json}","c":[1]}`);
      const done = readJson(body);
      assert.ok(done.kind === "json");
      const node = done.tree.member(0, "b") ?? -1;
      assert.equal(done.tree.textOf(node), text);
      const octets = openOctets(body, done.tree.placeOf(node))(from, to);
      const after = splice(body, [{ ...octets, by: Buffer.from(written(more)) }]);
      assert.deepEqual(JSON.parse(after.toString()), {
        a: "é",
        b: text.slice(0, from) + more + text.slice(to),
        c: [1],
      });
      assert.deepEqual(splice(body, [{ ...octets, by: body.subarray(octets.from, octets.to) }]), body);
    }),
    { numRuns: 1_000 },
  );
});

test("changes that overlap are an error, and none at all leave the octets as they are", () => {
  const body = Buffer.from("0123456789");
  const by = Buffer.from("x");
  assert.deepEqual(splice(body, []), body);
  assert.equal(
    splice(body, [
      { from: 8, to: 9, by },
      { from: 0, to: 2, by },
    ]).toString(),
    "x234567x9",
  );
  assert.throws(
    () =>
      splice(body, [
        { from: 0, to: 3, by },
        { from: 2, to: 4, by },
      ]),
    RangeError,
  );
});
