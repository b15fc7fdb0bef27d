// Values that are known, sought in a text: plainly, in either case, and in every way of writing that formsOf knows. Hardly ever wrong,
// for a value is hardly ever anything else. In: a text, *attacker-controlled*. Pure. A value under eight octets is not sought.

import { formsOf } from "./forms.ts";
import type { SeekText, Seen } from "./inspect.ts";
import { buildNeedles } from "./needles.ts";
import { openTally } from "./tally.ts";

export interface KnownValue {
  /** Where it is known from: never the value. */
  readonly label: string;
  readonly value: string;
}

/** Of one value in one text; behind them it is said that there are more. */
const most = 1_000;

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
    const tally = openTally(most);
    const unitOf = openUnits(octets, text);
    needles.search(octets, ({ label, encoding, length }, offset) => {
      const within = encoding === "plain" ? {} : { within: [encoding] };
      const from = unitOf(offset);
      const to = from + octets.toString("utf8", offset, offset + length).length;
      const told = tally({ kind: "secret", label, from, to, sure: "known", ...within });
      if (told !== undefined) seen.push(told);
    });
    return seen;
  };
}

/** Offsets in rising order → UTF-16 units: counted on from the one before. */
function openUnits(octets: Buffer, text: string): (offset: number) => number {
  if (octets.length === text.length) return (offset) => offset;
  let [at, units] = [0, 0];
  return (offset) => {
    units += octets.toString("utf8", at, offset).length;
    at = offset;
    return units;
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
