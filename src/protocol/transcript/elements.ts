// One element of a history, in each protocol → what was said in it. The same readers read a reply that comes whole: vendors give a
// message in the shape in which they take it. What is none of these says nothing here. *Attacker-controlled*.

import type { Utterance } from "../../domain/transcript.ts";
import { type JsonTree, kind } from "../json/tree.ts";
import { each } from "../stream/piece.ts";
import { canonicalArguments } from "./canonical.ts";

/** `path`: the fields that lead to the element. `isReply`: it is the model's, whatever it says of that. */
export type ReadElement = (tree: JsonTree, node: number, path: string, isReply?: boolean) => readonly Utterance[];

const roleOf = (tree: JsonTree, node: number, isReply?: boolean): string | undefined =>
  isReply === true ? "assistant" : tree.stringIn(node, "role");

/** What stands where a person's words stand and begins with a tag is what a tool adds. */
function said(text: string, isPerson: boolean): Utterance {
  return { kind: "said", text, person: isPerson && !/^\s*</.test(text) };
}

/** A string, or parts with a string in one of these members. */
function textsIn(tree: JsonTree, node: number | undefined, names: readonly string[]): readonly string[] {
  if (node === undefined) return [];
  if (tree.kindOf(node) === kind.string) return [tree.textOf(node)];
  return [...tree.below(node)].flatMap((part) => names.flatMap((name) => tree.stringIn(part, name) ?? []));
}

const texts = (found: readonly string[], path: string): readonly Utterance[] =>
  found.map((text) => ({ kind: "text", text, path }));

const nobodys: Utterance = { kind: "said", text: "", person: false };

/** What others than the model said; a message without any text is one all the same. */
function others(found: readonly string[], isPerson: boolean): readonly Utterance[] {
  return found.length === 0 ? [nobodys] : found.map((text) => said(text, isPerson));
}

interface CallFields {
  readonly id: string;
  readonly name: string;
  readonly made: readonly string[];
  /** Its identifier, where that stands elsewhere. */
  readonly call?: string | undefined;
}

/** Undefined where it has no name. */
function callAt(tree: JsonTree, node: number, fields: CallFields, path: string): readonly Utterance[] {
  const tool = tree.stringIn(node, fields.name);
  const made = fields.made.map((name) => tree.member(node, name)).find((member) => member !== undefined);
  if (tool === undefined) return [];
  const call = "call" in fields ? fields.call : tree.stringIn(node, fields.id);
  return [{ kind: "call", call, tool, made: canonicalArguments(tree, made), path }];
}

export const anthropicMessage: ReadElement = (tree, node, path, isReply) => {
  const isModel = roleOf(tree, node, isReply) === "assistant";
  const content = tree.member(node, "content");
  if (content === undefined) return [nobodys];
  if (tree.kindOf(content) === kind.string) {
    const text = tree.textOf(content);
    return isModel ? [{ kind: "text", text, path: `${path}.content` }] : [said(text, true)];
  }
  const blocks = [...tree.below(content)].flatMap((block, nth) => {
    const at = `${path}.content[${nth}]`;
    const type = tree.stringIn(block, "type") ?? "";
    const result = tree.stringIn(block, "tool_use_id");
    if (result !== undefined) return [{ kind: "result", call: result, tool: undefined, path: at } as const];
    if (type.endsWith("tool_use")) return callAt(tree, block, { id: "id", name: "name", made: ["input"] }, at);
    if (type === "thinking") return thoughts(tree.stringIn(block, "thinking"));
    const text = type === "text" ? tree.stringIn(block, "text") : undefined;
    if (text === undefined) return [];
    return [isModel ? ({ kind: "text", text, path: at } as const) : said(text, true)];
  });
  return isModel ? blocks : [nobodys, ...blocks];
};

const thoughts = (text: string | undefined): readonly Utterance[] =>
  text === undefined ? [] : [{ kind: "thought", text }];

const chatCall: CallFields = { id: "id", name: "name", made: ["arguments", "input"] };

export const chatMessage: ReadElement = (tree, node, path, isReply) => {
  const role = roleOf(tree, node, isReply);
  const content = textsIn(tree, tree.member(node, "content"), ["text", "refusal"]);
  if (role === "tool" || role === "function") {
    const [call, tool] = [tree.stringIn(node, "tool_call_id"), tree.stringIn(node, "name")];
    return [{ kind: "result", call, tool, path }];
  }
  if (role !== "assistant") return others(content, role === "user");
  const calls = each(tree, node, "tool_calls").flatMap((one, nth) => {
    const made = tree.member(one, "function") ?? tree.member(one, "custom");
    const fields = { ...chatCall, call: tree.stringIn(one, "id") };
    return made === undefined ? [] : callAt(tree, made, fields, `${path}.tool_calls[${nth}]`);
  });
  const old = tree.member(node, "function_call");
  return [
    ...thoughts(tree.stringIn(node, "reasoning_content") ?? tree.stringIn(node, "reasoning")),
    ...texts([...content, ...textsIn(tree, tree.member(node, "refusal"), [])], `${path}.content`),
    ...calls,
    ...(old === undefined ? [] : callAt(tree, old, chatCall, `${path}.function_call`)),
  ];
};

const made = ["arguments", "input", "code", "action", "operation"];

/** Calls that the vendor carries out itself have no `call_id`, and are no business of the tool's. */
export const responsesItem: ReadElement = (tree, node, path, isReply) => {
  const type = tree.stringIn(node, "type") ?? "message";
  const call = tree.stringIn(node, "call_id");
  if (type.endsWith("_output")) return [{ kind: "result", call, tool: undefined, path }];
  if (call !== undefined) {
    const fields = { id: "call_id", name: tree.stringIn(node, "name") === undefined ? "type" : "name", made };
    return callAt(tree, node, fields, path);
  }
  if (type === "reasoning")
    return [...each(tree, node, "summary"), ...each(tree, node, "content")].flatMap((part) =>
      thoughts(tree.stringIn(part, "text")),
    );
  if (type !== "message") return [];
  const role = roleOf(tree, node, isReply);
  const content = textsIn(tree, tree.member(node, "content"), ["text", "refusal"]);
  return role === "assistant" ? texts(content, `${path}.content`) : others(content, role === "user");
};

export const geminiContent: ReadElement = (tree, node, path) => {
  const isModel = tree.stringIn(node, "role") === "model";
  const parts = each(tree, node, "parts").flatMap((part, nth): readonly Utterance[] => {
    const at = `${path}.parts[${nth}]`;
    const call = tree.member(part, "functionCall") ?? tree.member(part, "function_call");
    if (call !== undefined) return callAt(tree, call, { id: "id", name: "name", made: ["args"] }, at);
    const response = tree.member(part, "functionResponse") ?? tree.member(part, "function_response");
    if (response !== undefined) {
      const [id, tool] = [tree.stringIn(response, "id"), tree.stringIn(response, "name")];
      return [{ kind: "result", call: id, tool, path: at }];
    }
    const text = tree.stringIn(part, "text");
    if (text === undefined) return [];
    if (!isModel) return [said(text, true)];
    return isThought(tree, part) ? thoughts(text) : [{ kind: "text", text, path: at }];
  });
  return isModel ? parts : [nobodys, ...parts];
};

export function isThought(tree: JsonTree, part: number): boolean {
  const thought = tree.member(part, "thought");
  return thought !== undefined && tree.bytes[tree.fromOf(thought)] === 0x74;
}

export const converseMessage: ReadElement = (tree, node, path, isReply) => {
  const isModel = roleOf(tree, node, isReply) === "assistant";
  const blocks = each(tree, node, "content").flatMap((block, nth) => {
    const at = `${path}.content[${nth}]`;
    const call = tree.member(block, "toolUse");
    if (call !== undefined) return callAt(tree, call, { id: "toolUseId", name: "name", made: ["input"] }, at);
    const result = tree.member(block, "toolResult");
    if (result !== undefined)
      return [{ kind: "result", call: tree.stringIn(result, "toolUseId"), tool: undefined, path: at } as const];
    const text = tree.stringIn(block, "text");
    if (text === undefined) return [];
    return [isModel ? ({ kind: "text", text, path: at } as const) : said(text, true)];
  });
  return isModel ? blocks : [nobodys, ...blocks];
};

export const ollamaMessage: ReadElement = (tree, node, path) => {
  const role = tree.stringIn(node, "role");
  const content = textsIn(tree, tree.member(node, "content"), []);
  if (role === "tool") {
    const [call, tool] = [tree.stringIn(node, "tool_call_id"), tree.stringIn(node, "tool_name")];
    return [{ kind: "result", call, tool, path }];
  }
  if (role !== "assistant") return others(content, role === "user");
  const calls = each(tree, node, "tool_calls").flatMap((one, nth) => {
    const call = tree.member(one, "function");
    const fields = { ...chatCall, call: tree.stringIn(one, "id") };
    return call === undefined ? [] : callAt(tree, call, fields, `${path}.tool_calls[${nth}]`);
  });
  return [...thoughts(tree.stringIn(node, "thinking")), ...texts(content, `${path}.content`), ...calls];
};
