// Messages of one reply, as a protocol sends them, one after another → what it has brought. *Attacker-controlled*.

import type { Utterance } from "../../domain/transcript.ts";
import { conversePieces } from "../amazon/events.ts";
import { messagesPieces } from "../anthropic/events.ts";
import { generatePieces } from "../google/events.ts";
import type { JsonTree } from "../json/tree.ts";
import { ollamaPieces } from "../ollama/events.ts";
import { chatPieces } from "../openai/chat-events.ts";
import { responsesPieces } from "../openai/responses-events.ts";
import { each, indexOf, type ReadPieces } from "../stream/piece.ts";
import { Blocks, between } from "./blocks.ts";
import { anthropicMessage, chatMessage, converseMessage, responsesItem } from "./elements.ts";

export interface Teller {
  /** A message of a stream. */
  readonly take: (tree: JsonTree, type: string) => void;
  /** The only one of a reply that is none. */
  readonly whole: (tree: JsonTree) => void;
  readonly utterances: () => readonly Utterance[];
  /** It has said its last. */
  readonly over: () => boolean;
  readonly several: () => boolean;
  readonly full: () => boolean;
  readonly response: () => string | undefined;
}

interface Whole {
  readonly utterances: readonly Utterance[];
  readonly several?: boolean;
}

/** `whole`: undefined where it says the same as a message of the stream. */
function telling(read: ReadPieces, named: boolean, readWhole?: (tree: JsonTree) => Whole): Teller {
  const blocks = new Blocks(named);
  let only: Whole | undefined;
  const take = (tree: JsonTree, type: string): void => {
    blocks.take(read(tree, type), tree);
    const begins = tree.member(0, "content_block");
    if (begins === undefined) return;
    const [input, text] = [tree.member(begins, "input"), tree.stringIn(begins, "text")];
    if (input !== undefined) blocks.begunWith(tree, input);
    if (text !== undefined && text !== "") blocks.add(indexOf(tree, 0, "index"), "text", text);
  };
  return {
    take,
    whole: (tree) => {
      if (readWhole === undefined) take(tree, "");
      else only = readWhole(tree);
    },
    utterances: () => only?.utterances ?? blocks.utterances(),
    over: () => only !== undefined || blocks.over,
    several: () => only?.several ?? blocks.several,
    full: () => blocks.full,
    response: () => undefined,
  };
}

/** Items are told once they are done; of one that never was, its pieces. */
function tellingItems(): Teller {
  const items = new Map<string, readonly Utterance[]>();
  let pieces = new Blocks(true);
  const begin = (): void => {
    items.clear();
    pieces = new Blocks(true);
  };
  let response: string | undefined;
  const finished = (tree: JsonTree, node: number): void => {
    if (items.size > 0) return;
    for (const [nth, item] of each(tree, node, "output").entries())
      items.set(String(nth), responsesItem(tree, item, "", true));
    pieces.drop(() => true);
  };
  return {
    take: (tree, type) => {
      const said = tree.member(0, "response");
      // another one: what came before was the rest of one that was left
      if (tree.stringIn(0, "type") === "response.created") begin();
      if (said !== undefined) response = tree.stringIn(said, "id") ?? response;
      if (tree.stringIn(0, "type") !== "response.output_item.done") {
        const found = responsesPieces(tree, type).filter(({ kind }) => kind !== "whole");
        pieces.take(found, tree);
        if (said !== undefined && pieces.over) finished(tree, said);
        return;
      }
      const item = tree.member(0, "item");
      if (item === undefined) return;
      const at = indexOf(tree, 0, "output_index") || String(items.size);
      const names = [tree.stringIn(item, "id"), at].filter((name) => name !== undefined);
      pieces.drop((key) => names.some((name) => key.startsWith(`${name} `)));
      items.set(at, responsesItem(tree, item, "", true));
    },
    whole: (tree) => {
      response = tree.stringIn(0, "id");
      pieces.over = true;
      finished(tree, 0);
    },
    utterances: () => [...[...items.values()].flat(), ...pieces.utterances()],
    over: () => pieces.over,
    several: () => false,
    full: () => pieces.full || items.size > 2_000,
    response: () => response,
  };
}

const chatWhole = (tree: JsonTree): Whole => {
  const choices = each(tree, 0, "choices").flatMap((choice) => tree.member(choice, "message") ?? []);
  const utterances = choices.flatMap((message) => [...chatMessage(tree, message, "", true), between]);
  return { utterances, several: choices.length > 1 };
};

const converseWhole = (tree: JsonTree): Whole => {
  const output = tree.member(0, "output");
  const message = output === undefined ? undefined : tree.member(output, "message");
  return { utterances: message === undefined ? [] : converseMessage(tree, message, "", true) };
};

const tellers: Readonly<Record<string, () => Teller>> = {
  anthropic: () => telling(messagesPieces, true, (tree) => ({ utterances: anthropicMessage(tree, 0, "", true) })),
  "openai-chat": () => telling(chatPieces, true, chatWhole),
  "openai-responses": tellingItems,
  gemini: () => telling(generatePieces, false),
  bedrock: () => telling(conversePieces, true, converseWhole),
  ollama: () => telling(ollamaPieces, false),
};

export function tellerOf(protocol: string): Teller | undefined {
  return Object.hasOwn(tellers, protocol) ? tellers[protocol]?.() : undefined;
}
