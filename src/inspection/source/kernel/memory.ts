// AssemblyScript.
// Where everything lies in the kernel's memory: told once, to the kernel by these names and to what calls it by its exports.

import { slice } from "../limits.ts";

/** Of a text so many octets are read together, and no line or passage is more than those. */
export const window: usize = slice;

/** Numbers of 32 bits about what was read last: lines, normalised octets, passages. */
export const toldAt: usize = 1024;
/** The key's numbers, as keyed.ts has them. */
export const octetsAt: usize = toldAt + 64;
export const leavingAt: usize = octetsAt + 1024;
export const lettersAt: usize = leavingAt + 1024;
/** Each octet as it is compared; 0: dropped. */
export const foldedAt: usize = lettersAt + 1024;
/** Lines in which the last normalised octets before the window begin. */
export const carriedLinesAt: usize = foldedAt + 256;
/** Normalised octets kept from the window before: more than `passage + reach`. */
export const carried: usize = 64;
/** Hashes of the passages that are looked at together, behind some of those before them; and of each four, which are kept. */
export const ordersAt: usize = carriedLinesAt + carried * 4;
export const together: usize = 4096;
export const marksAt: usize = ordersAt + (carried + together + 64) * 4;

export const textAt: usize = marksAt + together / 4 + 64;
/** A little is read behind the text, and is nothing. */
export const plainAt: usize = textAt + window + 64 + carried;
export const beginsAt: usize = plainAt + window + 64;
export const startsAt: usize = beginsAt + window * 4 + 64;
export const hashesAt: usize = startsAt + window * 4 + 64;
export const shapesAt: usize = hashesAt + window * 2;
export const markedAt: usize = shapesAt + window;
/** Passages that were kept: their hashes, where they begin among all normalised octets, and in which line. */
export const passagesAt: usize = markedAt + window;
export const placesAt: usize = passagesAt + window * 4;
export const linesAt: usize = placesAt + window * 4;
export const end: usize = linesAt + window * 4;
