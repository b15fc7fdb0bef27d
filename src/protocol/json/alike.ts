// How far two bodies are the same.

/** Octets that are compared at once, so that those which are the same are looked at once and not again. */
const step = 16_384;

/** Octets from the beginning: by steps, and the last of them by halves. Comparing is the runtime's own. */
export function commonLength(a: Buffer, b: Buffer): number {
  const all = Math.min(a.length, b.length);
  let [low, high] = [0, Math.min(step, all)];
  while (a.compare(b, low, high, low, high) === 0) {
    if (high === all) return all;
    [low, high] = [high, Math.min(high + step, all)];
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (a.compare(b, low, middle, low, middle) === 0) low = middle;
    else high = middle;
  }
  return low;
}
