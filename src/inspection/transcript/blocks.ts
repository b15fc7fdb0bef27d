// What was said → the blocks that are compared: calls, and texts with all that adjoins them, since clients part texts and join them.
// White space makes no difference. Thoughts are none: clients leave them out.

import type { Utterance } from "../../domain/transcript.ts";
import type { Placed } from "./placed.ts";

export type Call = Extract<Utterance, { kind: "call" }>;

export interface Block {
  readonly what: "text" | "call";
  /** Of a text: what it was joined of; none is blank. */
  readonly texts: readonly Extract<Utterance, { kind: "text" }>[];
  readonly call: Call | undefined;
  readonly path: string;
  /** What stands between two things that are not the model's is one turn. */
  readonly turn: number;
  /** What the memory calls it, and whether it is a filler: asked once. */
  name: number | undefined;
  filler: boolean | undefined;
  firm: Firm | undefined;
}

/** As what a block was taken, and what that rests on. */
interface Firm {
  readonly placed: Placed;
  readonly behind: number | undefined;
  readonly person: number;
  readonly restated: number;
}

/** `at`: how many blocks stand before it. */
export type Result = Extract<Utterance, { kind: "result" }> & {
  readonly at: number;
  /** Its call was delivered, and stays so. */
  delivered?: boolean;
};

/** As long as nothing else is told by the same teller. */
export interface Told {
  readonly blocks: readonly Block[];
  readonly results: readonly Result[];
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
