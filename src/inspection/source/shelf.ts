// Where the lines of all files stand, numbered through: their hashes, how they are written, and whose they are. In pieces of
// 16,384 lines that never move, so that other workers read them. A file takes lines in sixteens; what a file leaves is given out
// again only when the tables hold nothing of it any more.

import { allLines } from "./limits.ts";

export interface Piece {
  readonly hashes: Uint16Array;
  readonly shapes: Uint8Array;
  /** For each sixteen lines their file's number + 1; 0: nobody's. */
  readonly owners: Uint32Array;
}

interface Room {
  readonly from: number;
  readonly count: number;
}

export interface Shelf {
  readonly pieces: Piece[];
  /** Free again, in order, none next to another. */
  free: Room[];
  /** Left, and perhaps still in the tables. */
  left: Room[];
  /** Behind the last line ever taken. */
  end: number;
}

const lines = 2 ** 14;
const within = lines - 1;
const together = 16;
const pieceOctets = lines * 3 + (lines / together) * 4;

export const openShelf = (): Shelf => ({ pieces: [], free: [], left: [], end: 0 });
export const shelfOctets = ({ pieces }: Shelf): number => pieces.length * pieceOctets;
/** With so many lines more, behind the last. */
export const octetsWith = ({ end }: Shelf, count: number): number =>
  Math.ceil((end + inSixteens(count)) / lines) * pieceOctets;
export const linesLeft = ({ left }: Shelf): number => left.reduce((sum, { count }) => sum + count, 0);

const inSixteens = (count: number): number => Math.ceil(Math.max(1, count) / together) * together;
const pieceOf = (pieces: readonly Piece[], line: number): Piece | undefined => pieces[line >>> 14];

/** The file's number, or -1. */
export function ownerOf(pieces: readonly Piece[], line: number): number {
  return (pieceOf(pieces, line)?.owners[(line & within) >>> 4] ?? 0) - 1;
}

export function hashAt(pieces: readonly Piece[], line: number): number {
  return pieceOf(pieces, line)?.hashes[line & within] ?? 0;
}

export function shapeAt(pieces: readonly Piece[], line: number): number {
  return pieceOf(pieces, line)?.shapes[line & within] ?? 0;
}

/** So many lines for a file, from the one that is given; `undefined`: there are no more. */
export function takeLines(shelf: Shelf, count: number): number | undefined {
  const size = inSixteens(count);
  const at = shelf.free.findIndex((room) => room.count >= size);
  const room = shelf.free[at];
  if (room !== undefined) {
    shelf.free.splice(at, 1, ...(room.count > size ? [{ from: room.from + size, count: room.count - size }] : []));
    return room.from;
  }
  if (shelf.end + size > allLines) return undefined;
  const from = shelf.end;
  shelf.end += size;
  while (shelf.pieces.length * lines < shelf.end) shelf.pieces.push(openPiece());
  return from;
}

function openPiece(): Piece {
  const octets = new SharedArrayBuffer(pieceOctets);
  return {
    owners: new Uint32Array(octets, 0, lines / together),
    hashes: new Uint16Array(octets, (lines / together) * 4, lines),
    shapes: new Uint8Array(octets, (lines / together) * 4 + lines * 2, lines),
  };
}

export function writeLine(shelf: Shelf, line: number, hash: number, shape: number): void {
  const piece = pieceOf(shelf.pieces, line);
  if (piece === undefined) return;
  piece.hashes[line & within] = hash;
  piece.shapes[line & within] = shape;
}

/** From now on these lines are this file's; -1: nobody's. */
export function own(shelf: Shelf, room: Room, file: number): void {
  for (let line = room.from; line < room.from + inSixteens(room.count); line += together) {
    const piece = pieceOf(shelf.pieces, line);
    if (piece !== undefined) piece.owners[(line & within) >>> 4] = file + 1;
  }
}

/** What a file had: nobody's now, its hashes gone. */
export function leaveLines(shelf: Shelf, from: number, count: number): void {
  const size = inSixteens(count);
  own(shelf, { from, count }, -1);
  for (let line = from; line < from + size; line += 1) writeLine(shelf, line, 0, 0);
  shelf.left.push({ from, count: size });
}

/** When nothing in the tables points to what was left. */
export function freeLeft(shelf: Shelf): void {
  const rooms = [...shelf.free, ...shelf.left].sort((a, b) => a.from - b.from);
  shelf.free = [];
  shelf.left = [];
  for (const room of rooms) {
    const last = shelf.free.at(-1);
    if (last !== undefined && last.from + last.count === room.from)
      shelf.free.splice(-1, 1, { from: last.from, count: last.count + room.count });
    else shelf.free.push(room);
  }
}
