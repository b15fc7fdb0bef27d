// Rows → aligned lines. Foreign text is made visible and bounded: control, bidi and other unprintable characters are
// drawn as escapes, so that nothing a tool wrote can steer the reader's terminal or eye.

export interface Column {
  readonly title: string;
  /** Right-aligned where figures stand. */
  readonly right?: boolean;
}

export function align(columns: readonly Column[], rows: readonly (readonly string[])[], titled = true): string[] {
  const lines = titled ? [columns.map((column) => column.title), ...rows] : [...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => width(line[at] ?? ""))));
  return lines.map((line) =>
    columns
      .map((column, at) => pad(line[at] ?? "", widths[at] ?? 0, column.right === true))
      .join("  ")
      .trimEnd(),
  );
}

function pad(text: string, to: number, right: boolean): string {
  const gap = " ".repeat(Math.max(0, to - width(text)));
  return right ? gap + text : text + gap;
}

/** Without the colours of our own. */
function width(text: string): number {
  return [...text.replaceAll(/\u001b\[\d*m/g, "")].length;
}

/** Attacker-controlled text → printable text; what is drawn longer than `limit` characters is cut with an ellipsis. */
export function show(text: string, limit = 200): string {
  const drawn = [...text.slice(0, limit * 4)].map((c) => (isPlain(c) ? c : spell(c)));
  let kept = drawn.length;
  let width = drawn.reduce((sum, each) => sum + [...each].length, 0);
  if (width <= limit && text.length <= limit * 4) return drawn.join("");
  while (kept > 0 && width > limit - 1) {
    kept -= 1;
    width -= [...(drawn[kept] ?? "")].length;
  }
  return `${drawn.slice(0, kept).join("")}…`;
}

/** Whole, however long: a name that is told to be named again. */
export function showWhole(text: string): string {
  return show(text, Number.POSITIVE_INFINITY);
}

/** A path, whole; what lies in the home directory as `~/…`. */
export function showPath(path: string, home: string): string {
  const short = path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
  return show(short, 1000);
}

/** A line of a file, bytes as Latin-1, attacker-controlled → printable text, whole: tabs stay, what is no UTF-8 is spelled by byte. */
export function showLine(line: string): string {
  const bytes = Buffer.from(line, "latin1");
  const text = bytes.toString();
  const exact = Buffer.from(text).equals(bytes);
  return [...(exact ? text : line)]
    .map((c) => (c === "\t" || (isPlain(c) && (exact || c < "\x7f")) ? c : spell(c)))
    .join("");
}

function isPlain(character: string): boolean {
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character) && !/\p{Cf}/u.test(character);
}

function spell(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

export function plural(count: number, noun: string, several = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : several}`;
}

/** Bytes for people: `812 B`, `4.1 kB`, `3.2 MB` (powers of 1000). */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}

/** Seconds for people: `4 s`, `42 min`, `3 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Text → lines of at most `columns`, broken at blanks; a word that is longer is broken where it has to be. */
export function wrap(text: string, columns: number): string[] {
  const most = Math.max(1, columns);
  const lines: string[] = [];
  let line: string[] = [];
  for (const word of text.split(" ")) {
    const next = [...word];
    if (line.length > 0 && line.length + 1 + next.length > most) {
      lines.push(line.join(""));
      line = next;
    } else line = line.length === 0 ? next : [...line, " ", ...next];
    while (line.length > most) lines.push(line.splice(0, most).join(""));
  }
  return line.length > 0 || lines.length === 0 ? [...lines, line.join("")] : lines;
}

/** A text behind a start, its further lines below its own beginning, as far as the terminal is wide. */
export function hang(start: string, text: string, columns: number): string[] {
  const indent = width(start);
  if (indent + width(text) <= columns || columns - indent < 20) return [start + text];
  return wrap(text, columns - indent).map((line, at) => (at === 0 ? start : " ".repeat(indent)) + line);
}
