// Strings and argument lists out of another process's memory. *Attacker-controlled*: other threads may write there while
// we read, pages may be missing, nothing needs to end. So each part read stays within one page, and everything is bounded.
// Addresses are 64 bits, each of which counts: with five levels of page tables a process may have some of 2^56, and on arm64
// the kernel overlooks the first byte (tagged addresses).

import { isUtf8 } from "node:buffer";
import { limits } from "../limits.ts";
import type { Calls, Part } from "./calls.ts";

export interface Called {
  readonly path: Buffer | "unreadable" | "endless";
  readonly arguments: readonly string[];
  /** False where some were cut, unreadable or not UTF-8. */
  readonly whole: boolean;
}

export interface Memory {
  /** Path and arguments of a call that starts a program. */
  readonly call: (pid: number, path: bigint, list: bigint) => Called;
  /** Up to its NUL. */
  readonly text: (pid: number, address: bigint, limit: number) => Called["path"];
}

/** The least a page has anywhere; larger ones are read in several parts. */
const page = 4_096;
/** What most paths and arguments fit into; longer ones cost a second look. */
const first = 256;
/** Pointers of a list that are read at once. */
const pointers = 64;

export function openMemory(readMemory: Calls["readMemory"]): Memory {
  const read = openReader(readMemory);
  return {
    text: (pid, address, limit) => readText(read, pid, { address, limit, known: undefined }),
    call: (pid, path, list) => {
      const [start, places] = read(pid, [within(path, first), within(list, 8 * pointers)]);
      const known = start && Buffer.from(start);
      const told = readPlaces(read, pid, { list, known: places && Buffer.from(places) });
      return {
        path: endOf(known) ?? readText(read, pid, { address: path, limit: limits.pathBytes, known }),
        ...readStrings(read, pid, told),
      };
    },
  };
}

type Read = (pid: number, parts: readonly Part[]) => readonly (Buffer | undefined)[];

/** Each part by itself: one that cannot be read hides none after it. The bytes stay good until the next call. */
function openReader(readMemory: Calls["readMemory"]): Read {
  const into = Buffer.alloc(limits.execArguments * first + limits.execBytes);
  return (pid, parts) => {
    const found: (Buffer | undefined)[] = [];
    for (let at = 0; found.length < parts.length; ) {
      const rest = found.length === 0 ? parts : parts.slice(found.length);
      let left = readMemory(pid, rest, at === 0 ? into : into.subarray(at));
      for (const { length } of rest) {
        if (left < length) break;
        found.push(into.subarray(at, at + length));
        at += length;
        left -= length;
      }
      if (found.length < parts.length) found.push(undefined);
    }
    return found;
  };
}

function within(address: bigint, length: number): Part {
  return { address, length: Math.min(length, page - Number(address % BigInt(page))) };
}

function endOf(bytes: Buffer | undefined): Buffer | undefined {
  const end = bytes?.indexOf(0) ?? -1;
  return end < 0 ? undefined : bytes?.subarray(0, end);
}

interface Text {
  readonly address: bigint;
  readonly limit: number;
  /** Its first bytes, read already: no end is in them. */
  readonly known: Buffer | undefined;
}

function readText(read: Read, pid: number, { address, limit, known }: Text): Called["path"] {
  const chunks = known === undefined ? [] : [known];
  let total = known?.length ?? 0;
  while (total < limit) {
    const [bytes] = read(pid, [within(address + BigInt(total), limit - total)]);
    if (bytes === undefined) return "unreadable";
    const end = endOf(bytes);
    chunks.push(Buffer.from(end ?? bytes));
    if (end !== undefined) return Buffer.concat(chunks);
    total += bytes.length;
  }
  return "endless";
}

interface Places {
  readonly places: readonly bigint[];
  readonly whole: boolean;
}

/** The list ends with a null pointer; none at all is an empty one (execve(2)). It need not be aligned. */
function readPlaces(read: Read, pid: number, { list, known }: { list: bigint; known: Buffer | undefined }): Places {
  const places: bigint[] = [];
  let [address, bytes, rest] = [list, known, Buffer.alloc(0)];
  while (address !== 0n) {
    if (bytes === undefined) return { places, whole: false };
    address += BigInt(bytes.length);
    const whole = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    for (let at = 0; at + 8 <= whole.length; at += 8) {
      const place = whole.readBigUInt64LE(at);
      if (place === 0n) return { places, whole: true };
      if (places.length === limits.execArguments) return { places, whole: false };
      places.push(place);
    }
    rest = Buffer.from(whole.subarray(whole.length - (whole.length % 8)));
    bytes = read(pid, [within(address, 8 * pointers)])[0];
  }
  return { places, whole: true };
}

function readStrings(read: Read, pid: number, { places, whole: counted }: Places): Omit<Called, "path"> {
  const starts = read(
    pid,
    places.map((place) => within(place, first)),
  );
  // taken before anything else is read
  const known = starts.map((bytes) => {
    const end = endOf(bytes);
    return { bytes: bytes && Buffer.from(end ?? bytes), ended: end !== undefined };
  });
  const kept: string[] = [];
  let [left, whole] = [limits.execBytes, counted];
  for (const [index, { bytes, ended }] of known.entries()) {
    // the first is only a name: however long, it leaves room for those that rules are about
    const limit = index === 0 ? first : left + 1;
    const text = ended ? bytes : readText(read, pid, { address: places[index] ?? 0n, limit, known: bytes });
    const told = typeof text === "object" ? text : (bytes ?? Buffer.alloc(0));
    whole &&= text === told && told.length <= left && isUtf8(told);
    kept.push(told.toString("utf8", 0, left));
    left -= told.length;
    if (left <= 0) return { arguments: kept, whole: whole && kept.length === places.length };
  }
  return { arguments: kept, whole };
}
