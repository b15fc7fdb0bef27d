// Passages and the lines they stand in, put in the order of their hashes: a radix sort of three passes, which keeps the order of equals.

export interface Pairs {
  readonly hashes: Uint32Array;
  readonly lines: Uint32Array;
}

const digit = 11;
const values = 2 ** digit;

export function sortPairs(pairs: Pairs): Pairs {
  const { length } = pairs.hashes;
  const other: Pairs = { hashes: new Uint32Array(length), lines: new Uint32Array(length) };
  let [from, to] = [pairs, other];
  for (let shift = 0; shift < 32; shift += digit) {
    sortBy(shift, from, to);
    [from, to] = [to, from];
  }
  return from;
}

function sortBy(shift: number, from: Pairs, to: Pairs): void {
  const begins = new Uint32Array(values + 1);
  for (const hash of from.hashes) {
    const next = ((hash >>> shift) & (values - 1)) + 1;
    begins[next] = (begins[next] ?? 0) + 1;
  }
  for (let value = 1; value < values; value += 1) begins[value] = (begins[value] ?? 0) + (begins[value - 1] ?? 0);
  for (let at = 0; at < from.hashes.length; at += 1) {
    const hash = from.hashes[at] ?? 0;
    const value = (hash >>> shift) & (values - 1);
    const place = begins[value] ?? 0;
    begins[value] = place + 1;
    to.hashes[place] = hash;
    to.lines[place] = from.lines[at] ?? 0;
  }
}
