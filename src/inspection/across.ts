// Values that are known, taken apart over texts that follow each other: two blocks of a message, two fields of a call, the items of a
// list, messages of one socket. Texts are laid end to end without their white space, and each way of writing a value that crosses an
// edge is found; of a text that is JSON itself, its strings are laid so too. In: spans, *attacker-controlled*. Pure; of long texts only
// the ends. Missed: anything else between two parts of it, parts in another order, ways of writing over 1,024 octets.

import type { Span } from "../domain/span.ts";
import { formsOf } from "./forms.ts";
import type { Seen, SpanFinding } from "./inspect.ts";
import type { KnownValue } from "./known-text.ts";
import { buildNeedles, type Needles } from "./needles.ts";
import { type Piece, piecesOf, type Strand, strands } from "./pieces.ts";
import { squeezed } from "./squeeze.ts";

export const acrossBounds = {
  /** Octets but white space: shorter values could be the end of one word and the beginning of another. */
  shortest: 16,
  /** Octets of a way of writing. */
  longest: 1_024,
  /** Bodies of which it is remembered what was found; sockets of which the last words are kept. */
  conversations: 8,
  sockets: 64,
  findings: 500,
} as const;

export interface Across {
  /** `conversation`: its bodies begin alike. `socket`: what was said on it before goes on here. */
  readonly look: (spans: readonly Span[], conversation: string, socket?: number) => readonly SpanFinding[];
}

interface Known {
  readonly label: string;
  readonly length: number;
}

interface Before {
  readonly spans: readonly Span[];
  readonly found: readonly SpanFinding[][];
}

/** `values`: as many as are known by now; only ever more. */
export function openAcross(values: () => readonly KnownValue[]): Across {
  return new Crossing(values);
}

class Crossing implements Across {
  readonly #values: () => readonly KnownValue[];
  #built = 0;
  #needles: Needles<Known> = buildNeedles<Known>([]);
  readonly #before = new Map<string, Before>();
  readonly #tails = new Map<string, Buffer>();
  readonly #pieces = new WeakMap<Span, readonly Piece[]>();

  constructor(values: () => readonly KnownValue[]) {
    this.#values = values;
  }

  look(spans: readonly Span[], conversation: string, socket?: number): readonly SpanFinding[] {
    this.#build();
    if (this.#needles.longest === 0) return [];
    const before = socket === undefined ? this.#before.get(conversation) : undefined;
    const same = before === undefined ? 0 : alike(before.spans, spans);
    const kept = (before?.found ?? []).filter((parts) => (parts.at(-1)?.span ?? 0) < same);
    const fresh = strands.flatMap((strand) => this.#along(strand, { spans, same, socket }));
    const found = bounded(distinct([...kept, ...fresh]));
    if (socket === undefined) remember(this.#before, conversation, { spans, found }, acrossBounds.conversations);
    return found.flat();
  }

  #build(): void {
    const all = this.#values();
    if (all.length === this.#built) return;
    this.#built = all.length;
    this.#needles = buildNeedles(all.flatMap(needlesOf));
    this.#before.clear();
  }

  /** One list of findings for each value: its parts. */
  #along(strand: Strand, { spans, same, socket }: Stretch): SpanFinding[][] {
    const name = `${socket} ${strand.name}`;
    const tail = socket === undefined ? undefined : this.#tails.get(name);
    const laid: Laid[] = tail === undefined || strand.within ? [] : [{ span: -1, octets: tail, unit: () => 0 }];
    const from = this.#beginning(strand, spans, same);
    for (let nth = from; nth < spans.length; nth += 1) {
      const span = spans[nth];
      if (span === undefined || !strand.takes(span)) continue;
      for (const piece of this.#piecesOf(span)) if (strand.lays(piece)) laid.push({ span: nth, ...piece });
    }
    if (socket !== undefined && !strand.within) this.#keepTail(name, laid);
    const groups = strand.within ? [...Map.groupBy(laid, ({ span }) => span).values()] : [laid];
    return groups
      .flatMap((group) => crossings(group, this.#needles))
      .filter((parts) => (parts.at(-1)?.span ?? 0) >= same);
  }

  /** Far enough before what is new for a value to reach into it. */
  #beginning(strand: Strand, spans: readonly Span[], same: number): number {
    if (strand.within) return same;
    let [at, octets] = [same, 0];
    while (at > 0 && octets < acrossBounds.longest) {
      at -= 1;
      const span = spans[at];
      if (span === undefined || !strand.takes(span)) continue;
      for (const piece of this.#piecesOf(span)) if (strand.lays(piece)) octets += piece.octets.length;
    }
    return at;
  }

  #piecesOf(span: Span): readonly Piece[] {
    const known = this.#pieces.get(span);
    if (known !== undefined) return known;
    const pieces = piecesOf(span, acrossBounds.longest);
    this.#pieces.set(span, pieces);
    return pieces;
  }

  #keepTail(name: string, laid: readonly Laid[]): void {
    const tail = Buffer.concat(laid.map(({ octets }) => octets)).subarray(-acrossBounds.longest);
    remember(this.#tails, name, Buffer.from(tail), acrossBounds.sockets * strands.length);
  }
}

interface Stretch {
  readonly spans: readonly Span[];
  /** So many of them were there before. */
  readonly same: number;
  readonly socket: number | undefined;
}

/** A piece in its place; span -1: it has left already. */
interface Laid extends Pick<Piece, "octets" | "unit"> {
  readonly span: number;
}

function crossings(laid: readonly Laid[], needles: Needles<Known>): SpanFinding[][] {
  if (laid.length < 2) return [];
  const starts: number[] = [];
  let size = 0;
  for (const { octets } of laid) {
    starts.push(size);
    size += octets.length;
  }
  const all = Buffer.concat(
    laid.map(({ octets }) => octets),
    size,
  );
  const found: SpanFinding[][] = [];
  needles.search(all, ({ label, length }, offset) => {
    const end = offset + length;
    const parts: SpanFinding[] = [];
    let touched = 0;
    for (let nth = holding(starts, offset); nth < laid.length && (starts[nth] ?? 0) < end; nth += 1) {
      const [piece, start] = [laid[nth], starts[nth] ?? 0];
      const [from, to] = [Math.max(offset - start, 0), Math.min(end - start, piece?.octets.length ?? 0)];
      if (piece === undefined || to <= from) continue;
      touched += 1;
      if (piece.span >= 0) parts.push({ span: piece.span, seen: partOf({ label, piece, from, to, part: touched }) });
    }
    if (touched > 1 && parts.length > 0 && found.length <= acrossBounds.findings) found.push(parts);
  });
  return found;
}

interface Part {
  readonly label: string;
  readonly piece: Laid;
  readonly from: number;
  readonly to: number;
  readonly part: number;
}

function partOf({ label, piece, from, to, part }: Part): Seen {
  const place = { from: piece.unit(from), to: piece.unit(to - 1) + 1 };
  return { kind: "secret", label, ...place, sure: "known", within: ["across"], part };
}

/** The last that begins at or before it. */
function holding(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}

function alike(before: readonly Span[], now: readonly Span[]): number {
  let same = 0;
  while (same < now.length && before[same] === now[same]) same += 1;
  return same;
}

/** As many as are told; where there are more, that is told in place of the last. */
function bounded(all: readonly SpanFinding[][]): readonly SpanFinding[][] {
  const over = all[acrossBounds.findings];
  if (over === undefined) return all;
  const closed = over.map(({ span, seen }): SpanFinding => {
    const { label, from, to } = seen;
    return { span, seen: { kind: "closed", label, cut: "secret", from, to, sure: "known" } };
  });
  return [...all.slice(0, acrossBounds.findings), closed];
}

/** What two strands hold is found in both. */
function distinct(all: readonly SpanFinding[][]): SpanFinding[][] {
  const names = new Set<string>();
  return all.filter((parts) => {
    const name = parts.map(({ span, seen }) => `${span} ${seen.from} ${seen.to} ${seen.label}`).join("\n");
    return !names.has(name) && names.add(name);
  });
}

function remember<Value>(map: Map<string, Value>, name: string, value: Value, most: number): void {
  map.delete(name);
  map.set(name, value);
  if (map.size > most) map.delete(map.keys().next().value ?? "");
}

function needlesOf({ label, value }: KnownValue) {
  const cases = [value, value.toUpperCase(), value.toLowerCase()];
  const forms = cases.flatMap((each, nth) =>
    formsOf(each).filter(({ encoding }) => nth === 0 || (encoding === "plain" && each !== value)),
  );
  return forms
    .map(({ bytes }) => squeezed(bytes))
    .filter(({ length }) => length >= acrossBounds.shortest && length <= acrossBounds.longest)
    .map((bytes) => ({ bytes, value: { label, length: bytes.length } }));
}
