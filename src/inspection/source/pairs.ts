// Passages and the lines they stand in, put in the order of their hashes; of equals the order stays. A radix sort: by the first octet
// as they come, then each part by itself, which is small enough to stay in the processor's cache.

export interface Pairs {
  readonly hashes: Uint32Array;
  readonly lines: Uint32Array;
}

/** Hands over each pair, the same ones in the same order whenever it is called. */
export type EachPair = (take: (hash: number, line: number) => void) => void;

const digit = 8;
const values = 2 ** digit;

/** All hashes begin with the same `known` bits. */
export function sortPairs(each: EachPair, known = 0): Pairs {
  const first = 32 - known - digit;
  const begins = new Uint32Array(values + 1);
  each((hash) => {
    const next = ((hash >>> first) & (values - 1)) + 1;
    begins[next] = (begins[next] ?? 0) + 1;
  });
  sumUp(begins);
  const pairs = openPairs(begins[values] ?? 0);
  const places = begins.slice();
  each((hash, line) => {
    const value = (hash >>> first) & (values - 1);
    const place = places[value] ?? 0;
    places[value] = place + 1;
    pairs.hashes[place] = hash;
    pairs.lines[place] = line;
  });
  let other = openPairs(0);
  for (let value = 0; value < values; value += 1) {
    const [from, to] = [begins[value] ?? 0, begins[value + 1] ?? 0];
    if (other.hashes.length < to - from) other = openPairs(to - from);
    sortPart(cut(pairs, from, to), cut(other, 0, to - from), first);
  }
  return pairs;
}

const openPairs = (count: number): Pairs => ({ hashes: new Uint32Array(count), lines: new Uint32Array(count) });
const cut = ({ hashes, lines }: Pairs, from: number, to: number): Pairs => ({
  hashes: hashes.subarray(from, to),
  lines: lines.subarray(from, to),
});

/** From how many each is to where each begins. */
function sumUp(begins: Uint32Array): void {
  for (let value = 1; value < begins.length; value += 1)
    begins[value] = (begins[value] ?? 0) + (begins[value - 1] ?? 0);
}

/** By the `bits` that are left; `other` is as long. */
function sortPart(pairs: Pairs, other: Pairs, bits: number): void {
  let [from, to] = [pairs, other];
  for (let shift = 0; shift < bits; shift += digit) {
    sortBy(shift, from, to);
    [from, to] = [to, from];
  }
  if (from === pairs) return;
  pairs.hashes.set(from.hashes);
  pairs.lines.set(from.lines);
}

function sortBy(shift: number, from: Pairs, to: Pairs): void {
  const { hashes, lines } = from;
  const begins = new Uint32Array(values + 1);
  for (let at = 0; at < hashes.length; at += 1) {
    const next = (((hashes[at] ?? 0) >>> shift) & (values - 1)) + 1;
    begins[next] = (begins[next] ?? 0) + 1;
  }
  sumUp(begins);
  for (let at = 0; at < hashes.length; at += 1) {
    const hash = hashes[at] ?? 0;
    const value = (hash >>> shift) & (values - 1);
    const place = begins[value] ?? 0;
    begins[value] = place + 1;
    to.hashes[place] = hash;
    to.lines[place] = lines[at] ?? 0;
  }
}
