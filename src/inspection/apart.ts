// Values that are known, taken apart by white space: an edit that puts a line end into a secret in its file would otherwise have it read
// again as nobody knows it. In: a text, *attacker-controlled*. Pure, one pass. A value under sixteen characters is not sought so.

import type { SeekText, Seen } from "./inspect.ts";
import type { KnownValue } from "./known-text.ts";
import { buildNeedles } from "./needles.ts";
import { squeezed, unitsOf } from "./squeeze.ts";
import { openTally } from "./tally.ts";

/** Octets but white space: shorter ones may be the ends of words. */
const shortest = 16;
/** Of one value in one text; behind them it is said that there are more. */
const most = 1_000;

interface Sought extends KnownValue {
  /** Octets but white space. */
  readonly length: number;
}

/** `values`: as many as are known by now; only ever more. */
export function openApartSeeker(values: () => readonly KnownValue[]): SeekText {
  let built = 0;
  let needles = buildNeedles<Sought>([]);
  return (text) => {
    const all = values();
    if (all.length !== built) {
      built = all.length;
      needles = buildNeedles(all.flatMap(needleOf));
    }
    if (needles.longest === 0) return [];
    const octets = Buffer.from(text);
    const plain = squeezed(octets);
    let units: Uint32Array | undefined;
    const seen: Seen[] = [];
    const tally = openTally(most);
    needles.search(plain, ({ label, value, length }, offset) => {
      units ??= unitsOf(octets, plain.length);
      const last = offset + length - 1;
      const place = { from: units[offset] ?? 0, to: (units[last] ?? 0) + 1 };
      // as it is written it is found otherwise
      if (text.slice(place.from, place.to) === value) return;
      const told = tally({ kind: "secret", label, ...place, sure: "known", within: ["apart"] });
      if (told !== undefined) seen.push(told);
    });
    return seen;
  };
}

function needleOf({ label, value }: KnownValue) {
  const bytes = squeezed(Buffer.from(value));
  const sought: Sought = { label, value, length: bytes.length };
  return bytes.length < shortest ? [] : [{ bytes, value: sought }];
}
