// For tests: a body as a value, read by a shape; every string and key of it must be among the spans.

import type { Drift, Span } from "../domain/span.ts";
import { readJson } from "./json/reader.ts";
import { root, type Shape, Walk } from "./shape/walk.ts";

export function readSpans(
  value: unknown,
  shape: Shape,
): { readonly spans: readonly Span[]; readonly drift: readonly Drift[] } {
  const done = readJson(Buffer.from(JSON.stringify(value)));
  if (done.kind !== "json") throw new Error("JSON of our own is not read");
  const walk = new Walk(done.tree);
  shape(walk, 0, root());
  const texts = new Set(walk.spans.map(({ text }) => text));
  for (const each of stringsOf(value)) if (!texts.has(each)) throw new Error(`unseen: ${each}`);
  const isWithin = (place: Span["place"]): boolean =>
    place.from >= 0 && place.to <= done.tree.bytes.length && place.from <= place.to;
  if (!walk.spans.every(({ place }) => isWithin(place))) throw new Error("a span lies outside of the body");
  return walk;
}

function stringsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}
