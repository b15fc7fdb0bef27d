// Attacker-controlled text of a policy → plain data with the place of every key, or the faults of its YAML. Refused
// before anything is built: too large, too deep, too many nodes, anchors and aliases (a policy says everything where it
// stands, so nothing can expand), tags, several documents, keys that are not text.

import { Composer, type CST, type Document, isMap, isScalar, isSeq, LineCounter, type ParsedNode, Parser } from "yaml";
import { dotted, type PolicyFault, visible, written } from "./fault.ts";
import { maxDepth, maxExcerpt, maxFaults, maxNodes } from "./limits.ts";
import { sayYaml } from "./yaml-words.ts";

type Path = readonly PropertyKey[];
type Span = readonly [start: number, end: number];

/** A file's text and how to speak of places in it. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
}

export interface Told {
  readonly key?: Path;
  readonly message: string;
  readonly hint: string;
  readonly example?: string;
}

export interface Syntax {
  readonly source: Source;
  /** Undefined where the text is no YAML at all. */
  readonly value: unknown;
  readonly faults: readonly PolicyFault[];
  /** Where a key or value stands; the nearest one above it where it is absent. */
  readonly find: (path: Path, part: "key" | "value") => Span;
}

/** Never throws, never takes longer than the text's length allows. */
export function parseSyntax(text: string, file: string): Syntax {
  const source: Source = { file, text, lines: new LineCounter() };
  const nowhere = { source, value: undefined, find: (): Span => [0, 0] };
  const tokens = tokenise(source);
  const early = survey(tokens, source);
  if (early.length > 0) return { ...nowhere, faults: early };
  const document = compose(tokens);
  if (document?.contents == null) return { ...nowhere, faults: [faultAt(source, [0, 0], empty)] };
  const faults = document.errors
    .slice(0, maxFaults)
    .map((error) => faultAt(source, withinText(error.pos, text), sayYaml(error)));
  if (document.errors.some((error) => error.code !== "DUPLICATE_KEY")) return { ...nowhere, faults };
  const places = new Map<string, { key: Span; value: Span }>();
  record(document.contents, [], { key: [0, 0], value: [0, 0] }, places);
  for (const [path, { key }] of places) if (path.endsWith('"__proto__"]')) faults.push(faultAt(source, key, prototype));
  const find = (path: Path, part: "key" | "value"): Span => {
    for (let length = path.length; length >= 0; length--) {
      const place = places.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined) return length === path.length ? place[part] : place.key;
    }
    return [0, 0];
  };
  return { source, value: document.toJS(), faults, find };
}

const empty: Told = { message: "the file is empty", hint: "a policy begins with its version" };
export const firstLines = "version: 1\nmode: enforce";

/** What is missing at the end of the file is shown at its last character. */
function withinText([start, end]: Span, text: string): Span {
  const last = Math.max(0, text.trimEnd().length - 1);
  return start > last ? [last, last + 1] : [start, end];
}

/** A place in the text and what to say of it → a fault. */
export function faultAt(source: Source, [start, end]: Span, told: Told): PolicyFault {
  const { line, col } = source.lines.linePos(start);
  const begin = source.lines.lineStarts[line - 1] ?? 0;
  const whole = source.text.slice(begin).split(/\r?\n/, 1)[0] ?? "";
  const one = end > start ? source.text.slice(start, end).split("\n", 1)[0] : "";
  return {
    file: source.file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    key: dotted(told.key ?? []),
    // whoever composed them may have shown what stands there
    message: written(told.message),
    hint: written(told.hint),
    example: told.example ?? firstLines,
    excerpt: visible(whole.replaceAll("\t", " "), maxExcerpt),
    width: Math.max(1, (one ?? "").trimEnd().length),
  };
}

function tokenise(source: Source): CST.Token[] {
  const tokens: CST.Token[] = [];
  const parser = new Parser(source.lines.addNewLine);
  for (const token of parser.parse(source.text)) if (tokens.length <= maxNodes) tokens.push(token);
  return tokens;
}

function compose(tokens: readonly CST.Token[]): Document.Parsed | undefined {
  const composer = new Composer({ stringKeys: true, schema: "core", merge: false });
  return [...composer.compose(tokens, true)][0];
}

/** Walks the tokens without recursion, so that depth itself can be refused. */
function survey(tokens: readonly CST.Token[], source: Source): PolicyFault[] {
  const faults: PolicyFault[] = [];
  const fault = (offset: number, length: number, told: Told): void => {
    if (faults.length < maxFaults) faults.push(faultAt(source, [offset, offset + length], told));
  };
  const documents = tokens.filter((token) => token.type === "document");
  if (documents[1] !== undefined) fault(documents[1].offset, 3, several);
  const waiting = tokens.map((token) => ({ token, depth: 0 }));
  let nodes = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    nodes += 1;
    if (depth > maxDepth) return [faultAt(source, [token.offset, token.offset + 1], deep)];
    if (nodes + waiting.length > maxNodes) return [faultAt(source, [token.offset, token.offset + 1], many)];
    if (token.type === "directive") fault(token.offset, token.source.length, directive);
    if (token.type === "alias" || token.type === "anchor")
      fault(token.offset, token.source.length, alias(token.source));
    if (token.type === "tag") fault(token.offset, token.source.length, tag);
    for (const child of children(token))
      waiting.push({ token: child, depth: child.type.length > 0 && isNested(child) ? depth + 1 : depth });
  }
  return faults.sort((a, b) => a.line - b.line || a.column - b.column);
}

function isNested(token: CST.Token | CST.SourceToken): boolean {
  return "items" in token;
}

function children(token: CST.Token | CST.SourceToken): (CST.Token | CST.SourceToken)[] {
  if (token.type === "document") return [...token.start, ...(token.value ? [token.value] : [])];
  if (!("items" in token)) return [];
  return token.items.flatMap((item) => [
    ...item.start.filter(isProperty),
    ...(item.key ? [item.key] : []),
    ...(item.sep ?? []).filter(isProperty),
    ...(item.value ? [item.value] : []),
  ]);
}

function isProperty(token: CST.SourceToken): boolean {
  return token.type === "anchor" || token.type === "tag";
}

const prototype: Told = { message: "__proto__ is no key of anything", hint: "take it out" };
const several: Told = {
  message: "a second document begins here",
  hint: "one policy, one document: take the line --- out",
};
const deep: Told = { message: `nested deeper than ${maxDepth} levels`, hint: "no key of a policy stands that deep" };
const many: Told = {
  message: `more than ${maxNodes} keys and values`,
  hint: "a policy is meant to be read by a person",
};
const directive: Told = { message: "a YAML directive", hint: "take the line out: a policy needs none" };
const tag: Told = { message: "a YAML tag", hint: "take it out: every value of a policy says its type by its key" };

function alias(text: string): Told {
  if (text.startsWith("*")) {
    return {
      message: `${visible(text, 40)} without quotes is a YAML alias, and a policy has none`,
      hint: `for a host or glob that begins with a star write quotes: "${visible(text, 40)}"`,
      example: 'network:\n  allow:\n    - host: "*.example.org"',
    };
  }
  return {
    message: `${visible(text, 40)} is a YAML anchor`,
    hint: "a policy says everything where it stands: write it out",
  };
}

function record(
  node: ParsedNode | null,
  path: Path,
  place: { key: Span; value: Span },
  places: Map<string, { key: Span; value: Span }>,
): void {
  places.set(JSON.stringify(path), place);
  if (isMap(node)) {
    for (const pair of node.items) {
      if (!isScalar(pair.key)) continue;
      const key = span(pair.key, place.key);
      record(pair.value, [...path, String(pair.key.value)], { key, value: span(pair.value, key) }, places);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const value = span(item, place.value);
      record(item, [...path, index], { key: value, value }, places);
    }
  }
}

/** An empty value has a place of no width: its key stands for it. */
function span(node: ParsedNode | null, otherwise: Span): Span {
  if (node == null || node.range[1] <= node.range[0]) return otherwise;
  return [node.range[0], node.range[1]];
}
