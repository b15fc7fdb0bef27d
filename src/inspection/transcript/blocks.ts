// What was said → the blocks that are compared: calls, and texts with all that adjoins them, since clients part texts and join them.
// White space makes no difference. Thoughts are none: clients leave them out.

import type { Utterance } from "../../domain/transcript.ts";

export type Call = Extract<Utterance, { kind: "call" }>;
type Said = Extract<Utterance, { kind: "said" }>;

export interface Block {
  readonly what: "text" | "call";
  /** Of a text: what it was joined of; none is blank. */
  readonly texts: readonly Extract<Utterance, { kind: "text" }>[];
  readonly call: Call | undefined;
  readonly path: string;
  /** What stands between two things that are not the model's is one turn. */
  readonly turn: number;
}

export interface Told {
  readonly blocks: readonly Block[];
  /** How many blocks stand before each result. */
  readonly results: readonly (Extract<Utterance, { kind: "result" }> & { readonly at: number })[];
  /** The first words of a person; where a client wraps all of them in tags, the first of those. `text`: without white space. */
  readonly person: { readonly words: Utterance | undefined; readonly text: () => string };
  /** The text it ends in: a reply is to go on with it. */
  readonly lead: string | undefined;
}

export const squeezed = (text: string): string => text.replaceAll(/\s+/g, "");

export const nameOfCall = (tool: string, made: string): string => `call\0${tool}\0${made}`;
export const nameOfText = (text: string): string => `text\0${text}`;

export const textOf = ({ texts }: Block): string => texts.map(({ text }) => squeezed(text)).join("");

/** What a block is compared by. */
export function writtenOf(block: Block): string {
  const { call } = block;
  if (call === undefined) return nameOfText(textOf(block));
  return call.made === undefined ? `open\0${call.call ?? ""}\0${call.tool}` : nameOfCall(call.tool, call.made);
}

export function tell(utterances: readonly Utterance[]): Told {
  const blocks: Block[] = [];
  const results: Told["results"][number][] = [];
  let texts: Block["texts"][number][] = [];
  let turn = 0;
  let person: Said | undefined;
  let first: Said | undefined;
  const close = (): Block | undefined => {
    const [one] = texts;
    if (one === undefined) return undefined;
    const block: Block = { what: "text", texts, call: undefined, path: one.path, turn };
    blocks.push(block);
    texts = [];
    return block;
  };
  for (const one of utterances) {
    if (one.kind === "thought") continue;
    if (one.kind === "text") {
      if (/\S/.test(one.text)) texts.push(one);
      continue;
    }
    close();
    if (one.kind === "call") blocks.push({ what: "call", texts: [], call: one, path: one.path, turn });
    else turn += 1;
    if (one.kind === "result") results.push({ ...one, at: blocks.length });
    if (one.kind === "said" && one.person) person ??= one;
    if (one.kind === "said" && one.text !== "") first ??= one;
  }
  const lead = close();
  const words = person ?? first;
  return { lead: lead && textOf(lead), blocks, results, person: { words, text: () => squeezed(words?.text ?? "") } };
}
