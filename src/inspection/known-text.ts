// Values that are known, sought in a text: plainly, in either case, and in every way of writing that formsOf knows. Hardly ever wrong,
// for a value is hardly ever anything else. In: a text, *attacker-controlled*. Pure. A value under eight octets is not sought.

import { formsOf } from "./forms.ts";
import type { SeekText, Seen } from "./inspect.ts";
import { buildNeedles } from "./needles.ts";

export interface KnownValue {
  /** Where it is known from: never the value. */
  readonly label: string;
  readonly value: string;
}

interface Known {
  readonly label: string;
  readonly encoding: string;
  /** Octets. */
  readonly length: number;
}

export function openKnownSeeker(values: readonly KnownValue[]): SeekText {
  const needles = buildNeedles(values.flatMap(needlesOf));
  if (needles.longest === 0) return () => [];
  return (text) => {
    const octets = Buffer.from(text);
    const seen: Seen[] = [];
    const isPlain = octets.length === text.length;
    const unitOf = (offset: number): number => (isPlain ? offset : octets.toString("utf8", 0, offset).length);
    needles.search(octets, ({ label, encoding, length }, offset) => {
      const within = encoding === "plain" ? {} : { within: [encoding] };
      const place = { from: unitOf(offset), to: unitOf(offset + length) };
      seen.push({ kind: "secret", label, ...place, sure: "known", ...within });
    });
    return seen;
  };
}

function needlesOf({ label, value }: KnownValue) {
  const cases = [value, value.toUpperCase(), value.toLowerCase()].filter((each, at, all) => all.indexOf(each) === at);
  return cases.flatMap((each, at) =>
    formsOf(each)
      .filter(({ encoding }) => at === 0 || encoding === "plain")
      .map(({ bytes, encoding }) => ({
        bytes,
        value: { label, encoding: at === 0 ? encoding : "case", length: bytes.length } satisfies Known,
      })),
  );
}
