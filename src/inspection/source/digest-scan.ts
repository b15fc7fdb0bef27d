// A text → what in it could be the first 64 bits of a digest: sixteen hexadecimal digits in a row, or eleven of base64 in either
// alphabet, at every offset. Attacker-controlled; two steps a character, and a look at a table of bits before anything is built.

export interface Head {
  readonly head: bigint;
  readonly encoding: "hex" | "base64";
  readonly at: number;
}

const bits = 22;

/** One bit for each way a digest that is held may begin. */
export const openBeginnings = (): Uint32Array => new Uint32Array(2 ** bits / 32);

/** The digest's first 32 bits. */
export function addBeginning(beginnings: Uint32Array, first: number): void {
  const begin = first >>> (32 - bits);
  beginnings[begin >>> 5] = (beginnings[begin >>> 5] ?? 0) | (1 << (begin & 31));
}

function mayBegin(beginnings: Uint32Array, begin: number): boolean {
  return ((beginnings[begin >>> 5] ?? 0) & (1 << (begin & 31))) !== 0;
}

const digits = 16;
const letters = 11;
const notOne = 255;
const hexadecimal = valuesOf(["0123456789abcdef", "0123456789ABCDEF"]);
const base64 = valuesOf([
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
]);

function valuesOf(alphabets: readonly string[]): Uint8Array {
  const values = new Uint8Array(128).fill(notOne);
  for (const alphabet of alphabets)
    for (let value = 0; value < alphabet.length; value += 1) values[alphabet.charCodeAt(value)] = value;
  return values;
}

export function scanHeads(text: string, beginnings: Uint32Array, visit: (head: Head) => void): void {
  let digitRun = 0;
  let letterRun = 0;
  // the last eight digits and four letters, and the same for each of the last sixteen places: a head's first are looked for
  let rolling = 0;
  let four = 0;
  const digitsBefore = new Uint32Array(16);
  const lettersBefore = new Uint32Array(16);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const letter = code < 128 ? (base64[code] ?? notOne) : notOne;
    if (letter === notOne) {
      digitRun = 0;
      letterRun = 0;
      continue;
    }
    letterRun += 1;
    four = ((four << 6) | letter) & 0xffffff;
    lettersBefore[at & 15] = four;
    if (letterRun >= letters && mayBegin(beginnings, (lettersBefore[(at - 7) & 15] ?? 0) >>> (24 - bits)))
      visit({ head: fromLetters(text, at + 1 - letters), encoding: "base64", at: at + 1 - letters });
    const digit = hexadecimal[code] ?? notOne;
    digitRun = digit === notOne ? 0 : digitRun + 1;
    rolling = (rolling << 4) | (digit & 15);
    digitsBefore[at & 15] = rolling;
    if (digitRun >= digits && mayBegin(beginnings, (digitsBefore[(at - 8) & 15] ?? 0) >>> (32 - bits)))
      visit({ head: BigInt(`0x${text.slice(at + 1 - digits, at + 1)}`), encoding: "hex", at: at + 1 - digits });
  }
}

function fromLetters(text: string, from: number): bigint {
  let value = 0n;
  for (let at = from; at < from + letters; at += 1) value = (value << 6n) | BigInt(base64[text.charCodeAt(at)] ?? 0);
  // eleven letters are 66 bits
  return value >> 2n;
}
