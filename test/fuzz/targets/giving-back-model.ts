// What is said in the messages of a reply, block by block; and what is to be said there once placeholders are given back, by a model that
// has all of a block before it.

import { openRestorer, type Restorer } from "../../../src/inspection/placeholders/restore.ts";
import { readJson } from "../../../src/protocol/json/reader.ts";
import { type JsonTree, kind } from "../../../src/protocol/json/tree.ts";
import type { Piece, ReadPieces } from "../../../src/protocol/stream/piece.ts";
import { openCodeRestorer } from "../../../src/session/inspecting/restoring-code.ts";

export interface Message {
  readonly data: Buffer;
  readonly type: string;
}

export interface Said {
  /** By block and kind: its pieces joined. */
  readonly texts: Readonly<Record<string, string>>;
  /** What is told whole, in order. */
  readonly wholes: readonly unknown[];
}

type Values = ReadonlyMap<string, string>;

function* piecesOf(read: ReadPieces, messages: readonly Message[]): Generator<readonly [Piece, JsonTree]> {
  for (const { data, type } of messages) {
    const done = readJson(data);
    if (done.kind === "json") for (const piece of read(done.tree, type)) yield [piece, done.tree];
  }
}

const nameOf = ({ block, what }: { readonly block: string; readonly what: string }): string => `${what} ${block}`;

function valueOf(tree: JsonTree, node: number): unknown {
  if (tree.kindOf(node) === kind.string) return tree.textOf(node);
  return JSON.parse(tree.bytes.toString("utf8", tree.fromOf(node), tree.toOf(node)));
}

function strings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => strings(each, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, strings(each, change)]));
}

export function saidBy(read: ReadPieces, messages: readonly Message[]): Said {
  const texts: Record<string, string> = {};
  const wholes: unknown[] = [];
  for (const [piece, tree] of piecesOf(read, messages)) {
    if (piece.kind === "whole") wholes.push(valueOf(tree, piece.node));
    if (piece.kind !== "more") continue;
    const text = tree.decode(piece.place);
    if (text !== "") texts[nameOf(piece)] = (texts[nameOf(piece)] ?? "") + text;
  }
  return { texts, wholes };
}

/** By second eye: what agents call the tools whose argument is a file's content. */
const writers = new Set(["write", "edit", "apply_patch", "write_file", "exec"]);
type Way = "json" | "plain" | "code";

interface Block {
  readonly tool: string;
  readonly call: string | undefined;
  pending: string;
  restorer: (Restorer & { readonly way: Way }) | undefined;
}

export function toBeSaid(
  read: ReadPieces,
  messages: readonly Message[],
  values: Values,
  end: "end" | "no end" = "end",
) {
  const model = new Model(values);
  for (const [piece, tree] of piecesOf(read, messages)) model.take(piece, tree);
  if (end === "end") model.flushAll();
  return model.result();
}

class Model {
  readonly #values: Values;
  readonly #blocks = new Map<string, Block>();
  readonly #texts: Record<string, string> = {};
  readonly #wholes: unknown[] = [];
  #restored = 0;
  #mayHold = false;

  constructor(values: Values) {
    this.#values = values;
  }

  take(piece: Piece, tree: JsonTree): void {
    if (piece.kind === "over") this.flushAll();
    else if (piece.kind === "end") this.#flush(piece.block);
    else if (piece.kind === "begin") this.#begin(piece);
    else if (piece.kind === "more") this.#more(piece, tree.decode(piece.place));
    else this.#whole(piece, valueOf(tree, piece.node));
  }

  flushAll(): void {
    for (const block of this.#blocks.keys()) this.#flush(block);
  }

  result() {
    // what nobody has ended is not said yet, but for what could be no placeholder
    for (const [block, known] of this.#blocks)
      if (known.pending !== "") this.#say(`call ${block}`, this.#restorerOf(known, known.pending).push(known.pending));
    const restored = [...this.#blocks.values()].reduce((sum, { restorer }) => sum + (restorer?.restored() ?? 0), 0);
    const said: Said = { texts: this.#texts, wholes: this.#wholes };
    return { said, restored: this.#restored + restored, mayHold: this.#mayHold };
  }

  #begin({ block, what, tool, call }: Extract<Piece, { kind: "begin" }>): void {
    const known = this.#blocks.get(block);
    if (what === "call" && (tool ?? "") === "") return;
    if (what === "call" && known?.tool === tool && (call ?? known?.call) === known?.call) return;
    this.#flush(block);
    this.#restored += known?.restorer?.restored() ?? 0;
    this.#blocks.delete(block);
    if (what === "call" && writes(tool))
      this.#blocks.set(block, { tool: tool ?? "", call, pending: "", restorer: undefined });
  }

  #more(piece: Extract<Piece, { kind: "more" }>, text: string): void {
    const known = piece.what === "call" ? this.#blocks.get(piece.block) : undefined;
    if (known === undefined) {
      this.#say(nameOf(piece), text);
      return;
    }
    known.pending += text;
    if (text.includes("P")) this.#mayHold = true;
  }

  #whole({ what, tool, block }: Extract<Piece, { kind: "whole" }>, value: unknown): void {
    const known = this.#blocks.get(block);
    const named = (tool ?? "") === "" ? known?.tool : tool;
    const isCode = named === "exec";
    const isTaken = what === "call" && writes(named) && !(isCode && typeof value !== "string");
    if (isTaken && JSON.stringify(value).includes("P")) this.#mayHold = true;
    const given = (text: string, way: Way): string => {
      const restorer = this.#open(way);
      const passed = restorer.push(text) + restorer.end();
      this.#restored += restorer.restored();
      return passed;
    };
    if (!isTaken) this.#wholes.push(value);
    else if (typeof value === "string") this.#wholes.push(given(value, isCode ? "code" : wayOf(value)));
    else this.#wholes.push(strings(value, (text) => given(text, "plain")));
  }

  #flush(block: string): void {
    const known = this.#blocks.get(block);
    if (known === undefined || known.pending === "") return;
    const restorer = this.#restorerOf(known, known.pending);
    this.#say(`call ${block}`, restorer.push(known.pending) + restorer.end());
    known.pending = "";
  }

  #restorerOf(known: Block, text: string): Restorer {
    known.restorer ??= this.#open(known.tool === "exec" ? "code" : wayOf(text));
    return known.restorer;
  }

  #open(way: Way): Restorer & { readonly way: Way } {
    return { way, ...(way === "code" ? openCodeRestorer(this.#values) : openPlain(this.#values, way)) };
  }

  #say(name: string, text: string): void {
    if (text !== "") this.#texts[name] = (this.#texts[name] ?? "") + text;
  }
}

function openPlain(values: Values, way: "json" | "plain"): Restorer {
  const restorer = openRestorer(values, way);
  return {
    push: (piece) => restorer.push(piece),
    end: () => restorer.end(),
    restored: () => restorer.restored(),
  };
}

const writes = (tool = ""): boolean => writers.has(tool.toLowerCase());
const wayOf = (text: string): "json" | "plain" => (/^\s*[{[]/.test(text) ? "json" : "plain");
