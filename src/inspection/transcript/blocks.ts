// What was said → the blocks that are compared: calls, and texts with all that adjoins them, since clients part texts and join them.
// White space makes no difference. Thoughts are none: clients leave them out.

import type { Utterance } from "../../domain/transcript.ts";

export interface Block {
  readonly what: "text" | "call";
  /** What it is compared by. Its text, while it is looked at. */
  readonly name: string;
  /** Of a text: the texts it was joined of, each by itself. */
  readonly parts: readonly string[];
  readonly path: string;
  /** What stands between two things that are not the model's is one turn. */
  readonly turn: number;
  readonly call?: string | undefined;
  readonly tool?: string | undefined;
  /** Of a call: its arguments are not known whole. */
  readonly open?: boolean;
}

export interface Told {
  readonly blocks: readonly Block[];
  /** How many blocks stand before each result. */
  readonly results: readonly (Extract<Utterance, { kind: "result" }> & { readonly at: number })[];
  /** The first words of a person; where a client wraps all of them in tags, the first of those. */
  readonly person: string;
  /** The text it ends in: a reply is to go on with it. */
  readonly lead: string | undefined;
}

export const squeezed = (text: string): string => text.replaceAll(/\s+/g, "");

export const nameOfCall = (tool: string, made: string): string => `call\0${tool}\0${made}`;
export const nameOfText = (text: string): string => `text\0${text}`;

export function tell(utterances: readonly Utterance[]): Told {
  const blocks: Block[] = [];
  const results: Told["results"][number][] = [];
  let run: { readonly path: string; readonly parts: string[] } | undefined;
  let turn = 0;
  let person: string | undefined;
  let first: string | undefined;
  const close = (): string | undefined => {
    const text = run?.parts.join("") ?? "";
    if (run !== undefined && text !== "")
      blocks.push({ what: "text", name: nameOfText(text), parts: run.parts, path: run.path, turn });
    run = undefined;
    return text === "" ? undefined : text;
  };
  for (const one of utterances) {
    if (one.kind === "text") {
      run ??= { path: one.path, parts: [] };
      const part = squeezed(one.text);
      if (part !== "") run.parts.push(part);
      continue;
    }
    if (one.kind === "thought") continue;
    close();
    if (one.kind === "call") blocks.push(ofCall(one, turn));
    else turn += 1;
    if (one.kind === "result") results.push({ ...one, at: blocks.length });
    if (one.kind === "said" && one.person) person ??= squeezed(one.text);
    if (one.kind === "said" && one.text !== "") first ??= squeezed(one.text);
  }
  return { lead: close(), blocks, results, person: person ?? first ?? "" };
}

function ofCall({ tool, made, call, path }: Extract<Utterance, { kind: "call" }>, turn: number): Block {
  const name = made === undefined ? `open\0${call ?? ""}\0${tool}` : nameOfCall(tool, made);
  return { what: "call", name, parts: [], path, turn, call, tool, open: made === undefined };
}
