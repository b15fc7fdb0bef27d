// Every protocol, the same conversation: who said what, of which call it is the result, and that nothing goes unseen.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Role } from "../domain/span.ts";
import { cases, said } from "./cases.ts";
import { readSpans } from "./rehearsal.ts";

type Way = readonly string[];

/** Every place of it, at any depth. */
const placesIn = (value: unknown, way: Way = []): readonly Way[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [[...way, key], ...placesIn(inner, [...way, key])])
    : [];

function put(whole: unknown, [step, ...rest]: Way, value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(whole)) return whole.map((each, at) => (String(at) === step ? put(each, rest, value) : each));
  const fields = whole as Readonly<Record<string, unknown>>;
  return { ...fields, [step]: put(fields[step], rest, value) };
}

const roles: readonly (readonly [keyof typeof said, Role])[] = [
  ["system", "system"],
  ["person", "person"],
  ["assistant", "assistant"],
  ["result", "result"],
  ["description", "description"],
];

for (const { name, shape, body, single, argumentsText, nameless } of cases) {
  test(`${name}: each part of a conversation has who said it`, () => {
    const { spans, drift } = readSpans(body, shape);
    assert.deepEqual(drift, []);
    for (const [what, role] of single === true ? [] : roles) {
      const found = spans.filter(({ text }) => text === said[what]);
      assert.deepEqual(
        found.map((span) => span.role),
        [role],
        what,
      );
    }
    const given = spans.filter(({ text }) => text.includes(said.argument));
    assert.deepEqual(
      given.map((span) => [span.role, span.kind, nameless === true ? "look" : span.tool]),
      [["call", argumentsText === true ? "text" : "free", "look"]],
    );
    if (argumentsText !== true) assert.ok(spans.some((span) => span.kind === "key" && span.text === said.key));
    const came = spans.find(({ text }) => text === said.result);
    if (single !== true && nameless !== true) assert.deepEqual([came?.call, came?.tool], ["call_1", "look"]);
  });

  test(`${name}: a field, and a role, that nobody has described are drift and are seen`, () => {
    const { spans, drift } = readSpans({ ...body, afterthought: { x: ["hush"] } }, shape);
    assert.deepEqual(
      drift.map(({ what, path }) => [what, path]),
      [["field", "afterthought"]],
    );
    assert.ok(spans.some(({ text, role }) => text === "hush" && role === "unknown"));
  });

  test(`${name}: whatever stands in whatever place, every string of it is among the spans`, () => {
    const places = placesIn(body);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 4 }), (place, value) => {
        readSpans(put(body, place, value), shape);
      }),
      { numRuns: 200 },
    );
  });
}
