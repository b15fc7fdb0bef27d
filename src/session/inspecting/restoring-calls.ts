// Messages of a streamed reply, one after another: in what a call wants written into a file, whole placeholders are given back what
// they stand for, wherever the pieces are cut; nothing else is changed, neither a command nor what the person reads.
// *Attacker-controlled*.

import { openRestorer, type Restorer } from "../../inspection/placeholders/restore.ts";
import { readJson } from "../../protocol/json/reader.ts";
import { type Octets, type Change as Splice, splice, written } from "../../protocol/json/splice.ts";
import { type JsonTree, kind } from "../../protocol/json/tree.ts";
import type { Piece, ReadPieces } from "../../protocol/stream/piece.ts";
import { fileTools } from "../../protocol/streams.ts";
import { codeTools, openCodeRestorer } from "./restoring-code.ts";

export type Values = ReadonlyMap<string, string>;

/** A message, and whatever its way of framing says about it. */
export interface Message<Frame> {
  readonly data: Buffer;
  readonly frame: Frame;
}

/** Of the pieces of one call that may be given back. */
interface Block<Frame> {
  readonly tool: string;
  readonly call: string | undefined;
  restorer: Restorer | undefined;
  /** The last message that held more of it, to say the rest in. */
  last: Held<Frame> | undefined;
}

interface Held<Frame> {
  readonly message: Message<Frame>;
  readonly place: Octets;
  /** What else is said in that message: it was said with it. */
  readonly others: readonly Octets[];
}

/** One message on its way. */
interface Passing<Frame> {
  readonly message: Message<Frame>;
  readonly tree: JsonTree;
  /** Of all pieces in it. */
  readonly places: readonly Octets[];
  /** To be said before it. */
  readonly before: Message<Frame>[];
  /** By where they begin. */
  readonly changes: Map<number, Change>;
}

export class RestoringCalls<Frame> {
  readonly #read: ReadPieces;
  readonly #values: Values;
  /** Of calls to file tools alone. */
  readonly #blocks = new Map<string, Block<Frame>>();
  #restored = 0;

  constructor(read: ReadPieces, values: Values) {
    this.#read = read;
    this.#values = values;
  }

  restored(): number {
    return [...this.#blocks.values()].reduce((sum, { restorer }) => sum + (restorer?.restored() ?? 0), this.#restored);
  }

  /**
   * What is to be said in its place: the message itself where there is nothing to give back, before it what was held back. `isLast`: nothing
   * comes behind it.
   */
  pass(message: Message<Frame>, type: string, isLast = false): readonly Message<Frame>[] {
    const done = readJson(message.data);
    if (done.kind !== "json") return [...(isLast ? this.end() : []), message];
    const { tree } = done;
    const pieces = this.#read(tree, type);
    const places = pieces.flatMap((piece) => (piece.kind === "more" ? [piece.place] : []));
    const passing: Passing<Frame> = { message, tree, places, before: [], changes: new Map() };
    for (const piece of pieces) this.#take(piece, passing);
    if (isLast) this.#flushAll(passing);
    const changes = [...passing.changes.values()];
    return [...passing.before, changes.length === 0 ? message : { ...message, data: splice(message.data, changes) }];
  }

  /** What is still held back, once nothing more comes. */
  end(): readonly Message<Frame>[] {
    return [...this.#blocks.keys()].flatMap((block) => this.#flush(block, undefined));
  }

  #take(piece: Piece, passing: Passing<Frame>): void {
    switch (piece.kind) {
      case "begin":
        this.#begin(piece, passing);
        break;
      case "more":
        this.#more(piece, passing);
        break;
      case "whole":
        for (const change of this.#whole(piece, passing.tree)) passing.changes.set(change.from, change);
        break;
      case "end":
        passing.before.push(...this.#flush(piece.block, passing));
        break;
      case "over":
        this.#flushAll(passing);
    }
  }

  /** Vendors say a call's name again with each piece; another name, or another call, is not the one that was begun. */
  #begin({ block, what, tool = "", call }: Extract<Piece, { kind: "begin" }>, passing: Passing<Frame>): void {
    const known = this.#blocks.get(block);
    if (what === "call" && tool === "") return;
    if (what === "call" && known?.tool === tool && (call ?? known.call) === known.call) return;
    passing.before.push(...this.#flush(block, passing));
    this.#restored += known?.restorer?.restored() ?? 0;
    this.#blocks.delete(block);
    if (what === "call" && isWritten(tool))
      this.#blocks.set(block, { tool, call, restorer: undefined, last: undefined });
  }

  #more({ block, what, place }: Extract<Piece, { kind: "more" }>, passing: Passing<Frame>): void {
    const known = what === "call" ? this.#blocks.get(block) : undefined;
    const text = known === undefined ? "" : passing.tree.decode(place);
    // what it is written as shows with its first letter
    if (known === undefined || (known.restorer === undefined ? text.trim() : text) === "") return;
    known.restorer ??= isCode(known.tool)
      ? openCodeRestorer(this.#values)
      : openRestorer(this.#values, writtenAs(text));
    const others = passing.places.filter(({ from }) => from !== place.from);
    known.last = { message: passing.message, place, others };
    const passed = known.restorer.push(text);
    if (passed !== text) passing.changes.set(place.from, changed(place, passed));
  }

  #whole({ block, what, node, tool = "" }: Extract<Piece, { kind: "whole" }>, tree: JsonTree): readonly Change[] {
    // who says all of it says whose it is: another block's name says nothing of it
    const named = tool === "" ? (this.#blocks.get(block)?.tool ?? "") : tool;
    if (what !== "call" || !isWritten(named)) return [];
    return this.#changesIn(tree, node, isCode(named));
  }

  /** The arguments that a node is, a text or JSON in a string, or else the strings below it, which are what the tool gets. */
  #changesIn(tree: JsonTree, node: number, code: boolean): readonly Change[] {
    if (tree.kindOf(node) === kind.string) return this.#text(tree, node, code ? "code" : writtenAs(tree.textOf(node)));
    return code ? [] : [...stringsBelow(tree, node)].flatMap((inner) => this.#text(tree, inner, "plain"));
  }

  #text(tree: JsonTree, node: number, as: "json" | "plain" | "code"): readonly Change[] {
    const text = tree.textOf(node);
    const restorer = as === "code" ? openCodeRestorer(this.#values) : openRestorer(this.#values, as);
    const passed = restorer.push(text) + restorer.end();
    if (passed === text) return [];
    this.#restored += restorer.restored();
    return [changed(tree.placeOf(node), passed)];
  }

  #flushAll(passing: Passing<Frame>): void {
    for (const block of this.#blocks.keys()) passing.before.push(...this.#flush(block, passing));
  }

  /** What was held back at the end of a block: with what this message says of it, or in one like the last that did. */
  #flush(block: string, passing: Passing<Frame> | undefined): readonly Message<Frame>[] {
    const known = this.#blocks.get(block);
    const rest = known?.restorer?.end() ?? "";
    if (known?.last === undefined || rest === "") return [];
    const { message, place, others } = known.last;
    known.last = undefined;
    if (message === passing?.message) {
      const text = passing.changes.get(place.from)?.text ?? passing.tree.decode({ ...place, escaped: true });
      passing.changes.set(place.from, changed(place, text + rest));
      return [];
    }
    const changes = [changed(place, rest), ...others.map((other) => changed(other, ""))];
    return [{ ...message, data: splice(message.data, changes) }];
  }
}

function* stringsBelow(tree: JsonTree, node: number): Generator<number> {
  for (const inner of tree.below(node))
    if (tree.kindOf(inner) === kind.string) yield inner;
    else yield* stringsBelow(tree, inner);
}

interface Change extends Splice {
  readonly text: string;
}

const changed = ({ from, to }: Octets, text: string): Change => ({ from, to, text, by: Buffer.from(written(text)) });

const isCode = (tool = ""): boolean => codeTools.test(tool);
const isWritten = (tool = ""): boolean => fileTools.test(tool) || isCode(tool);

/** Arguments are JSON, but for tools that take a text. */
const writtenAs = (text: string): "json" | "plain" => (/^\s*[{[]/.test(text) ? "json" : "plain");
