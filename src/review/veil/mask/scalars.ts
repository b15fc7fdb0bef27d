// A parsed value → the same with every text and number taken out of it: keys, structure, booleans and null stay. Bounded in
// depth and number, for the file may be anybody's.

import { limits } from "../../limits.ts";

/** A word that is no value of anybody's, and another each time; no credential of the gateway's: nothing is put in its place. */
export class Placeholders {
  /** What they stand for, the first first. */
  readonly all: string[] = [];
  readonly #values = new Set<string>();

  /** `value`: what it stands for. */
  next(value: string): string {
    this.all.push(value);
    if (isTelling(value)) this.#values.add(value);
    return `postern-masked-${this.all.length}`;
  }

  /** One of the values is also a word of a key's, and with the keys it stays. */
  shownIn(masked: string): boolean {
    return this.#values.size > 0 && masked.split(/[^\w.+/@-]+/).some((word) => this.#values.has(word));
  }
}

/** No word of the language: `production` may well be a value here and a key there. */
function isTelling(value: string): boolean {
  if (/^postern-masked-\d+$/.test(value)) return false;
  return value.length >= 20 || (value.length >= 8 && /\d/.test(value) && /[A-Za-z]/.test(value));
}

/** Deeper, longer, or of a kind that has no words here: the file is hidden instead. */
export class Unmaskable extends Error {}

export function maskValue(value: unknown, placeholders: Placeholders): unknown {
  const budget = { left: limits.maskedValues };
  const mask = (inner: unknown, depth: number): unknown => {
    budget.left -= 1;
    if (depth > limits.maskedDepth || budget.left < 0) throw new Unmaskable();
    if (inner === null || typeof inner === "boolean") return inner;
    if (typeof inner === "string") return inner === "" ? "" : placeholders.next(inner);
    if (typeof inner === "number" || typeof inner === "bigint") return 0;
    if (Array.isArray(inner)) return inner.map((each: unknown) => mask(each, depth + 1));
    if (inner instanceof Date) return placeholders.next("");
    if (typeof inner !== "object") throw new Unmaskable();
    return Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, mask(each, depth + 1)]));
  };
  return mask(value, 0);
}
