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

/** The very same one where it stands as it stood. */
type Element = readonly Utterance[];

export interface History {
  readonly elements: readonly Element[];
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

/** Elements as they were read, and where they stand in their tree. */
interface Read {
  readonly tree: symbol;
  readonly list: number;
  readonly nodes: readonly number[];
  readonly elements: readonly Element[];
}

/** Undefined where the protocol is none that tells a conversation again. */
export function openHistory(): ReadHistory {
  let last: (Read & { readonly protocol: string }) | undefined;
  return (protocol, tree) => {
    // what is known of it is so of the body read before it, which need not be the one that was told here
    const before = last?.protocol === protocol && last.tree === tree.follows ? last : undefined;
    last = undefined;
    const form = Object.hasOwn(forms, protocol) ? forms[protocol] : undefined;
    if (form === undefined) return undefined;
    const outer = tree.member(0, "request");
    const top = outer !== undefined && protocol === "gemini" ? outer : 0;
    const list = tree.member(top, form.list);
    const previous = tree.stringIn(0, "previous_response_id");
    const mark = markOf(tree, top);
    if (list === undefined) return { elements: [], previous, mark };
    if (tree.kindOf(list) === kind.string)
      return { elements: [[{ kind: "said", text: tree.textOf(list), person: true }]], previous, mark };
    const path = top === 0 ? form.list : `request.${form.list}`;
    const read = readList(tree, { list, path, read: form.read }, before?.list === list ? before : undefined);
    last = { ...read, protocol };
    return { elements: read.elements, previous, mark };
  };
}

interface List {
  readonly list: number;
  readonly path: string;
  readonly read: ReadElement;
}

/** Those that had ended where both bodies are still the same are the very same elements. */
function readList(tree: JsonTree, { list, path, read }: List, before: Read | undefined): Read {
  const known = 1 + (before?.nodes.findLastIndex((node) => node < tree.size && tree.toOf(node) <= tree.known) ?? -1);
  const nodes = before?.nodes.slice(0, known) ?? [];
  const elements = before?.elements.slice(0, known) ?? [];
  const [end, last] = [tree.afterOf(list), nodes.at(-1)];
  for (let node = last === undefined ? list + 1 : tree.afterOf(last); node < end; node = tree.afterOf(node)) {
    elements.push(read(tree, node, `${path}[${nodes.length}]`));
    nodes.push(node);
  }
  return { tree: tree.name, list, nodes, elements };
}

/** Claude Code, Codex and their like, Gemini CLI with a login. */
function markOf(tree: JsonTree, top: number): string {
  const metadata = tree.member(0, "metadata");
  const user = metadata === undefined ? undefined : tree.stringIn(metadata, "user_id");
  const key = tree.stringIn(0, "prompt_cache_key");
  return user ?? key ?? tree.stringIn(top, "session_id") ?? tree.stringIn(top, "sessionId") ?? "";
}
