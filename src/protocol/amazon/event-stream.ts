// Amazon's event streams (`application/vnd.amazon.eventstream`): [length u32][headers u32][CRC of these u32][headers][payload][CRC of
// all before u32]. A frame whose sums do not hold ends the reading: what comes from there on is passed on as it came. Of a vendor's own
// reply within (`{"bytes": "<base64>"}`), the message is what is in it.

import { readJson } from "../json/reader.ts";
import { splice } from "../json/splice.ts";
import { type FramePart, type FrameReader, longestMessage, restOf } from "../stream/framing.ts";
import { Held } from "../stream/held.ts";

/** A header's length, its name, and that its value is a text. */
const eventTypeHeader = "\x0b:event-type\x07";

const [prelude, sum] = [12, 4];

const table = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (ISO 3309). */
export function crc32(octets: Uint8Array): number {
  let value = 0xffffffff;
  for (const octet of octets) value = (table[(value ^ octet) & 255] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

export function openEventStream(longest = longestMessage): FrameReader {
  const held = new Held();
  /** Octets without which nothing more of it can be read. */
  let needed = prelude;
  let lost = false;
  return {
    push: (chunk) => {
      if (lost) return restOf(chunk);
      held.add(chunk);
      if (held.size < needed) return [];
      const { parts, rest, needs } = framesIn(held.take(), longest);
      lost = needs === undefined;
      if (needs === undefined) return [...parts, { kind: "rest", raw: rest, isLast: true }];
      held.add(rest);
      needed = needs;
      return parts;
    },
    end: () => restOf(held.take()),
  };
}

/** `needs`: so many octets must be there of what is left; undefined where that is no frame. */
function framesIn(octets: Buffer, longest: number) {
  const parts: FramePart[] = [];
  let rest = octets;
  while (rest.length >= prelude) {
    const size = sizeOf(rest, longest);
    if (size === undefined) return { parts, rest, needs: undefined };
    if (rest.length < size) return { parts, rest, needs: size };
    const part = frameOf(rest.subarray(0, size));
    if (part === undefined) return { parts, rest, needs: undefined };
    parts.push(part);
    rest = rest.subarray(size);
  }
  return { parts, rest, needs: prelude };
}

/** Of all of the frame; undefined where its beginning is none, or it is too long to be held. */
function sizeOf(octets: Buffer, longest: number): number | undefined {
  const [size, headers] = [octets.readUInt32BE(0), octets.readUInt32BE(4)];
  const fits = size >= prelude + headers + sum && size <= longest;
  return fits && octets.readUInt32BE(8) === crc32(octets.subarray(0, 8)) ? size : undefined;
}

function frameOf(raw: Buffer): FramePart | undefined {
  const end = raw.length - sum;
  if (raw.readUInt32BE(end) !== crc32(raw.subarray(0, end))) return undefined;
  const from = prelude + raw.readUInt32BE(4);
  const payload = raw.subarray(from, end);
  const write = (other: Buffer): Buffer => writeFrame(raw.subarray(prelude, from), other);
  const inner = innerOf(payload);
  const type = eventType(raw.subarray(prelude, from));
  if (inner === undefined) return { kind: "message", raw, data: payload, type, write };
  const { place, data } = inner;
  const wrap = (other: Buffer): Buffer =>
    write(splice(payload, [{ ...place, by: Buffer.from(other.toString("base64")) }]));
  return { kind: "message", raw, data, type: "", write: wrap };
}

/** What an event of kind `chunk` carries, and where. */
function innerOf(payload: Buffer) {
  if (payload.subarray(0, 64).indexOf('"bytes"') < 0) return undefined;
  const done = readJson(payload);
  const node = done.kind === "json" ? done.tree.member(0, "bytes") : undefined;
  if (done.kind !== "json" || node === undefined) return undefined;
  const data = Buffer.from(done.tree.textOf(node), "base64");
  return data[0] === 0x7b ? { place: done.tree.placeOf(node), data } : undefined;
}

/** The header of this name, where it is a string: [length u8][name][7][length u16][value]. */
function eventType(headers: Buffer): string {
  const name = Buffer.from(eventTypeHeader, "latin1");
  const at = headers.indexOf(name);
  const from = at + name.length;
  if (at < 0 || from + 2 > headers.length) return "";
  return headers.toString("utf8", from + 2, from + 2 + headers.readUInt16BE(from));
}

export function writeFrame(headers: Buffer, payload: Buffer): Buffer {
  const size = prelude + headers.length + payload.length + sum;
  const frame = Buffer.alloc(size);
  frame.writeUInt32BE(size, 0);
  frame.writeUInt32BE(headers.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  headers.copy(frame, prelude);
  payload.copy(frame, prelude + headers.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, size - sum)), size - sum);
  return frame;
}
