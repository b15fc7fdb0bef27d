// Pieces of a streamed reply, one after another → what it says so far: texts, thoughts and calls in their order. *Attacker-controlled*,
// and bounded.

import type { Utterance } from "../../domain/transcript.ts";
import type { JsonTree } from "../json/tree.ts";
import type { BlockKind, Piece } from "../stream/piece.ts";
import { canonical, canonicalArguments, canonicalText } from "./canonical.ts";

interface Block {
  readonly key: string;
  readonly what: BlockKind;
  readonly parts: string[];
  readonly call: string | undefined;
  readonly tool: string | undefined;
  /** Of a call whose arguments came at once. */
  made?: string;
  /** Nothing more of it comes. */
  ended?: true;
}

/** Blocks of one reply: more than any vendor gives. */
const most = 2_000;

/** So that the text of one answer is not read on into the next. */
export const between: Utterance = { kind: "said", text: "", person: false };

export class Blocks {
  /** Is a block found again by its name; else more of a kind belongs to the last one, if it is of that kind. */
  readonly #named: boolean;
  readonly #blocks: Block[] = [];
  /** The last one of each name. */
  readonly #last = new Map<string, Block>();
  over = false;
  several = false;
  full = false;

  constructor(named: boolean) {
    this.#named = named;
  }

  take(pieces: readonly Piece[], tree: JsonTree): void {
    for (const piece of pieces) {
      if (piece.kind === "over") this.over = true;
      // answers are told apart by what their blocks' names begin with
      if ("block" in piece && /^[1-9][0-9]* /.test(piece.block)) this.several = true;
      if (piece.kind === "begin") this.#begin(piece);
      if (piece.kind === "end") this.#end(piece.block);
      if (piece.kind === "more") this.add(piece.block, piece.what, tree.decode(piece.place));
      if (piece.kind === "whole") {
        const block = this.#open({ key: piece.block, what: piece.what, call: piece.call, tool: piece.tool, parts: [] });
        block.made = canonicalArguments(tree, piece.node);
      }
    }
  }

  add(key: string, what: BlockKind, text: string): void {
    const last = this.#named ? this.#last.get(key) : this.#blocks.at(-1);
    const block =
      last?.what === what && last.key === key
        ? last
        : this.#open({ key, what, call: undefined, tool: undefined, parts: [] });
    if (text !== "") block.parts.push(text);
  }

  /** Arguments that came with the beginning of the last block, where they say anything. */
  begunWith(tree: JsonTree, node: number): void {
    const block = this.#blocks.at(-1);
    const made = canonical(tree, node);
    if (block?.what === "call" && made !== "{}") block.made = made;
  }

  drop(isGone: (key: string) => boolean): void {
    const rest = this.#blocks.filter(({ key }) => !isGone(key));
    for (const { key } of this.#blocks) if (isGone(key)) this.#last.delete(key);
    this.#blocks.splice(0, this.#blocks.length, ...rest);
  }

  /** One answer after another, where there are several. */
  utterances(): readonly Utterance[] {
    if (!this.several) return this.#tell(this.#blocks);
    const answers = Map.groupBy(this.#blocks, ({ key }) => key.split(" ", 1)[0]);
    return [...answers.values()].flatMap((blocks) => [...this.#tell(blocks), between]);
  }

  #tell(blocks: readonly Block[]): readonly Utterance[] {
    return blocks.flatMap(({ what, parts, call, tool, made, ended }): readonly Utterance[] => {
      const text = parts.join("");
      if (what === "text") return [{ kind: "text", text, path: "" }];
      if (what === "thought") return [{ kind: "thought", text }];
      if (what !== "call" || tool === undefined) return [];
      return [{ kind: "call", call, tool, made: made ?? argumentsOf(text, ended === true || this.over), path: "" }];
    });
  }

  #begin({ block: key, what, call, tool }: Extract<Piece, { kind: "begin" }>): void {
    const before = this.#named ? this.#last.get(key) : undefined;
    // said again with every piece of it by some
    if (before?.what === what && (call === undefined || call === "" || before.call === call)) return;
    this.#open({ key, what, call, tool, parts: [] });
  }

  #end(key: string): void {
    const block = this.#last.get(key);
    if (block !== undefined) block.ended = true;
  }

  #open(block: Block): Block {
    this.full ||= this.#blocks.length >= most;
    if (this.full) return block;
    this.#blocks.push(block);
    this.#last.set(block.key, block);
    return block;
  }
}

/** Undefined where they are not whole: a reply that ended in the middle of them. */
function argumentsOf(text: string, ended: boolean): string | undefined {
  const made = canonicalText(text);
  if (!/^\s*[[{]/.test(text)) return ended ? made : undefined;
  try {
    JSON.parse(text);
    return made;
  } catch {
    return undefined;
  }
}
