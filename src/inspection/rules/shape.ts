// A pattern's own measure, read off its text: how wide a match can be, and whether a repetition stands inside another.
// Reads the part of JavaScript's and RE2's syntax that both our own rules and others' use; what it cannot read is Infinity.

export interface Shape {
  /** UTF-16 units of the widest match; Infinity where there is no bound. */
  readonly width: number;
  /** Some repetition of more than one count is repeated itself: where backtracking can explode. */
  readonly nested: boolean;
}

interface Part {
  readonly width: number;
  /** Holds a repetition that may be of different lengths. */
  readonly loose: boolean;
  readonly nested: boolean;
}

const nothing: Part = { width: 0, loose: false, nested: false };
const unit: Part = { width: 1, loose: false, nested: false };

export function shapeOf(pattern: string): Shape {
  const reader = { pattern, at: 0 };
  const { width, nested } = alternatives(reader);
  return reader.at < pattern.length ? { width: Infinity, nested: true } : { width, nested };
}

interface Reader {
  readonly pattern: string;
  at: number;
}

function alternatives(reader: Reader): Part {
  let whole = sequence(reader);
  while (reader.pattern[reader.at] === "|") {
    reader.at += 1;
    const other = sequence(reader);
    whole = {
      width: Math.max(whole.width, other.width),
      loose: whole.loose || other.loose || whole.width !== other.width,
      nested: whole.nested || other.nested,
    };
  }
  return whole;
}

function sequence(reader: Reader): Part {
  let whole = nothing;
  while (reader.at < reader.pattern.length && !"|)".includes(reader.pattern[reader.at] ?? "")) {
    const part = repeated(reader, atom(reader));
    whole = {
      width: whole.width + part.width,
      loose: whole.loose || part.loose,
      nested: whole.nested || part.nested,
    };
  }
  return whole;
}

const count = /\{(\d+)(,?)(\d*)\}/y;

function repeated(reader: Reader, part: Part): Part {
  const range = rangeAt(reader);
  if (range === undefined) return part;
  if (reader.pattern[reader.at] === "?") reader.at += 1;
  const [least, most] = range;
  return {
    width: part.width === 0 ? 0 : part.width * most,
    loose: part.loose || least !== most,
    nested: part.nested || (part.loose && most > 1),
  };
}

function rangeAt(reader: Reader): readonly [number, number] | undefined {
  const sign = reader.pattern[reader.at];
  const simple = { "?": [0, 1], "*": [0, Infinity], "+": [1, Infinity] } as const;
  if (sign === "?" || sign === "*" || sign === "+") {
    reader.at += 1;
    return simple[sign];
  }
  count.lastIndex = reader.at;
  const found = count.exec(reader.pattern);
  if (found === null) return undefined;
  reader.at = count.lastIndex;
  const least = Number(found[1]);
  return [least, found[2] === "" ? least : found[3] === "" ? Infinity : Number(found[3])];
}

function atom(reader: Reader): Part {
  const { pattern } = reader;
  const sign = pattern[reader.at];
  if (sign === "(") return group(reader);
  if (sign === "[") {
    reader.at = classEnd(pattern, reader.at);
    return unit;
  }
  if (sign === "\\") return escape(reader);
  reader.at += 1;
  if (sign === "^" || sign === "$") return nothing;
  // a character beyond the first plane is two units
  return sign === "." ? { ...unit, width: 2 } : unit;
}

function group(reader: Reader): Part {
  const opening = /\((?:\?(?:[a-zA-Z-]+\)|[a-zA-Z-]*:|P?<[a-zA-Z_]\w*>|(<?[=!])))?/y;
  opening.lastIndex = reader.at;
  const found = opening.exec(reader.pattern);
  reader.at = found === null ? reader.pattern.length + 1 : opening.lastIndex;
  if (found?.[0].endsWith(")")) return nothing;
  const inside = alternatives(reader);
  reader.at += 1;
  return found?.[1] === undefined ? inside : { ...inside, width: 0, loose: false };
}

/** One character, or none for a boundary. */
function escape(reader: Reader): Part {
  const long = /\\(?:x\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[pP]\{[^}]*\}|[pP].|.)/sy;
  long.lastIndex = reader.at;
  const found = long.exec(reader.pattern)?.[0] ?? "";
  reader.at = found === "" ? reader.pattern.length + 1 : long.lastIndex;
  return /^\\[bBAz]$/.test(found) ? nothing : unit;
}

/** Behind the bracket that closes the class. */
function classEnd(pattern: string, from: number): number {
  let at = from + 1;
  if (pattern[at] === "^") at += 1;
  if (pattern[at] === "]") at += 1;
  while (at < pattern.length && pattern[at] !== "]") {
    if (pattern[at] === "\\") at += 2;
    else if (pattern.startsWith("[:", at)) at = Math.max(pattern.indexOf(":]", at), at) + 2;
    else at += 1;
  }
  return at + 1;
}
