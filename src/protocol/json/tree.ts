// A JSON text (RFC 8259) as it was read: for each value its kind and its place in the octets, and nothing built of it. Strings
// are decoded when somebody asks. Node 0 is the whole; a container's members follow it in order, each with its own below it.
// *Attacker-controlled* throughout.

import type { SpanPlace } from "../../domain/span.ts";

export const kind = { object: 1, array: 2, string: 3, number: 4, literal: 5 } as const;
export type Kind = (typeof kind)[keyof typeof kind];

/** More than is taken apart: the rest of it is not known. */
export type TooMuch = "too deep" | "too many values";

/** What two readers may read differently: named, and left to whoever judges. */
export interface Objection {
  readonly what: "duplicate key" | "invalid UTF-8" | "lone surrogate" | TooMuch;
  /** Octets from the beginning of the body. */
  readonly offset: number;
}

/** Columns of one row a node, grown by the reader. */
export interface Columns {
  kind: Uint8Array;
  /** Bit 0: the string has escapes; bit 1: its key has. */
  flags: Uint8Array;
  /** A string's without its quotes. */
  from: Int32Array;
  to: Int32Array;
  /** Of the key without its quotes; -1 where there is none. */
  keyFrom: Int32Array;
  keyTo: Int32Array;
  /** The node after everything below it. */
  after: Int32Array;
}

/** What a reader leaves for the next body of the same conversation, which takes it: its tree is read no more then. */
export interface Trail {
  readonly columns: Columns;
  readonly isUtf8: boolean;
  /** So much of it is as it was read: whoever takes it writes behind. */
  stands: { readonly octets: number; readonly nodes: number };
}

export class JsonTree {
  readonly bytes: Buffer;
  readonly size: number;
  readonly objections: readonly Objection[];
  readonly trail: Trail;
  /** Octets that were read before, in the body that this one begins as; and that one's name. */
  readonly known: number;
  readonly follows: symbol | undefined;
  readonly name = Symbol();
  readonly #columns: Columns;

  constructor(
    bytes: Buffer,
    trail: Trail,
    { size, known, follows }: { size: number; known: number; follows?: symbol | undefined },
    objections: readonly Objection[],
  ) {
    this.bytes = bytes;
    this.trail = trail;
    this.#columns = trail.columns;
    this.size = size;
    this.known = known;
    this.follows = follows;
    this.objections = objections;
  }

  kindOf(node: number): Kind {
    return (this.#columns.kind[node] ?? kind.literal) as Kind;
  }

  fromOf(node: number): number {
    return this.#columns.from[node] ?? 0;
  }

  toOf(node: number): number {
    return this.#columns.to[node] ?? 0;
  }

  afterOf(node: number): number {
    return this.#columns.after[node] ?? this.size;
  }

  hasEscapes(node: number): boolean {
    return ((this.#columns.flags[node] ?? 0) & 1) !== 0;
  }

  /** Undefined for a member of an array, and for the whole. */
  keyOf(node: number): string | undefined {
    const place = this.keyPlaceOf(node);
    return place && this.decode(place);
  }

  /** Undefined for a member of an array, and for the whole. */
  keyPlaceOf(node: number): SpanPlace | undefined {
    const from = this.#columns.keyFrom[node] ?? -1;
    const escaped = ((this.#columns.flags[node] ?? 0) & 2) !== 0;
    return from < 0 ? undefined : { from, to: this.#columns.keyTo[node] ?? from, escaped };
  }

  /** Of a string, or of any other value's octets. */
  placeOf(node: number): SpanPlace {
    return { from: this.fromOf(node), to: this.toOf(node), escaped: this.hasEscapes(node) };
  }

  /** Of a string; octets that are no UTF-8 become U+FFFD. */
  textOf(node: number): string {
    return this.decode(this.placeOf(node));
  }

  decode(place: SpanPlace): string {
    return decode(this.bytes, place);
  }

  /** Members of an object or array, in their order; none of anything else. */
  *below(node: number): Generator<number> {
    const end = this.afterOf(node);
    for (let at = node + 1; at < end; at = this.afterOf(at)) yield at;
  }

  /** The first member of this name; undefined where there is none, or it is no object. */
  member(node: number, name: string): number | undefined {
    if (this.kindOf(node) !== kind.object) return undefined;
    const { flags, keyFrom, keyTo } = this.#columns;
    const [end, octets] = [this.afterOf(node), Buffer.byteLength(name)];
    for (let at = node + 1; at < end; at = this.afterOf(at)) {
      // as it is written it has as many octets as it says
      const isPlain = ((flags[at] ?? 0) & 2) === 0;
      if (isPlain && (keyTo[at] ?? 0) - (keyFrom[at] ?? 0) !== octets) continue;
      if (this.keyOf(at) === name) return at;
    }
    return undefined;
  }

  /** The string that member holds. */
  stringIn(node: number, name: string): string | undefined {
    const at = this.member(node, name);
    return at !== undefined && this.kindOf(at) === kind.string ? this.textOf(at) : undefined;
  }
}

/** Of what stands between two quotes that a reader has found. */
export function decode(bytes: Buffer, { from, to, escaped }: SpanPlace): string {
  if (!escaped) return bytes.toString("utf8", from, to);
  const text: unknown = JSON.parse(bytes.toString("utf8", from - 1, to + 1));
  return String(text);
}
