// A span → what of it may be a part of a value that goes on in another: both ends of it without white space, and where it is JSON
// itself, those of the strings in it. *Attacker-controlled*; pure and bounded.

import type { Span } from "../domain/span.ts";
import { squeezed, unitsOf } from "./squeeze.ts";

export interface Piece {
  /** `inner`, `name`: a string, or the name of a field, of the JSON that the span's text is. */
  readonly of: "span" | "inner" | "name";
  readonly octets: Buffer;
  /** Octet → UTF-16 unit of the span's text. */
  readonly unit: (octet: number) => number;
}

/** Pieces that follow each other, one way of reading a body. */
export interface Strand {
  readonly name: string;
  /** Each span by itself. */
  readonly within: boolean;
  readonly takes: (span: Span) => boolean;
  readonly lays: (piece: Piece) => boolean;
}

const own = ({ of }: Piece): boolean => of === "span";
const isSaid = ({ role, kind }: Span): boolean => role !== "structure" && kind !== "key" && kind !== "media";

export const strands: readonly Strand[] = [
  { name: "what is said", within: false, takes: isSaid, lays: own },
  { name: "names of fields", within: false, takes: ({ kind }) => kind === "key", lays: own },
  { name: "everything", within: false, takes: ({ kind }) => kind !== "media", lays: own },
  { name: "strings within", within: true, takes: isSaid, lays: ({ of }) => of === "inner" },
  { name: "names and strings within", within: true, takes: isSaid, lays: ({ of }) => of !== "span" },
];

/** Strings of one text that are looked at, and characters of one that is JSON. */
const most = { strings: 20_000, characters: 1_000_000 } as const;

/** `reach`: how far a value may go on, octets. */
export function piecesOf({ text }: Span, reach: number): readonly Piece[] {
  const pieces = endsOf(text, 0, reach).map((piece): Piece => ({ of: "span", ...piece }));
  if (text.length > most.characters || !/^\s*[[{]/.test(text)) return pieces;
  let strings = 0;
  for (const { 0: whole, 1: inner = "", 2: colon, index } of text.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?/gs)) {
    strings += 1;
    if (strings > most.strings || whole.length > most.characters) break;
    const of = colon === undefined ? "inner" : "name";
    pieces.push(...endsOf(inner, index + 1, reach).map((piece): Piece => ({ of, ...piece })));
  }
  return pieces;
}

/** White space is not counted, but so much more of it ends what is looked at. */
const slack = 4;
/** No octet of any text: nothing is found across it. */
const gap = Buffer.from([0xff]);

function endsOf(text: string, begin: number, reach: number): Omit<Piece, "of">[] {
  const most = reach * slack;
  if (text.length <= 2 * most) return [laid(text, begin)];
  const tail = text.length - most;
  return [laid(text.slice(0, most), begin), { octets: gap, unit: () => begin }, laid(text.slice(tail), begin + tail)];
}

function laid(text: string, begin: number): Omit<Piece, "of"> {
  const octets = Buffer.from(text);
  const plain = squeezed(octets);
  let units: Uint32Array | undefined;
  return {
    octets: plain,
    unit: (octet) => {
      units ??= unitsOf(octets, plain.length);
      return begin + (units[octet] ?? 0);
    },
  };
}
