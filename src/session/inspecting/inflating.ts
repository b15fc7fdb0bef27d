// Packed octets of texts within texts → what they become, or that they are none. An inflater that comes to nothing gives its memory back
// only when the thread is done with what it does (observed with Node 24.21: 22 KB each), and little becomes much: bounded for a body as
// a whole, not for each text. *Attacker-controlled*.

import { inflateSync, unzipSync } from "node:zlib";
import type { Inflate } from "../../inspection/open/open.ts";

export const inflateBounds = {
  /** Octets that come of all inflating between two turns of the thread: of one body. */
  octets: 32 * 1024 * 1024,
  /** What comes to nothing counts as this. */
  nothing: 16 * 1024,
} as const;

/** Where all is used up, everything counts as larger than is opened: it stays closed, and that is told. */
export function openInflate({ octets, nothing }: typeof inflateBounds = inflateBounds): Inflate {
  let left: number = octets;
  const spend = (size: number): void => {
    if (left === octets) process.nextTick(() => (left = octets));
    left -= Math.max(1, size);
  };
  return (bytes, most) => {
    if (left <= 0) return "more";
    try {
      const unpacked = (bytes[0] === 0x1f ? unzipSync : inflateSync)(bytes, { maxOutputLength: most });
      spend(unpacked.length);
      return unpacked;
    } catch (error) {
      const isLarger = error instanceof RangeError;
      spend(isLarger ? most : nothing);
      return isLarger ? "more" : undefined;
    }
  };
}
