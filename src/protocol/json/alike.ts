// How far two bodies are the same.

/** Octets from the beginning, by halves: comparing is the runtime's own. */
export function commonLength(a: Buffer, b: Buffer): number {
  let [low, high] = [0, Math.min(a.length, b.length)];
  if (a.compare(b, 0, high, 0, high) === 0) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (a.compare(b, low, middle, low, middle) === 0) low = middle;
    else high = middle;
  }
  return low;
}
