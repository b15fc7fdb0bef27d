// Values taken apart over texts that follow each other: found wherever the edge is, in every part; what stands between keeps them apart.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Span, SpanKind } from "../domain/span.ts";
import { acrossBounds, openAcross } from "./across.ts";
import { formsOf } from "./forms.ts";

const value = "kv-9fQ2xLr7Tz0bWm4Yc1";
const known = [{ label: "credential key", value }];

const span = (text: string, kind: SpanKind = "text", role: Span["role"] = "person"): Span => ({
  role,
  kind,
  place: { from: 0, to: text.length, escaped: false },
  text,
  path: "",
  fixed: false,
});

const partsIn = (texts: readonly Span[]): readonly string[] =>
  openAcross(() => known)
    .look(texts, "one")
    .map(({ span: nth, seen }) => (texts[nth]?.text ?? "").slice(seen.from, seen.to));

test("in two texts, three and one for each letter; in each way of writing; with what is no part of it around", () => {
  for (const { bytes } of formsOf(value)) {
    const form = String(bytes);
    if (form.length < acrossBounds.shortest) continue;
    const half = form.length >> 1;
    const halves = [`it is ${form.slice(0, half)}`, `${form.slice(half)}, then`].map((text) => span(text));
    assert.deepEqual(partsIn(halves), [form.slice(0, half), form.slice(half)], form);
  }
  const letters = [...value].map((letter) => span(letter));
  assert.deepEqual(partsIn(letters), [...value]);
  assert.deepEqual(
    partsIn([span(`${value.slice(0, 9)}\n`), span(` \t${value.slice(9)}`)]).join("|"),
    `${value.slice(0, 9)}|${value.slice(9)}`,
  );
});

test("with names of fields between, over names of fields, and among strings of a text that is JSON", () => {
  const [a, b] = [value.slice(0, 10), value.slice(10)];
  assert.deepEqual(partsIn([span("x", "key"), span(a, "free"), span("y", "key"), span(b, "free")]), [a, b]);
  assert.deepEqual(partsIn([span(a, "key"), span("1", "free"), span(b, "key")]), [a, b]);
  assert.deepEqual(partsIn([span(a, "key"), span(b, "free")]), [a, b]);
  assert.deepEqual(partsIn([span(JSON.stringify({ x: `é${a}`, y: b, z: "no" }), "text", "call")]), [a, b]);
  assert.deepEqual(partsIn([span(JSON.stringify({ [a]: b }), "text", "call")]), [a, b]);
});

test("not where a text lies between, where it stands whole, or where it is too short", () => {
  const [a, b] = [value.slice(0, 10), value.slice(10)];
  assert.deepEqual(partsIn([span(a), span("and"), span(b)]), []);
  assert.deepEqual(partsIn([span(value), span("x")]), []);
  const short = openAcross(() => [{ label: "x", value: "abcdefgh1234567" }]);
  assert.deepEqual(short.look([span("abcdefgh"), span("1234567")], "one"), []);
});

test("in messages of one socket that follow each other, and of no two sockets", () => {
  const across = openAcross(() => known);
  const say = (text: string, socket: number) => across.look([span(text)], `${socket}`, socket);
  assert.deepEqual(say(`first ${value.slice(0, 5)}`, 1), []);
  assert.deepEqual(say(`other ${value.slice(0, 5)}`, 2), []);
  assert.deepEqual(say(value.slice(5, 12), 1), []);
  const [last] = say(`${value.slice(12)} done`, 1);
  assert.deepEqual([last?.seen.from, last?.seen.to, last?.span], [0, value.length - 12, 0]);
  assert.deepEqual(say(value.slice(5), 3), []);
});

test("a conversation that goes on says the same as one that is read from its beginning, over any cuts", () => {
  const word = fc.oneof(
    fc.constantFrom("a", "é😀 ", "\n", "word "),
    fc.nat(value.length).map((at) => value.slice(at)),
  );
  const cuts = fc.array(fc.nat(value.length), { maxLength: 4 });
  const cut = cuts.map((at) =>
    [0, ...at.toSorted((x, y) => x - y), value.length].map((to, nth, all) => value.slice(all[nth - 1] ?? 0, to)),
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          word.map((one) => [one]),
          cut,
        ),
        { maxLength: 12 },
      ),
      fc.nat(20),
      (groups, stop) => {
        const spans = groups.flat().map((text) => span(text));
        const going = openAcross(() => known);
        going.look(spans.slice(0, stop), "one");
        const found = going.look(spans, "one");
        assert.deepEqual(found, openAcross(() => known).look(spans, "one"));
        for (const { span: nth, seen } of found) {
          const text = spans[nth]?.text ?? "";
          assert.ok(seen.from >= 0 && seen.to > seen.from && seen.to <= text.length);
          assert.ok(value.includes(text.slice(seen.from, seen.to).replaceAll(/\s/g, "")));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("more than are told: that there are more is told, and the body cannot be taken for whole", () => {
  const [a, b] = [value.slice(0, 10), value.slice(10)];
  const pairs = Array.from({ length: acrossBounds.findings + 2 }, () => [span(a), span(b), span("-")]).flat();
  const found = openAcross(() => known).look(pairs, "one");
  assert.equal(found.filter(({ seen }) => seen.kind === "secret").length, 2 * acrossBounds.findings);
  assert.ok(found.some(({ seen }) => seen.kind === "closed" && seen.cut === "secret" && seen.sure === "known"));
});
