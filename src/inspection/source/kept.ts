// What was taken from files (print.ts) as octets that can be kept, and back. One record a file: its path, the mark it had when it was
// read, and its print; nothing of its content, and no label. What comes back may be anybody's: every number is held against what is
// there, and a record that does not add up makes all of it nothing.

import { allLines, fileOctets } from "./limits.ts";
import type { Omission } from "./omit.ts";
import type { Print } from "./print.ts";

/** As it lies in what is kept. */
export interface KeptRecord {
  readonly path: string;
  /** What the file looked like; whoever keeps it says how. */
  readonly mark: string;
  /** All of the record. */
  readonly octets: Uint8Array;
}

const kinds = ["lines", "omitted", "public"] as const satisfies readonly Print["kind"][];
const omissions = ["too large", "binary", "minified", "generated", "index full"] as const satisfies readonly Omission[];

/** Numbers at a record's head, 32 bits each, in the machine's own order: what is kept does not leave it. */
const fields = 12;
const [lengthAt, kindAt, pathAt, markAt, octetsAt, sizeAt, plainAt, wholeAt, linesAt, passagesAt, stepsAt, headsAt] =
  Array.from({ length: fields }, (_, at) => at) as [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const wholeBits = 2 ** 26;
/** Octets. */
const most = { path: 16_384, mark: 512, heads: 1024 };

/** Undefined: too long a name to be kept. */
export function encodeRecord(path: string, mark: string, print: Print): Uint8Array | undefined {
  const name = Buffer.from(path, "utf16le");
  const look = Buffer.from(mark, "latin1");
  if (name.length > most.path || look.length > most.mark) return undefined;
  const passages = print.kind === "omitted" ? new Uint32Array() : print.passages;
  const parts = partsOf(print);
  const size = (fields + 2) * 4 + sizeOf([passages, ...parts, name, look]);
  const record = new Uint8Array(Math.ceil(size / 4) * 4);
  const head = new Uint32Array(record.buffer, 0, fields + 2);
  head[lengthAt] = record.length;
  head[kindAt] = kinds.indexOf(print.kind) + 256 * (print.kind === "omitted" ? omissions.indexOf(print.omission) : 0);
  head[pathAt] = name.length;
  head[markAt] = look.length;
  head[octetsAt] = print.octets;
  head[passagesAt] = passages.length;
  if (print.kind === "lines") {
    head[sizeAt] = print.size;
    head[plainAt] = print.plain;
    head[wholeAt] = Math.floor(print.whole / wholeBits);
    head[fields] = print.whole % wholeBits;
    head[linesAt] = print.hashes.length;
    head[stepsAt] = parts[2]?.length ?? 0;
  }
  head[headsAt] = print.kind === "public" ? 0 : print.heads.length;
  let at = head.byteLength;
  for (const part of [passages, ...parts, name, look]) {
    record.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return record;
}

type Part = Uint8Array | Uint16Array | Uint32Array;
const sizeOf = (parts: readonly Part[]): number => parts.reduce((sum, { byteLength }) => sum + byteLength, 0);

function partsOf(print: Print): readonly (Uint8Array | Uint16Array)[] {
  if (print.kind === "public") return [];
  if (print.kind === "omitted") return [print.heads];
  return [print.hashes, print.shapes, stepsOf(print.places), print.heads];
}

/** From one passage's line to the next one's: an octet each, 255 where it is that and goes on. */
function stepsOf(places: Uint32Array): Uint8Array {
  let [count, last] = [0, 0];
  for (const place of places) {
    count += 1 + Math.floor((place - last) / 255);
    last = place;
  }
  const steps = new Uint8Array(count);
  let at = 0;
  last = 0;
  for (const place of places) {
    let step = place - last;
    for (; step >= 255; step -= 255) steps[at++] = 255;
    steps[at++] = step;
    last = place;
  }
  return steps;
}

/** Of records those that fit into so many octets, the first ones before the others. */
export function fittingIn(records: readonly Uint8Array[], most: number): readonly Uint8Array[] {
  let left = most;
  return records.filter(({ length }) => {
    if (length > left) return false;
    left -= length;
    return true;
  });
}

/** Undefined: not what `encodeRecord` writes. `octets` begin at a multiple of four in their memory. */
export function recordsIn(octets: Uint8Array): readonly KeptRecord[] | undefined {
  const records: KeptRecord[] = [];
  for (let at = 0; at < octets.length; ) {
    const head = headAt(octets, at);
    const length = head?.[lengthAt] ?? 0;
    if (head === undefined || length < head.byteLength || length > octets.length - at) return undefined;
    const record = octets.subarray(at, at + length);
    const names = (head[pathAt] ?? 0) + (head[markAt] ?? 0);
    const end = endOf(head);
    if ((head[pathAt] ?? 0) > most.path || (head[markAt] ?? 0) > most.mark || end > length || end + 4 <= length)
      return undefined;
    const named = Buffer.from(record.buffer, record.byteOffset + end - names, names);
    const path = named.subarray(0, head[pathAt]).toString("utf16le");
    records.push({ path, mark: named.subarray(head[pathAt]).toString("latin1"), octets: record });
    at += length;
  }
  return records;
}

function headAt(octets: Uint8Array, at: number): Uint32Array | undefined {
  const begins = octets.byteOffset + at;
  if (begins % 4 !== 0 || octets.length - at < (fields + 2) * 4) return undefined;
  return new Uint32Array(octets.buffer, begins, fields + 2);
}

/** Behind its last part, if all it says of itself is so. */
function endOf(head: Uint32Array): number {
  const of = (field: number): number => head[field] ?? 0;
  const parts = of(passagesAt) * 4 + of(linesAt) * 3 + of(stepsAt) + of(headsAt);
  return head.byteLength + parts + of(pathAt) + of(markAt);
}

/** Undefined where it does not add up. What comes back is memory of its own. */
export function printIn({ octets }: Pick<KeptRecord, "octets">): Print | undefined {
  const head = headAt(octets, 0);
  if (head === undefined || endOf(head) > octets.length) return undefined;
  const of = (field: number): number => head[field] ?? 0;
  const kind = kinds[of(kindAt) & 0xff];
  if (kind === undefined || of(octetsAt) > fileOctets || of(headsAt) > most.heads) return undefined;
  const take = openTake(octets, head.byteLength);
  const passages = new Uint32Array(take(of(passagesAt) * 4));
  const file = { octets: of(octetsAt) };
  if (kind === "public") return of(linesAt) + of(stepsAt) + of(headsAt) > 0 ? undefined : { kind, ...file, passages };
  const hashes = new Uint16Array(take(of(linesAt) * 2));
  const shapes = new Uint8Array(take(of(linesAt)));
  const steps = new Uint8Array(take(of(stepsAt)));
  const heads = new Uint8Array(take(of(headsAt)));
  if (kind === "omitted") {
    const omission = omissions[of(kindAt) >>> 8];
    const isAlone = passages.length + hashes.length + steps.length === 0;
    return omission === undefined || !isAlone ? undefined : { kind, ...file, omission, heads };
  }
  const places = placesIn(steps, passages.length, hashes.length);
  const [size, plain] = [of(sizeAt), of(plainAt)];
  const isPossible = hashes.length <= allLines && plain <= hashes.length && size <= fileOctets * 3;
  if (places === undefined || !isPossible || of(wholeAt) >= wholeBits || of(fields) >= wholeBits) return undefined;
  const whole = of(wholeAt) * wholeBits + of(fields);
  return { kind, ...file, size, plain, whole, hashes, shapes, passages, places, heads };
}

/** Part after part, as memory of its own. */
function openTake(octets: Uint8Array, from: number): (length: number) => ArrayBuffer {
  let at = from;
  return (length) => {
    const part = new Uint8Array(length);
    part.set(octets.subarray(at, at + length));
    at += length;
    return part.buffer;
  };
}

/** Undefined: not so many, or of lines that are not there. */
function placesIn(steps: Uint8Array, count: number, lines: number): Uint32Array | undefined {
  const places = new Uint32Array(count);
  let [line, at] = [0, 0];
  for (const step of steps) {
    line += step;
    if (step === 255) continue;
    if (at === count || line >= lines) return undefined;
    places[at] = line;
    at += 1;
  }
  return at === count ? places : undefined;
}
