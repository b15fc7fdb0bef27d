// The code HTTP/2 shortens header text with: RFC 7541 §5.2, Appendix B. Text in Latin-1 ↔ bytes; refuses what is not well coded.

/** Bits of each octet's code, and of the end's: one base-36 digit each. The code is canonical, so this is all of it. */
const lengths = [
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca",
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds",
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn",
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq",
  "u",
].join("");
const end = 256;

interface Code {
  /** Of each octet. */
  readonly width: Uint8Array;
  readonly bits: Uint32Array;
  /**
   * Fork × 16 + the next four bits → the fork that follows (× 512) and the symbol met on the way (+ 1), of which there is one
   * at most; 0: not coded.
   */
  readonly steps: Uint32Array;
  /** Where a text may end: behind at most seven bits of padding, all ones. */
  readonly ends: ReadonlySet<number>;
}

let made: Code | undefined;

/** Made with the first head: who never speaks HTTP/2 does not wait for it. */
function coding(): Code {
  made ??= make();
  return made;
}

function make(): Code {
  const width = Uint8Array.from(lengths, (digit) => Number.parseInt(digit, 36));
  const bits = new Uint32Array(lengths.length);
  const forks = grow(width, bits);
  const steps = Uint32Array.from({ length: 256 * 16 }, (_, at) => step(forks, at >> 4, at & 15));
  const ends = new Set<number>();
  for (let fork = 0, ones = 0; ones < 8; ones += 1, fork = forks[fork * 2 + 1] ?? 0) ends.add(fork);
  return { width, bits, steps, ends };
}

/** Fills in the codes. Gives them as a tree of 256 forks: fork × 2 + bit → the next fork, or ~symbol. */
function grow(width: Uint8Array, codes: Uint32Array): Int16Array {
  const forks = new Int16Array(2 * 256);
  const order = [...width.keys()].toSorted((a, b) => (width[a] ?? 0) - (width[b] ?? 0) || a - b);
  let code = 0;
  let bits = 0;
  let used = 1;
  for (const symbol of order) {
    const wide = width[symbol] ?? 0;
    code <<= wide - bits;
    bits = wide;
    codes[symbol] = code;
    let fork = 0;
    for (let bit = bits - 1; bit > 0; bit -= 1) {
      const way = fork * 2 + ((code >> bit) & 1);
      if (forks[way] === 0) {
        forks[way] = used;
        used += 1;
      }
      fork = forks[way] ?? 0;
    }
    forks[fork * 2 + (code & 1)] = ~symbol;
    code += 1;
  }
  return forks;
}

function step(forks: Int16Array, from: number, four: number): number {
  let fork = from;
  let symbol = 0;
  for (let bit = 3; bit >= 0; bit -= 1) {
    const next = forks[fork * 2 + ((four >> bit) & 1)] ?? 0;
    if (next === ~end) return 0;
    if (next < 0) symbol = ~next + 1;
    fork = Math.max(0, next);
  }
  // at the root with nothing met is no place four bits lead to
  return fork * 512 + symbol;
}

export function readHuffman(bytes: Buffer): string | undefined {
  const { steps, ends } = coding();
  // no code is shorter than five bits
  const text = Buffer.allocUnsafe(Math.floor((bytes.length * 8) / 5));
  let size = 0;
  let fork = 0;
  for (let at = 0; at < bytes.length * 2; at += 1) {
    const byte = bytes[at >> 1] ?? 0;
    const found = steps[fork * 16 + ((at & 1) === 0 ? byte >> 4 : byte & 15)] ?? 0;
    if (found === 0) return undefined;
    if ((found & 511) !== 0) {
      text[size] = (found & 511) - 1;
      size += 1;
    }
    fork = found >> 9;
  }
  return ends.has(fork) ? text.toString("latin1", 0, size) : undefined;
}

/** Latin-1 text → bytes it takes. */
export function huffmanSize(text: string): number {
  const { width } = coding();
  let bits = 0;
  for (let at = 0; at < text.length; at += 1) bits += width[text.charCodeAt(at)] ?? 0;
  return Math.ceil(bits / 8);
}

/** Into `out`, from `at` on. */
export function writeHuffman(text: string, out: Buffer, at: number): void {
  const code = coding();
  let held = 0;
  let bits = 0;
  let to = at;
  for (let from = 0; from < text.length; from += 1) {
    const symbol = text.charCodeAt(from);
    const all = code.bits[symbol] ?? 0;
    for (let left = code.width[symbol] ?? 0; left > 0; ) {
      const taken = Math.min(left, 8 - bits);
      held = (held << taken) | ((all >>> (left - taken)) & ((1 << taken) - 1));
      bits += taken;
      left -= taken;
      if (bits < 8) continue;
      out[to] = held;
      to += 1;
      held = 0;
      bits = 0;
    }
  }
  if (bits > 0) out[to] = (held << (8 - bits)) | ((1 << (8 - bits)) - 1);
}
