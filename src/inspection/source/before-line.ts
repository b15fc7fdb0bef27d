// What tools write before a line: its number, the path it stands in, a mark of a difference, a quote. It is taken off on both
// sides, of the indexed file and of the text that leaves, so nobody has to know which of them put it there. The price: lines that
// differ in nothing else are the same here (`- a` and `a`, `7: a` and `a`).

export interface Row {
  readonly name: string;
  /** As it is written, for tests and the page. */
  readonly example: string;
  /** The octets it may begin with. */
  readonly begins: (octet: number) => boolean;
  /** The line's rest begins at `at` → where it begins without this; `at` where this is not there. */
  readonly after: (line: Uint8Array, at: number, to: number) => number;
}

const code = (character: string): number => character.charCodeAt(0);
const [tab, space, bar, colon, minus, plus, quote] = ["\t", " ", "|", ":", "-", "+", ">"].map(code);
const newline = 10;
const isDigit = (octet: number | undefined): boolean => octet !== undefined && octet >= 48 && octet <= 57;
export const isBlank = (octet: number | undefined): boolean =>
  octet === space || (octet !== undefined && octet >= 9 && octet <= 13);

function afterDigits(line: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && at - from < 9 && isDigit(line[at])) at += 1;
  return at;
}

/** UTF-8 of `→` and of `│`, which bat and Claude Code put behind a number. */
function afterArrow(line: Uint8Array, at: number, to: number): number {
  if (at + 3 > to || line[at] !== 0xe2) return at;
  const arrow = line[at + 1] === 0x86 && line[at + 2] === 0x92;
  const box = line[at + 1] === 0x94 && line[at + 2] === 0x82;
  return arrow || box ? at + 3 : at;
}

function afterNumber(line: Uint8Array, from: number, to: number): number {
  const digits = afterDigits(line, from, to);
  if (digits === from) return from;
  const next = line[digits];
  if (next === tab || next === colon || next === minus || next === bar) return digits < to ? digits + 1 : from;
  let at = digits;
  while (at < to && line[at] === space) at += 1;
  if (line[at] === bar && at < to) return at + 1;
  const arrow = afterArrow(line, at, to);
  return arrow > at ? arrow : from;
}

/** `path:12:` or `path-12-`: no blank in the path, and a dot or slash in it, or it could be anything. */
function afterPath(line: Uint8Array, from: number, to: number): number {
  let named = false;
  for (let at = from; at < to && at - from < 512; at += 1) {
    const octet = line[at];
    if (isBlank(octet)) return from;
    if (octet === 46 || octet === 47) named = true;
    if (!named || (octet !== colon && octet !== minus) || !isDigit(line[at + 1])) continue;
    const digits = afterDigits(line, at + 1, to);
    if (digits < to && line[digits] === octet) return digits + 1;
  }
  return from;
}

function afterLetter(line: Uint8Array, from: number, to: number): number {
  const digits = afterDigits(line, from + 1, to);
  return digits > from + 1 && digits < to && line[digits] === colon ? digits + 1 : from;
}

const pathLike = (octet: number): boolean => octet > 32 && octet !== 34 && octet !== 39 && octet !== 96;

export const rows: readonly Row[] = [
  { name: "number and tab (cat -n)", example: "    12\t", begins: isDigit, after: afterNumber },
  { name: "number and arrow", example: "   12→", begins: isDigit, after: afterNumber },
  { name: "number and bar", example: "00012| ", begins: isDigit, after: afterNumber },
  { name: "number, blank and bar", example: "  12 │ ", begins: isDigit, after: afterNumber },
  { name: "number and colon (ripgrep, grep -n)", example: "12:", begins: isDigit, after: afterNumber },
  { name: "number and hyphen (ripgrep's context)", example: "12-", begins: isDigit, after: afterNumber },
  { name: "L, number and colon", example: "L12: ", begins: (octet) => octet === 76, after: afterLetter },
  { name: "path, number and colon", example: "src/a.ts:12:", begins: pathLike, after: afterPath },
  { name: "path, number and hyphen", example: "src/a.ts-12-", begins: pathLike, after: afterPath },
  { name: "added line", example: "+", begins: (octet) => octet === plus, after: (_, at) => at + 1 },
  { name: "removed line", example: "-", begins: (octet) => octet === minus, after: (_, at) => at + 1 },
  { name: "quote", example: "> ", begins: (octet) => octet === quote, after: (_, at) => at + 1 },
];

/** For each first octet the different ways to go past it: most have one or none. */
const ways: readonly (readonly Row["after"][])[] = Array.from({ length: 256 }, (_, octet) => [
  ...new Set(rows.filter(({ begins }) => begins(octet)).map(({ after }) => after)),
]);

/**
 * Where the line itself begins: behind blanks and whatever the rows take off, as often as one of them does; at its end where
 * nothing is left. `to` may lie behind the line's end.
 */
export function lineBegins(line: Uint8Array, from: number, to: number): number {
  for (let at = from; ; ) {
    while (at < to && isBlank(line[at]) && line[at] !== newline) at += 1;
    const next = at < to ? past(line, at, to) : at;
    if (next === at) return at;
    at = next;
  }
}

/** Where the line may begin: as it stands, and after each thing taken off, blanks kept. For telling a copy from a likeness. */
export function beginnings(line: Uint8Array, from: number, to: number): readonly number[] {
  const found = [from];
  for (let at = from; found.length < 6; ) {
    while (at < to && isBlank(line[at]) && line[at] !== newline) at += 1;
    const next = at < to ? past(line, at, to) : at;
    if (next === at) return found;
    found.push(next);
    // `12: text`, `> text`: one blank belongs to what was taken off, or to the line
    if (line[next] === space && next < to) found.push(next + 1);
    at = next;
  }
  return found;
}

function past(line: Uint8Array, at: number, to: number): number {
  for (const after of ways[line[at] ?? 0] ?? []) {
    const next = after(line, at, to);
    if (next > at) return next;
  }
  return at;
}
