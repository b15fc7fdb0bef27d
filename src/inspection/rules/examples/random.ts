// Random text from a seed, so that examples are made when tests run and are the same each time: no secret, not even an
// invented one, stands in the repository.

export interface Random {
  /** From 0, below `count`. */
  readonly below: (count: number) => number;
  readonly of: (alphabet: string, length: number) => string;
  readonly octets: (length: number) => Buffer;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** A template filled in: see `alphabets`. */
  readonly fill: (template: string) => string;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const small = letters.toLowerCase();
const digits = "0123456789";

/** `{A30}` is thirty letters and digits, and so on. `{A30-40}` has a length between. */
const alphabets: Readonly<Record<string, string>> = {
  A: letters + small + digits,
  a: small + digits,
  U: letters + digits,
  l: letters + small,
  L: letters,
  h: "0123456789abcdef",
  H: "0123456789ABCDEF",
  d: digits,
  u: `${letters}${small}${digits}-_`,
  b: `${letters}${small}${digits}+/`,
  x: `${letters}234567`,
};

/** Marsaglia's xorshift, 32 bits. */
export function openRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state;
  };
  const below = (count: number) => Math.floor((next() / 0x1_0000_0000) * count);
  const of = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[below(alphabet.length)] ?? "").join("");
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error("nothing to pick");
    return item;
  };
  const octets = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
  return {
    below,
    of,
    octets,
    pick,
    fill: (template) => fillWith(template, of, below),
  };
}

type Fill = (alphabet: string, length: number) => string;

/** A template's places filled by `of`; of a range of lengths the least, unless `below` says more. */
export function fillWith(template: string, of: Fill, below: (count: number) => number = () => 0): string {
  const uuid = () => [8, 4, 4, 4, 12].map((length) => of("0123456789abcdef", length)).join("-");
  return template.replace(/\{(uuid|[A-Za-z])(\d*)(?:-(\d+))?\}/g, (_, kind: string, least: string, most?: string) => {
    if (kind === "uuid") return uuid();
    const length = Number(least) + (most === undefined ? 0 : below(Number(most) - Number(least) + 1));
    const alphabet = alphabets[kind];
    if (alphabet === undefined) throw new Error(`no alphabet ${kind}`);
    return of(alphabet, length);
  });
}
