// Stretches of a text that are all of one alphabet, found octet by octet: an expression that repeats a class over millions of characters
// needs a stack as long, and throws. *Attacker-controlled*; one pass.

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Units that belong to it. */
type Alphabet = Uint8Array;

function alphabetOf(units: string): Alphabet {
  const alphabet = new Uint8Array(65_536);
  for (const unit of units) alphabet[unit.charCodeAt(0)] = 1;
  return alphabet;
}

const between = (first: number, last: number): string =>
  String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, at) => first + at));

const digits = "0123456789";
const base64 = alphabetOf(`ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz${digits}+/_-`);
const hexes = [alphabetOf(`${digits}abcdef`), alphabetOf(`${digits}ABCDEF`)] as const;
const shown = alphabetOf(`\t\n\r${between(0x20, 0x7e)}`);

const [lf, cr, pad] = [0x0a, 0x0d, 0x3d];
/** RFC 2045 breaks lines of base64 after 76 characters, RFC 7468 after 64. */
const line = 76;

/** Base64 of either alphabet, broken into lines or not, its padding with it; hexadecimal digits are some, too. */
export function* base64In(text: string, shortest: number): Generator<Stretch> {
  for (let from = 0; from < text.length; ) {
    let to = endOf(text, base64, from, text.length);
    if (to - from < shortest) {
      from = to + 1;
      continue;
    }
    for (let next = afterLine(text, to); next > to; next = afterLine(text, to)) to = next;
    for (let more = 0; more < 2 && text.charCodeAt(to) === pad; more += 1) to += 1;
    yield { from, to };
    from = to;
  }
}

/** Behind the next line of it, where it goes on in one that is no longer than lines are; else the same place. */
function afterLine(text: string, at: number): number {
  const from = text.charCodeAt(at) === cr ? at + 1 : at;
  if (text.charCodeAt(from) !== lf) return at;
  const most = from + 1 + line;
  const end = endOf(text, base64, from + 1, most + 1);
  return end === from + 1 || end > most ? at : end;
}

export const isHex = (text: string): boolean =>
  text.length % 2 === 0 && hexes.some((alphabet) => endOf(text, alphabet, 0, text.length) === text.length);

/** In digits of one case. */
export function hexIn(text: string, shortest: number): readonly string[] {
  const [lower = [], upper = []] = hexes.map((alphabet) => textsOf(text, alphabet, shortest));
  // decimal digits alone are both
  return [...lower, ...upper.filter((one) => /[A-F]/.test(one))];
}

/** What shows, and white space: of octets that are no text as a whole, as latin1. */
export const shownIn = (octets: string, shortest: number): readonly string[] => textsOf(octets, shown, shortest);

const textsOf = (text: string, alphabet: Alphabet, shortest: number): readonly string[] =>
  [...stretchesOf(text, alphabet, shortest)].map(({ from, to }) => text.slice(from, to));

function* stretchesOf(text: string, alphabet: Alphabet, shortest: number): Generator<Stretch> {
  for (let from = 0; from < text.length; ) {
    const to = endOf(text, alphabet, from, text.length);
    if (to - from >= shortest) yield { from, to };
    from = to + 1;
  }
}

function endOf(text: string, alphabet: Alphabet, from: number, most: number): number {
  let at = from;
  const end = Math.min(most, text.length);
  while (at < end && alphabet[text.charCodeAt(at)] === 1) at += 1;
  return at;
}
