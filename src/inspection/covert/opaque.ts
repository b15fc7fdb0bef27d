// Values that nobody can read and that no description of a protocol has a place for: how much of them is chance, by their letters. The same
// value at the same place says nothing new and counts once. What a protocol itself calls opaque, and identifiers, are none. In: spans
// of each request, *attacker-controlled*. Out: counted estimates.

import type { Span } from "../../domain/span.ts";
import type { Seen, SpanFinding } from "../inspect.ts";

const bounds = {
  /** Values remembered. */
  remembered: 10_000,
  /** Characters: shorter ones are no estimate. */
  shortest: 16,
  longest: 1_000_000,
} as const;

export interface OpaqueSeeker {
  readonly look: (spans: readonly Span[]) => readonly SpanFinding[];
}

export function openOpaqueSeeker(): OpaqueSeeker {
  const known = new Map<string, readonly Seen[]>();
  /** Of bodies before: neither text nor place is made again. */
  const looked = new WeakSet<Span>();
  const look = (span: Span): readonly Seen[] => {
    const { text, path } = span;
    if (text.length < bounds.shortest || text.length > bounds.longest) return nothing;
    const name = `${path.replaceAll(/\[\d+\]/g, "[]")} ${text}`;
    if (known.has(name)) return nothing;
    const seen = seenIn(text);
    known.set(name, seen);
    if (known.size > bounds.remembered) known.delete(known.keys().next().value ?? "");
    return seen;
  };
  return {
    look: (spans) => {
      const found: SpanFinding[] = [];
      for (let nth = 0; nth < spans.length; nth += 1) {
        const span = spans[nth];
        if (span?.role !== "unknown" || span.kind === "key" || looked.has(span)) continue;
        looked.add(span);
        for (const seen of look(span)) found.push({ span: nth, seen });
      }
      return found;
    },
  };
}

const nothing: readonly Seen[] = [];

function seenIn(text: string): readonly Seen[] {
  return [...text.matchAll(/[A-Za-z0-9+/=_-]{16,}/g)].flatMap(({ 0: run, index }): readonly Seen[] => {
    const bits = chanceIn(run);
    if (bits === 0 || isIdentifier(run)) return [];
    return [{ kind: "covert", label: "opaque", from: index, to: index + run.length, bits, estimate: true }];
  });
}

/** A UUID (RFC 9562) is everybody's way to name a thing. */
const isIdentifier = (run: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(run);

/** Of the run: as many bits as its letters have, where they are mixed as chance mixes them; words and paths are not. */
export function chanceIn(run: string): number {
  const isHex = /^[0-9a-f]+$|^[0-9A-F]+$/.test(run);
  const counts = new Map<string, number>();
  for (const letter of run) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const entropy = [...counts.values()].reduce(
    (sum, count) => sum - (count / run.length) * Math.log2(count / run.length),
    0,
  );
  const size = isHex ? 16 : 64;
  const usual = Math.log2(Math.min(size, run.length));
  const isMixed = isHex || (/\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run));
  return isMixed && entropy >= 0.75 * usual ? Math.ceil(run.length * Math.log2(size)) : 0;
}
