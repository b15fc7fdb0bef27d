// A request's body, read → the conversation that it tells again. Elements that stand as they stood in the body before it, as nearly all
// do, are not read again.

import type { Utterance } from "../../domain/transcript.ts";
import { type JsonTree, kind } from "../json/tree.ts";
import {
  anthropicMessage,
  chatMessage,
  converseMessage,
  geminiContent,
  ollamaMessage,
  type ReadElement,
  responsesItem,
} from "./elements.ts";

export interface History {
  readonly utterances: readonly Utterance[];
  /** It goes on where this reply ended (OpenAI Responses). */
  readonly previous: string | undefined;
  /** What its client calls the conversation, where it does. */
  readonly mark: string;
}

/** Of one conversation, from body to body. */
export type ReadHistory = (protocol: string, tree: JsonTree) => History | undefined;

interface Form {
  readonly list: string;
  readonly read: ReadElement;
}

const forms: Readonly<Record<string, Form>> = {
  anthropic: { list: "messages", read: anthropicMessage },
  "openai-chat": { list: "messages", read: chatMessage },
  "openai-responses": { list: "input", read: responsesItem },
  gemini: { list: "contents", read: geminiContent },
  bedrock: { list: "messages", read: converseMessage },
  ollama: { list: "messages", read: ollamaMessage },
};

/** Undefined where the protocol is none that tells a conversation again. */
export function openHistory(): ReadHistory {
  let before = new Map<number, readonly Utterance[]>();
  let spoken = "";
  let last: Buffer | undefined;
  return (protocol, tree) => {
    // what is known of it is so of the body read before it, which need not be the one that was told here
    if (last?.compare(tree.bytes, 0, tree.known, 0, Math.min(tree.known, last.length)) !== 0) before = new Map();
    last = tree.bytes;
    const form = Object.hasOwn(forms, protocol) ? forms[protocol] : undefined;
    if (form === undefined || spoken !== protocol) before = new Map();
    spoken = protocol;
    if (form === undefined) return undefined;
    const outer = tree.member(0, "request");
    const top = outer !== undefined && protocol === "gemini" ? outer : 0;
    const list = tree.member(top, form.list);
    const previous = tree.stringIn(0, "previous_response_id");
    const mark = markOf(tree, top);
    if (list === undefined) before = new Map();
    if (list === undefined) return { utterances: [], previous, mark };
    if (tree.kindOf(list) === kind.string)
      return { utterances: [{ kind: "said", text: tree.textOf(list), person: true }], previous, mark };
    const now = new Map<number, readonly Utterance[]>();
    const prefix = top === 0 ? form.list : `request.${form.list}`;
    const utterances = [...tree.below(list)].flatMap((node, nth) => {
      const known = tree.toOf(node) <= tree.known ? before.get(node) : undefined;
      const found = known ?? form.read(tree, node, `${prefix}[${nth}]`);
      now.set(node, found);
      return found;
    });
    before = now;
    return { utterances, previous, mark };
  };
}

/** Claude Code, Codex and their like, Gemini CLI with a login. */
function markOf(tree: JsonTree, top: number): string {
  const metadata = tree.member(0, "metadata");
  const user = metadata === undefined ? undefined : tree.stringIn(metadata, "user_id");
  const key = tree.stringIn(0, "prompt_cache_key");
  return user ?? key ?? tree.stringIn(top, "session_id") ?? tree.stringIn(top, "sessionId") ?? "";
}
