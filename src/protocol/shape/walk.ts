// A JSON tree, walked by the shape a protocol says it has: each string becomes a span, of a known place or of none, so that nothing
// that is sent goes unseen whatever stands there; what no shape has is drift.

import type { Drift, Role, Span, SpanKind, SpanPlace } from "../../domain/span.ts";
import { type JsonTree, kind } from "../json/tree.ts";
import { Calls } from "./calls.ts";

/** How a node is to be read, and what is below it. */
export type Shape = (walk: Walk, node: number, at: At) => void;

/** Where the walk is, and what is known there. */
export interface At {
  readonly role: Role;
  readonly path: Path;
  readonly call?: string | undefined;
  readonly tool?: string | undefined;
  readonly fixed?: boolean | undefined;
}

interface Path {
  readonly above: Path | undefined;
  readonly step: string;
}

const most = { drift: 64, seen: 80 } as const;

/** How much was found by then. */
interface Mark {
  readonly spans: number;
  readonly drift: number;
  readonly calls: number;
}

/** How a part is read: by which shape, if any, and as what. */
export interface Reading {
  readonly shape: Shape | undefined;
  readonly at: At;
}

/** What was found in one part of a body, for the next body that begins with it. */
interface Part {
  readonly node: number;
  readonly reading: Reading;
  readonly from: Mark;
  readonly to: Mark;
}

interface Parts {
  readonly ofNode: Map<number, Part>;
  /** Its elements. */
  readonly ofList: Map<number, readonly Part[]>;
}

/** Of a body before, and for how many octets this one is the same. */
interface Earlier {
  readonly found: Parts;
  readonly spans: readonly Span[];
  readonly drift: readonly Drift[];
  readonly common: number;
}

/** The newest body of a conversation: where spans that were found in an earlier one have their text from now. */
interface Source {
  tree: JsonTree;
}

export class Walk {
  readonly tree: JsonTree;
  readonly spans: Span[] = [];
  readonly drift: Drift[] = [];
  readonly #source: Source;
  readonly #found: Parts = { ofNode: new Map(), ofList: new Map() };
  readonly #before: Earlier | undefined;
  readonly #calls: Calls;

  /** `before`: the walk of a body that this one begins as, as far as `tree.known`, and to the octet for `common`; not walked any more. */
  constructor(tree: JsonTree, before?: Walk, common = tree.known) {
    this.tree = tree;
    this.#before = before && { found: before.#found, spans: before.spans, drift: before.drift, common };
    this.#calls = before === undefined ? new Calls() : before.#calls;
    this.#calls.goOn(0);
    this.#source = before === undefined ? { tree } : before.#source;
    this.#source.tree = tree;
  }

  /** One part of the body: as it was found before, where it is one that was read before. */
  part(node: number, reading: Reading, find: () => void): void {
    const known = this.#before?.found.ofNode.get(node);
    const isKnown = known !== undefined && this.#isKnown(known) && this.#isHere(known, reading);
    if (isKnown) this.#again(known.to);
    // for the next body, which may go on in it
    const list = isKnown ? this.#before?.found.ofList.get(node) : undefined;
    if (list !== undefined) this.#found.ofList.set(node, list);
    this.#found.ofNode.set(node, isKnown ? known : this.#new(node, reading, find));
  }

  /** The same of each element of a list. */
  parts(list: number, reading: Reading, find: (node: number, nth: number) => void): void {
    const { tree } = this;
    const before = this.#before?.found.ofList.get(list) ?? [];
    const [first] = before;
    const isHere = first !== undefined && this.#isHere(first, reading);
    // they end one after the other
    const parts = isHere ? before.slice(0, 1 + before.findLastIndex((part) => this.#isKnown(part))) : [];
    const last = parts.at(-1);
    if (last !== undefined) this.#again(last.to);
    for (let node = last ? tree.afterOf(last.node) : list + 1; node < tree.afterOf(list); node = tree.afterOf(node)) {
      const [each, nth] = [node, parts.length];
      parts.push(this.#new(each, reading, () => find(each, nth)));
    }
    this.#found.ofList.set(list, parts);
  }

  /** What had not ended there may go on otherwise. */
  #isKnown({ node, to }: Part): boolean {
    const isThere = node < this.tree.size && this.tree.toOf(node) <= this.tree.known;
    return isThere && to.calls <= this.#calls.kept;
  }

  /** Read in the same way, and as much was found up to here. */
  #isHere({ from: { spans, drift, calls }, reading }: Part, now: Reading): boolean {
    const isSame = reading.shape === now.shape && isAlike(reading.at, now.at);
    return isSame && spans === this.spans.length && drift === this.drift.length && calls === this.#calls.count;
  }

  /** All that was found before, up to there. */
  #again({ spans, drift, calls }: Mark): void {
    const { spans: itsSpans, drift: itsDrift } = this.#before ?? this;
    // one by one: there may be more than a call may have arguments
    for (let nth = this.spans.length; nth < spans; nth += 1) this.spans.push(itsSpans[nth] as Span);
    for (let nth = this.drift.length; nth < drift; nth += 1) this.drift.push(itsDrift[nth] as Drift);
    this.#calls.goOn(calls);
  }

  #new(node: number, reading: Reading, find: () => void): Part {
    const from = this.#mark();
    find();
    return { node, reading, from, to: this.#mark() };
  }

  #mark(): Mark {
    return { spans: this.spans.length, drift: this.drift.length, calls: this.#calls.count };
  }

  /** A call of a tool: what comes with its identifier from here on is that tool's. */
  called(id: string, tool: string): void {
    this.#calls.add(id, tool);
  }

  /** The tool that the last call with this identifier was of. */
  toolOf(id: string): string | undefined {
    return this.#calls.toolOf(id);
  }

  /** A string; anything else is drift, and walked as such. */
  span(node: number, at: At, what: SpanKind): void {
    if (this.tree.kindOf(node) !== kind.string) this.strange("kind", node, at);
    else this.#push(this.tree.placeOf(node), at, what);
  }

  /** Whatever it is: every string and every key below it. */
  all(node: number, at: At, as: SpanKind = "free"): void {
    const { tree } = this;
    const what = tree.kindOf(node);
    if (what === kind.string) this.#push(tree.placeOf(node), at, as);
    if (what === kind.array)
      for (const [nth, each] of count(tree.below(node))) this.all(each, below(at, `[${nth}]`), as);
    if (what !== kind.object) return;
    for (const each of tree.below(node)) {
      const inner = below(at, this.nameOf(each));
      this.key(each, inner);
      this.all(each, inner, as);
    }
  }

  /** Told, and all that it holds is looked at, as nobody's. */
  strange(what: Drift["what"], node: number, at: At, seen = this.describe(node)): void {
    if (this.drift.length < most.drift)
      this.drift.push({ what, path: pathOf(at.path), seen: seen.slice(0, most.seen) });
    this.all(node, { ...at, role: "unknown" });
  }

  /** An object's member that no shape has: its name is content too. */
  strangeField(node: number, at: At): void {
    const inner = below(at, this.nameOf(node));
    this.key(node, { ...inner, role: "unknown" });
    this.strange("field", node, inner, this.tree.keyOf(node));
  }

  /** The name of a member, where it is content. */
  key(node: number, at: At): void {
    this.#push(this.tree.keyPlaceOf(node), at, "key");
  }

  isNull(node: number): boolean {
    const { tree } = this;
    return tree.kindOf(node) === kind.literal && tree.bytes[tree.fromOf(node)] === 0x6e;
  }

  /** The string at the end of these members. */
  stringAt(node: number, [name = "", ...rest]: readonly string[]): string | undefined {
    if (rest.length === 0) return this.tree.stringIn(node, name);
    const inner = this.tree.member(node, name);
    return inner === undefined ? undefined : this.stringAt(inner, rest);
  }

  isArray(node: number): boolean {
    return this.tree.kindOf(node) === kind.array;
  }

  nameOf(node: number): string {
    return `.${this.tree.keyOf(node) ?? ""}`;
  }

  describe(node: number): string {
    const found = Object.entries(kind).find(([, value]) => value === this.tree.kindOf(node));
    return found?.[0] ?? "";
  }

  #push(place: SpanPlace | undefined, at: At, what: SpanKind): void {
    if (place === undefined) return;
    const found = new Found(this.#source, place, at, what);
    // an element that goes on otherwise behind it is read again, and it is the same
    const before = place.to <= (this.#before?.common ?? 0) ? this.#before?.spans[this.spans.length] : undefined;
    this.spans.push(before !== undefined && found.isAs(before) ? before : found);
  }
}

/** Text and path are made when they are asked for: most spans are known already. */
class Found implements Span {
  readonly role: Role;
  readonly kind: SpanKind;
  readonly place: SpanPlace;
  readonly call: string | undefined;
  readonly tool: string | undefined;
  readonly fixed: boolean;
  readonly #source: Source;
  readonly #path: Path;

  constructor(source: Source, place: SpanPlace, at: At, what: SpanKind) {
    this.role = at.role;
    this.kind = what;
    this.place = place;
    this.call = at.call;
    this.tool = at.tool;
    this.fixed = at.fixed === true || what === "opaque";
    this.#source = source;
    this.#path = at.path;
  }

  /** At the same place, and read in the same way; in octets that are the same up to there, so by the same path. */
  isAs(other: Span): boolean {
    const { place, role, kind, call, tool, fixed } = this;
    const isThere = place.from === other.place.from && place.to === other.place.to;
    const isSame = role === other.role && kind === other.kind && call === other.call && tool === other.tool;
    return isThere && isSame && fixed === other.fixed;
  }

  get text(): string {
    return this.#source.tree.decode(this.place);
  }

  get path(): string {
    return pathOf(this.#path);
  }
}

const isAlike = (one: At, other: At): boolean =>
  one.role === other.role && one.fixed === other.fixed && one.call === other.call && one.tool === other.tool;

/** How many fields lead there. */
export function depthOf({ path }: At): number {
  let depth = 0;
  for (let one: Path | undefined = path.above; one !== undefined; one = one.above) depth += 1;
  return depth;
}

export const root = (role: Role = "structure"): At => ({ role, path: { above: undefined, step: "" } });

export const below = (at: At, step: string): At => ({ ...at, path: { above: at.path, step } });

export function pathOf(path: Path): string {
  const steps: string[] = [];
  for (let one: Path | undefined = path; one !== undefined; one = one.above) steps.push(one.step);
  return steps.reverse().join("").replace(/^\./, "");
}

export function* count<Item>(items: Iterable<Item>): Generator<readonly [number, Item]> {
  let nth = 0;
  for (const item of items) {
    yield [nth, item];
    nth += 1;
  }
}
