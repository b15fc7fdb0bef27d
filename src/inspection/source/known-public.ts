// Passages everybody has: what the caller declared public (installed packages, vendored directories, licences). A Bloom filter
// ("Space/time trade-offs in hash coding", CACM 1970) of sixteen bits and five looks a passage: of other passages one in seven
// hundred counts as public by chance, in each piece, and no public one is missed. A piece that is full is followed by one twice as
// large, so that there are few. Nothing is taken back.

const firstBits = 2 ** 23;
const bitsAPassage = 16;
const looks = 5;

export interface KnownPublic {
  readonly pieces: Uint32Array[];
  /** Passages in the last piece. */
  held: number;
}

export const openPublic = (): KnownPublic => ({ pieces: [], held: 0 });
export const publicOctets = ({ pieces }: KnownPublic): number =>
  pieces.reduce((sum, piece) => sum + piece.byteLength, 0);

export function addPublic(known: KnownPublic, hash: number): void {
  if (isPublic(known.pieces, hash)) return;
  let piece = known.pieces.at(-1);
  if (piece === undefined || known.held >= bitsOf(piece) / bitsAPassage) {
    piece = new Uint32Array(new SharedArrayBuffer((piece === undefined ? firstBits : bitsOf(piece) * 2) / 8));
    known.pieces.push(piece);
    known.held = 0;
  }
  for (let look = 0; look < looks; look += 1) {
    const bit = bitFor(hash, look, bitsOf(piece));
    piece[bit >>> 5] = (piece[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
  known.held += 1;
}

export function isPublic(pieces: readonly Uint32Array[], hash: number): boolean {
  // asked of every passage: nothing is made for it
  for (const piece of pieces) if (isIn(piece, hash)) return true;
  return false;
}

function isIn(piece: Uint32Array, hash: number): boolean {
  for (let look = 0; look < looks; look += 1) {
    const bit = bitFor(hash, look, bitsOf(piece));
    if (((piece[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

const bitsOf = (piece: Uint32Array): number => piece.length * 32;

/** Two numbers from one hash serve for any count of looks (Kirsch, Mitzenmacher 2006). */
function bitFor(hash: number, look: number, bits: number): number {
  const step = (Math.imul(hash, 0x9e3779b1) >>> 8) | 1;
  return (hash + look * step) % bits;
}
