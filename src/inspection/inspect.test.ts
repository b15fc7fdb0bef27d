// What is found does not depend on what is remembered, and what is remembered is not judged again.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Span } from "../domain/span.ts";
import { inspectBounds, openInspector, type SeekText } from "./inspect.ts";

const hash = (text: string): string => createHmac("sha256", "key").update(text).digest("base64");

function spansOf(texts: readonly string[], known: readonly Span[] = []): readonly Span[] {
  return texts.map((text, at): Span => {
    const before = known[at];
    if (before?.text === text) return before;
    return { role: "person", kind: "text", place: { from: at, to: at, escaped: false }, text, path: "", fixed: false };
  });
}

const digits: SeekText = (text) =>
  [...text.matchAll(/\d+/g)].map(({ 0: run, index }) => ({
    kind: "secret",
    label: "digits",
    from: index,
    to: index + run.length,
  }));

const inspectWith = (bounds = inspectBounds) => openInspector([digits], hash, bounds);

test("a conversation that grows is judged where it has grown, and found whole each time", () => {
  const inspector = inspectWith();
  const texts = Array.from({ length: 60 }, (_, at) => `turn ${at} ${"words ".repeat(40)}`);
  let [judged, spans]: [number, readonly Span[]] = [0, []];
  for (let turns = 1; turns <= texts.length; turns += 1) {
    spans = spansOf(texts.slice(0, turns), spans);
    const inspected = inspector.inspect(spans, "one");
    assert.equal(inspected.findings.length, turns);
    judged += inspected.judged.spans;
  }
  assert.equal(judged, texts.length);
});

test("whatever was sent before, in this or another conversation: the same findings as without any memory", () => {
  const text = fc.oneof(
    fc.stringMatching(/^[a-z0-9é ]{0,12}$/),
    fc.constantFrom("1", "x1", "a".repeat(70), `${"b".repeat(70)}7`),
  );
  fc.assert(
    fc.property(fc.array(fc.array(text, { maxLength: 8 }), { maxLength: 6 }), fc.boolean(), (bodies, small) => {
      const inspector = inspectWith(small ? { ...inspectBounds, remembered: 2, conversations: 1 } : inspectBounds);
      let spans: readonly Span[] = [];
      for (const [nth, texts] of bodies.entries()) {
        spans = spansOf(texts, spans);
        const { findings } = inspector.inspect(spans, String(nth % 2));
        assert.deepEqual(findings, inspectWith().inspect(spans, "").findings);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("what was judged in another place is known by its hash", () => {
  const inspector = inspectWith();
  const texts = Array.from({ length: 20 }, (_, at) => `${at} ${"words ".repeat(40)}`);
  inspector.inspect(spansOf(texts), "one");
  const second = spansOf(["new 7", ...texts]);
  const { judged, findings } = inspector.inspect(second, "one");
  assert.equal(judged.spans, 1);
  assert.equal(findings.length, 21);
});
