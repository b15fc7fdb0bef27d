// A body's octets → its JSON tree (RFC 8259), or where it is none. Strict: nothing is read that some reader would refuse. One pass,
// bounded in depth and in values. What is valid and yet read differently by different readers is objected to.

import { isUtf8 } from "node:buffer";
import type { SpanPlace } from "../../domain/span.ts";
import { type Ended, endLiteral, endNumber, endString, skipSpace } from "./lexer.ts";
import { type Resumed, resumeIn } from "./resuming.ts";
import { type Columns, decode, JsonTree, kind, type Objection, type TooMuch } from "./tree.ts";

export interface Bounds {
  readonly depth: number;
  readonly nodes: number;
}

/** Deeper than any protocol's messages, shallower than what ends other readers; more values than there is memory for spans of is none's. */
export const jsonBounds: Bounds = { depth: 128, nodes: 2_000_000 };

export type JsonRead =
  | { readonly kind: "json"; readonly tree: JsonTree }
  | { readonly kind: "fault"; readonly what: "no JSON" | TooMuch; readonly offset: number };

/** `from`, `to`: the text's place in the octets, such as a line of them. */
export function readJson(bytes: Buffer, { bounds = jsonBounds, from = 0, to = bytes.length } = {}): JsonRead {
  return new Reader(bytes.subarray(0, to), bounds, makeColumns(rowsFor(to - from))).read(from);
}

/**
 * The same for a body whose first `common` octets are those of another that has been read: what was read there is not read again, and
 * that other tree must not be read any more. Where this one is none, what both begin with can still be gone on from.
 */
export function readOn(bytes: Buffer, before: JsonTree, common: number, bounds = jsonBounds): JsonRead {
  const resumed = resumeIn(before, common);
  if (resumed === undefined) return readJson(bytes, { bounds });
  return new Reader(bytes, bounds, before.trail.columns).resume(before, resumed);
}

type Fault = Extract<JsonRead, { kind: "fault" }>["what"];

const noKey: SpanPlace = { from: -1, to: -1, escaped: false };
const most = { objections: 32 } as const;
/** An object with more keys than this is looked through by a set. */
const few = 12;

/** Of so many octets, as many as most bodies have, or somewhat more. */
const rowsFor = (octets: number): number => Math.max(64, octets >> 6);

class Reader {
  readonly #bytes: Buffer;
  readonly #bounds: Bounds;
  readonly #objections: Objection[] = [];
  readonly #ended: Ended = { at: 0, escaped: false, half: false };
  #columns: Columns;
  #size = 0;
  #at = 0;
  /** Open containers, and of each object the keys it has had. */
  readonly #open: number[] = [];
  readonly #keys: (Keys | undefined)[] = [];
  #key: SpanPlace = noKey;
  #known = 0;
  #follows: symbol | undefined;

  /** `columns`: to be written into. */
  constructor(bytes: Buffer, bounds: Bounds, columns: Columns) {
    this.#bytes = bytes;
    this.#bounds = bounds;
    this.#columns = columns;
  }

  read(from: number): JsonRead {
    this.#at = skipSpace(this.#bytes, from);
    return this.#finish(this.#value(), from, from);
  }

  resume({ trail, objections, name }: JsonTree, { at, size, open }: Resumed): JsonRead {
    trail.stands = { octets: at, nodes: size };
    [this.#at, this.#size, this.#known, this.#follows] = [at, size, at, name];
    for (const { node, keys } of open) {
      this.#open.push(node);
      this.#keys.push(keys && new Keys(keys));
    }
    // where octets were no UTF-8 is not told: they may stand behind
    this.#objections.push(...objections.filter(({ what, offset }) => offset < at && what !== "invalid UTF-8"));
    return this.#finish(undefined, 0, trail.isUtf8 ? at : 0);
  }

  /** `coded`: what stands before it is known to be UTF-8. */
  #finish(begun: Fault | undefined, from: number, coded: number): JsonRead {
    let fault = begun;
    while (fault === undefined && this.#open.length > 0) fault = this.#goOn();
    if (fault === undefined && skipSpace(this.#bytes, this.#at) !== this.#bytes.length) fault = "no JSON";
    if (fault !== undefined) return { kind: "fault", what: fault, offset: this.#at };
    const isCoded = isUtf8(this.#bytes.subarray(coded));
    if (!isCoded) this.#object("invalid UTF-8", from);
    const stands = { octets: this.#bytes.length, nodes: this.#size };
    const trail = { columns: this.#columns, isUtf8: isCoded, stands };
    const sizes = { size: this.#size, known: this.#known, follows: this.#follows };
    return { kind: "json", tree: new JsonTree(this.#bytes, trail, sizes, this.#objections) };
  }

  /** Behind a value in a container: its end, or the next one. */
  #goOn(): Fault | undefined {
    const octet = this.#octet();
    const node = this.#open.at(-1) ?? 0;
    const isObject = this.#columns.kind[node] === kind.object;
    if (octet === (isObject ? 0x7d : 0x5d)) return this.#close(node);
    if (octet !== 0x2c) return "no JSON";
    this.#at += 1;
    this.#octet();
    return (isObject ? this.#readKey() : undefined) ?? this.#value();
  }

  #value(): Fault | undefined {
    const octet = this.#bytes[this.#at] ?? 0;
    if (this.#size >= this.#bounds.nodes) return "too many values";
    switch (octet) {
      case 0x7b:
        return this.#begin(kind.object, 0x7d);
      case 0x5b:
        return this.#begin(kind.array, 0x5d);
      case 0x22: {
        if (!this.#endString()) return "no JSON";
        const node = this.#add(kind.string, this.#at + 1, this.#ended.at, this.#ended.escaped);
        if (this.#ended.half) this.#pair(node);
        this.#at = this.#ended.at + 1;
        return undefined;
      }
      default: {
        const isNumber = octet === 0x2d || (octet >= 0x30 && octet <= 0x39);
        const end = isNumber ? endNumber(this.#bytes, this.#at) : endLiteral(this.#bytes, this.#at);
        if (end < 0) return "no JSON";
        this.#add(isNumber ? kind.number : kind.literal, this.#at, end, false);
        this.#at = end;
        return undefined;
      }
    }
  }

  /** An object or array, up to its first value. */
  #begin(what: 1 | 2, closing: number): Fault | undefined {
    if (this.#open.length >= this.#bounds.depth) return "too deep";
    const node = this.#add(what, this.#at, -1, false);
    this.#open.push(node);
    this.#keys.push(what === kind.object ? new Keys() : undefined);
    this.#at += 1;
    if (this.#octet() === closing) return this.#close(node);
    return (what === kind.object ? this.#readKey() : undefined) ?? this.#value();
  }

  #close(node: number): undefined {
    this.#at += 1;
    this.#columns.to[node] = this.#at;
    this.#columns.after[node] = this.#size;
    this.#open.pop();
    this.#keys.pop();
    return undefined;
  }

  #readKey(): Fault | undefined {
    if (this.#bytes[this.#at] !== 0x22 || !this.#endString()) return "no JSON";
    this.#key = { from: this.#at + 1, to: this.#ended.at, escaped: this.#ended.escaped };
    if (this.#keys.at(-1)?.has(this.#bytes, this.#key) === true) this.#object("duplicate key", this.#key.from);
    this.#at = this.#ended.at + 1;
    if (this.#octet() !== 0x3a) return "no JSON";
    this.#at += 1;
    this.#octet();
    return undefined;
  }

  #endString(): boolean {
    endString(this.#bytes, this.#at + 1, this.#ended);
    return this.#ended.at >= 0;
  }

  #octet(): number {
    this.#at = skipSpace(this.#bytes, this.#at);
    return this.#bytes[this.#at] ?? 0;
  }

  #add(what: number, from: number, to: number, escaped: boolean): number {
    const node = this.#size;
    if (node === this.#columns.kind.length) this.#columns = grow(this.#columns, this.#columns.kind.length * 2);
    const columns = this.#columns;
    columns.kind[node] = what;
    columns.flags[node] = (escaped ? 1 : 0) | (this.#key.escaped ? 2 : 0);
    columns.from[node] = from;
    columns.to[node] = to;
    columns.keyFrom[node] = this.#key.from;
    columns.keyTo[node] = this.#key.to;
    columns.after[node] = node + 1;
    this.#key = noKey;
    this.#size += 1;
    return node;
  }

  #pair(node: number): void {
    const [from, to] = [this.#columns.from[node] ?? 0, this.#columns.to[node] ?? 0];
    if (!decode(this.#bytes, { from, to, escaped: true }).isWellFormed()) this.#object("lone surrogate", from);
  }

  #object(what: Objection["what"], offset: number): void {
    if (this.#objections.length < most.objections) this.#objections.push({ what, offset });
  }
}

/** Of one object: its keys so far. */
class Keys {
  readonly places: SpanPlace[];
  #texts: Set<string> | undefined;

  constructor(places: readonly SpanPlace[] = []) {
    this.places = [...places];
  }

  /** Was it there before? It is from now on. */
  has(bytes: Buffer, key: SpanPlace): boolean {
    if (this.#texts === undefined && this.places.length < few) {
      const known = this.places.some((other) => isSame(bytes, other, key));
      this.places.push(key);
      return known;
    }
    this.#texts ??= new Set(this.places.map((place) => decode(bytes, place)));
    this.places.push(key);
    const { size } = this.#texts;
    return this.#texts.add(decode(bytes, key)).size === size;
  }
}

function isSame(bytes: Buffer, a: SpanPlace, b: SpanPlace): boolean {
  if (a.escaped || b.escaped) return decode(bytes, a) === decode(bytes, b);
  return b.to - b.from === a.to - a.from && bytes.compare(bytes, a.from, a.to, b.from, b.to) === 0;
}

function makeColumns(size: number): Columns {
  return {
    kind: new Uint8Array(size),
    flags: new Uint8Array(size),
    from: new Int32Array(size),
    to: new Int32Array(size),
    keyFrom: new Int32Array(size),
    keyTo: new Int32Array(size),
    after: new Int32Array(size),
  };
}

function grow(columns: Columns, size: number): Columns {
  const larger = makeColumns(size);
  copy(columns, larger, columns.kind.length);
  return larger;
}

/** The first `size` rows. */
function copy(from: Columns, to: Columns, size: number): void {
  to.kind.set(from.kind.subarray(0, size));
  to.flags.set(from.flags.subarray(0, size));
  to.from.set(from.from.subarray(0, size));
  to.to.set(from.to.subarray(0, size));
  to.keyFrom.set(from.keyFrom.subarray(0, size));
  to.keyTo.set(from.keyTo.subarray(0, size));
  to.after.set(from.after.subarray(0, size));
}
