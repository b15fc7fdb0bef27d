// What happens to lines of source between the file and the wire: each way as a function, for tests and for the measurement.

export interface Place {
  /** The first line's number, and the file's path. */
  readonly from: number;
  readonly path: string;
  readonly draw: (below: number) => number;
}

export interface Mutation {
  readonly name: string;
  readonly change: (lines: readonly string[], place: Place) => string;
}

/** Numbers from 0 to below `below`, the same for the same seed (mulberry32). */
export function draws(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixing = Math.imul(state ^ (state >>> 15), state | 1);
    mixing ^= mixing + Math.imul(mixing ^ (mixing >>> 7), mixing | 61);
    return ((mixing ^ (mixing >>> 14)) >>> 0) % below;
  };
}

const join = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
const each =
  (write: (line: string, number: number, place: Place) => string): Mutation["change"] =>
  (lines, place) =>
    join(lines.map((line, at) => write(line, place.from + at, place)));
const once = (lines: readonly string[], { path }: Place): string =>
  JSON.stringify({ tool: "Write", file_path: path, content: join(lines) });

const tabs: Mutation["change"] = each((line) =>
  line.replace(/^ +/, (blanks) => "\t".repeat(Math.ceil(blanks.length / 2))),
);

export const mutations: readonly Mutation[] = [
  { name: "verbatim", change: join },
  { name: "indented more", change: each((line) => (line === "" ? "" : `      ${line}`)) },
  { name: "tabs for blanks", change: tabs },
  { name: "CRLF", change: (lines) => `${lines.join("\r\n")}\r\n` },
  { name: "JSON", change: once },
  { name: "JSON in JSON", change: (lines, place) => JSON.stringify({ arguments: once(lines, place) }) },
  { name: "cat -n", change: each((line, number) => `${String(number).padStart(6)}\t${line}`) },
  { name: "number and arrow", change: each((line, number) => `${String(number).padStart(6)}→${line}`) },
  { name: "number and tab", change: each((line, number) => `${number}\t${line}`) },
  { name: "number and bar", change: each((line, number) => `${String(number).padStart(5, "0")}| ${line}`) },
  { name: "ripgrep", change: each((line, number) => `${number}:${line}`) },
  { name: "ripgrep, context", change: each((line, number) => `${number}${number % 3 === 0 ? ":" : "-"}${line}`) },
  { name: "ripgrep, path", change: each((line, number, { path }) => `${path}:${number}:${line}`) },
  { name: "difference", change: each((line, number) => `${["+", "-", " "][number % 3] ?? ""}${line}`) },
  { name: "quote", change: each((line) => `> ${line}`) },
  { name: "cat -n in JSON", change: (lines, place) => once([catNumbered(lines, place)], place) },
  { name: "one line", change: (lines) => lines.map((line) => line.trim()).join(" ") },
  { name: "renamed", change: rename },
];

function catNumbered(lines: readonly string[], { from }: Place): string {
  return lines.map((line, at) => `${String(from + at).padStart(6)}\t${line}`).join("\n");
}

const keywords = new Set(
  "abstract and any as async await boolean break case catch class const continue def default delete do elif else export extends false finally for from function if implements import in instanceof interface is let new not null number of or package pass private protected public readonly return self static string super switch this throw true try type typeof undefined unknown var void while with yield".split(
    " ",
  ),
);

/** One name in eight, everywhere it stands. */
function rename(lines: readonly string[], { draw }: Place): string {
  const names = new Map<string, string>();
  const chosen = (name: string): string => {
    if (keywords.has(name)) return name;
    const known = names.get(name) ?? (draw(8) === 0 ? `${name.slice(0, 1)}${"xyzuvw"[draw(6)]}${draw(100)}` : name);
    names.set(name, known);
    return known;
  };
  return join(lines.map((line) => line.replace(/[A-Za-z_$][\w$]{2,}/g, chosen)));
}
