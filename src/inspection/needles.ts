// Many byte strings sought at once: Wu and Manber's shift table over pairs of octets ("A fast algorithm for multi-pattern
// searching", 1994). Most octets of a haystack are never read. Pure; attacker-controlled haystack.

export interface Needles<Value> {
  /** Calls `found` for each needle at each place where it stands, in order of its place. */
  readonly search: (haystack: Buffer, found: (value: Value, offset: number) => void) => void;
  /** Octets of the longest. */
  readonly longest: number;
}

interface Needle<Value> {
  readonly bytes: Buffer;
  readonly value: Value;
}

const none = { search: () => undefined, longest: 0 } as const;

/** Needles of at least two octets. */
export function buildNeedles<Value>(needles: readonly Needle<Value>[]): Needles<Value> {
  if (needles.length === 0) return none;
  const width = Math.min(...needles.map((needle) => needle.bytes.length), 255);
  const shift = new Uint8Array(65_536).fill(width - 1);
  const buckets = new Map<number, Needle<Value>[]>();
  for (const needle of needles) {
    for (let at = 0; at + 1 < width; at += 1) {
      const pair = needle.bytes.readUInt16BE(at);
      shift[pair] = Math.min(shift[pair] ?? 0, width - 2 - at);
    }
    const last = needle.bytes.readUInt16BE(width - 2);
    buckets.set(last, [...(buckets.get(last) ?? []), needle]);
  }
  return {
    longest: Math.max(...needles.map((needle) => needle.bytes.length)),
    search: (haystack, found) => search({ haystack, width, shift, buckets }, found),
  };
}

interface Table<Value> {
  readonly haystack: Buffer;
  readonly width: number;
  readonly shift: Uint8Array;
  readonly buckets: ReadonlyMap<number, readonly Needle<Value>[]>;
}

function search<Value>(table: Table<Value>, found: (value: Value, offset: number) => void): void {
  const { haystack, width, shift, buckets } = table;
  const end = haystack.length;
  for (let at = width - 1; at < end; ) {
    const pair = ((haystack[at - 1] ?? 0) << 8) | (haystack[at] ?? 0);
    const step = shift[pair] ?? 1;
    if (step > 0) {
      at += step;
      continue;
    }
    const start = at - width + 1;
    for (const { bytes, value } of buckets.get(pair) ?? []) {
      // the first octets differ most of the time: looked at before the rest is compared
      if (bytes[0] !== haystack[start] || start + bytes.length > end) continue;
      if (haystack.compare(bytes, 0, bytes.length, start, start + bytes.length) === 0) found(value, start);
    }
    at += 1;
  }
}
