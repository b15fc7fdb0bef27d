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
import { sameFrom } from "./prefix.ts";
import { squeezed } from "./squeeze.ts";
import { Strip } from "./strip.ts";

export const acrossBounds = {
  /** Octets but white space: shorter values could be the end of one word and the beginning of another. */
  shortest: 16,
  /** Octets of a way of writing. */
  longest: 1_024,
  /** Bodies of which it is remembered what was found; sockets of which the last words are kept. */
  conversations: 8,
  sockets: 64,
  /** Texts of a body whose pieces are kept for the next; those of more are made again. */
  kept: 20_000,
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
  #isKept = true;

  constructor(values: () => readonly KnownValue[]) {
    this.#values = values;
  }

  look(spans: readonly Span[], conversation: string, socket?: number): readonly SpanFinding[] {
    this.#build();
    this.#isKept = spans.length <= acrossBounds.kept;
    if (this.#needles.longest === 0) return [];
    const before = socket === undefined ? this.#before.get(conversation) : undefined;
    const same = before === undefined ? 0 : sameFrom(before.spans, spans);
    const kept = (before?.found ?? []).filter((parts) => (parts.at(-1)?.span ?? 0) < same);
    const fresh = strands.flatMap((strand) => this.#along(strand, { spans, same, socket }));
    const found = bounded(distinct([...kept, ...fresh]).sort(byPlace));
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
    const found: SpanFinding[][] = [];
    let strip = new Strip();
    if (tail !== undefined && !strand.within) strip.lay(-1, 0, tail);
    for (let at = this.#beginning(strand, spans, same); at < spans.length; at += 1) {
      const span = spans[at];
      if (span === undefined || !strand.takes(span)) continue;
      for (const [nth, piece] of this.#piecesOf(span).entries())
        if (strand.lays(piece)) strip.lay(at, nth, piece.octets);
      if (!strand.within) continue;
      found.push(...this.#crossings(strip, spans));
      strip = new Strip();
    }
    if (!strand.within) found.push(...this.#crossings(strip, spans));
    if (socket !== undefined && !strand.within) this.#keepTail(name, strip.octets);
    return found.filter((parts) => (parts.at(-1)?.span ?? 0) >= same);
  }

  #crossings(strip: Strip, spans: readonly Span[]): SpanFinding[][] {
    if (strip.pieces < 2) return [];
    const found: SpanFinding[][] = [];
    this.#needles.search(strip.octets, ({ label, length }, offset) => {
      if (found.length > acrossBounds.findings) return;
      const parts: SpanFinding[] = [];
      let part = 0;
      for (const { span: at, nth, from, to } of strip.touched(offset, offset + length)) {
        part += 1;
        const span = spans[at];
        const piece = span === undefined ? undefined : this.#piecesOf(span)[nth];
        if (piece !== undefined) parts.push({ span: at, seen: partOf({ label, piece, from, to, part }) });
      }
      if (part > 1 && parts.length > 0) found.push(parts);
    });
    return found;
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
    if (this.#isKept) this.#pieces.set(span, pieces);
    return pieces;
  }

  #keepTail(name: string, octets: Buffer): void {
    const tail = octets.subarray(-acrossBounds.longest);
    remember(this.#tails, name, Buffer.from(tail), acrossBounds.sockets * strands.length);
  }
}

interface Stretch {
  readonly spans: readonly Span[];
  /** So many of them were there before. */
  readonly same: number;
  readonly socket: number | undefined;
}

interface Part {
  readonly label: string;
  readonly piece: Piece;
  readonly from: number;
  readonly to: number;
  readonly part: number;
}

function partOf({ label, piece, from, to, part }: Part): Seen {
  const place = { from: piece.unit(from), to: piece.unit(to - 1) + 1 };
  return { kind: "secret", label, ...place, sure: "known", within: ["across"], part };
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

/** So that a body that went on says what it would say from its beginning, in the same order. */
function byPlace(one: readonly SpanFinding[], other: readonly SpanFinding[]): number {
  const [a, b] = [one, other].map((parts) => {
    const [first, last] = [parts[0], parts.at(-1)];
    return [last?.span ?? 0, last?.seen.to ?? 0, first?.span ?? 0, first?.seen.from ?? 0] as const;
  });
  for (const nth of [0, 1, 2, 3] as const) {
    const apart = (a?.[nth] ?? 0) - (b?.[nth] ?? 0);
    if (apart !== 0) return apart;
  }
  const [mine = "", others = ""] = [one, other].map((parts) => parts[0]?.seen.label);
  return mine < others ? -1 : mine > others ? 1 : 0;
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
