// Messages of a streamed reply, one after another: in what a call wants written into a file, whole placeholders are given back what
// they stand for, wherever the pieces are cut; nothing else is changed, neither a command nor what the person reads.
// *Attacker-controlled*.

import { openRestorer, type Restorer } from "../../inspection/placeholders/restore.ts";
import { readJson } from "../../protocol/json/reader.ts";
import { type Change, splice, written } from "../../protocol/json/splice.ts";
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
  /** A program, in which only what it says first is written into a file. */
  readonly code: boolean;
  restorer: Restorer | undefined;
  /** The last message that held more of it, to say the rest in. */
  last: (Message<Frame> & { readonly place: Change }) | undefined;
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

  /** What is to be said in its place: the message itself where there is nothing to give back, before it what was held back. */
  pass(message: Message<Frame>, type: string): readonly Message<Frame>[] {
    const done = readJson(message.data);
    if (done.kind !== "json") return [message];
    const before: Message<Frame>[] = [];
    const changes: Change[] = [];
    for (const piece of this.#read(done.tree, type)) {
      if (piece.kind === "end") before.push(...this.#flush(piece.block));
      if (piece.kind === "over") before.push(...this.end());
      changes.push(...this.#changesFor(piece, done.tree, message));
    }
    return [...before, changes.length === 0 ? message : { ...message, data: splice(message.data, changes) }];
  }

  /** What is still held back, once nothing more comes. */
  end(): readonly Message<Frame>[] {
    return [...this.#blocks.keys()].flatMap((block) => this.#flush(block));
  }

  #changesFor(piece: Piece, tree: JsonTree, message: Message<Frame>): readonly Change[] {
    switch (piece.kind) {
      case "begin":
        if (piece.what === "call" && isWritten(piece.tool))
          this.#blocks.set(piece.block, { code: isCode(piece.tool), restorer: undefined, last: undefined });
        return [];
      case "more":
        return this.#more(piece, tree, message);
      case "whole":
        if (piece.what !== "call" || !(this.#blocks.has(piece.block) || isWritten(piece.tool))) return [];
        return this.#whole(tree, piece.node, this.#blocks.get(piece.block)?.code ?? isCode(piece.tool));
      case "end":
      case "over":
        return [];
    }
  }

  #more(
    { block, place }: Extract<Piece, { kind: "more" }>,
    tree: JsonTree,
    message: Message<Frame>,
  ): readonly Change[] {
    const known = this.#blocks.get(block);
    const text = known === undefined ? "" : tree.decode(place);
    if (known === undefined || text === "") return [];
    known.restorer ??= known.code ? openCodeRestorer(this.#values) : openRestorer(this.#values, writtenAs(text));
    known.last = { ...message, place: { ...place, by: Buffer.alloc(0) } };
    const passed = known.restorer.push(text);
    return passed === text ? [] : [{ ...place, by: Buffer.from(written(passed)) }];
  }

  /** The arguments that a node is, a text or JSON in a string, or else the strings below it, which are what the tool gets. */
  #whole(tree: JsonTree, node: number, code: boolean): readonly Change[] {
    if (tree.kindOf(node) === kind.string) return this.#text(tree, node, code ? "code" : writtenAs(tree.textOf(node)));
    return code ? [] : [...stringsBelow(tree, node)].flatMap((inner) => this.#text(tree, inner, "plain"));
  }

  #text(tree: JsonTree, node: number, as: "json" | "plain" | "code"): readonly Change[] {
    const text = tree.textOf(node);
    const restorer = as === "code" ? openCodeRestorer(this.#values) : openRestorer(this.#values, as);
    const passed = restorer.push(text) + restorer.end();
    if (passed === text) return [];
    this.#restored += restorer.restored();
    return [{ ...tree.placeOf(node), by: Buffer.from(written(passed)) }];
  }

  /** What was held back at the end of a block, in a message like the last one of it. */
  #flush(block: string): readonly Message<Frame>[] {
    const known = this.#blocks.get(block);
    if (known?.restorer === undefined || known.last === undefined) return [];
    const rest = known.restorer.end();
    this.#restored += known.restorer.restored();
    this.#blocks.set(block, { code: known.code, restorer: undefined, last: undefined });
    const { data, frame, place } = known.last;
    return rest === "" ? [] : [{ data: splice(data, [{ ...place, by: Buffer.from(written(rest)) }]), frame }];
  }
}

function* stringsBelow(tree: JsonTree, node: number): Generator<number> {
  for (const inner of tree.below(node))
    if (tree.kindOf(inner) === kind.string) yield inner;
    else yield* stringsBelow(tree, inner);
}

const isCode = (tool = ""): boolean => codeTools.test(tool);
const isWritten = (tool = ""): boolean => fileTools.test(tool) || isCode(tool);

/** Arguments are JSON, but for tools that take a text. */
const writtenAs = (text: string): "json" | "plain" => (/^\s*[{[]/.test(text) ? "json" : "plain");
