// A history that is told again and again → its blocks. Of what stands as it stood, the very same elements from the beginning on, the
// blocks are the very same too: only the rest is told.

import type { Utterance } from "../../domain/transcript.ts";
import { type Block, type Result, squeezed, type Told, textOf } from "./blocks.ts";

type Element = readonly Utterance[];
type Said = Extract<Utterance, { kind: "said" }>;

/** What was told by the end of an element, where no text may go on behind it. */
interface Mark {
  readonly elements: number;
  readonly blocks: number;
  readonly results: number;
  readonly turn: number;
  /** The first words of a person, and of anybody but the model. */
  readonly person: Said | undefined;
  readonly first: Said | undefined;
}

const beginning: Mark = { elements: 0, blocks: 0, results: 0, turn: 0, person: undefined, first: undefined };

export class Retelling {
  readonly #most: number;
  #elements: readonly Element[] = [];
  #marks: Mark[] = [];
  #blocks: Block[] = [];
  #results: Result[] = [];
  #texts: Block["texts"][number][] = [];
  #turn = 0;
  #person: Said | undefined;
  #first: Said | undefined;

  /** `most`: elements, blocks and results; of a history that has more nothing is kept. */
  constructor(most: number) {
    this.#most = most;
  }

  tell(elements: readonly Element[]): Told {
    const from = this.#goBack(elements);
    // nothing, should this not come to its end
    this.#elements = [];
    for (let at = from; at < elements.length; at += 1) {
      for (const one of elements[at] ?? []) this.#take(one);
      if (this.#texts.length === 0) this.#mark(at + 1);
    }
    const lead = this.#close();
    const words = this.#person ?? this.#first;
    const told = {
      lead: lead && textOf(lead),
      blocks: this.#blocks,
      results: this.#results,
      person: { words, text: () => squeezed(words?.text ?? "") },
    };
    if (elements.length + this.#blocks.length + this.#results.length <= this.#most) this.#elements = elements;
    else this.#forget();
    return told;
  }

  /** To where both histories are still the same; how many elements that are. */
  #goBack(elements: readonly Element[]): number {
    let same = 0;
    while (same < elements.length && elements[same] === this.#elements[same]) same += 1;
    while ((this.#marks.at(-1)?.elements ?? 0) > same) this.#marks.pop();
    const mark = this.#marks.at(-1) ?? beginning;
    this.#blocks.length = mark.blocks;
    this.#results.length = mark.results;
    this.#texts = [];
    [this.#turn, this.#person, this.#first] = [mark.turn, mark.person, mark.first];
    return mark.elements;
  }

  #forget(): void {
    [this.#marks, this.#blocks, this.#results] = [[], [], []];
  }

  #mark(elements: number): void {
    const [blocks, results] = [this.#blocks.length, this.#results.length];
    this.#marks.push({ elements, blocks, results, turn: this.#turn, person: this.#person, first: this.#first });
  }

  #take(one: Utterance): void {
    if (one.kind === "thought") return;
    if (one.kind === "text") {
      if (/\S/.test(one.text)) this.#texts.push(one);
      return;
    }
    this.#close();
    if (one.kind === "call") this.#add({ what: "call", texts: [], call: one, path: one.path });
    else this.#turn += 1;
    if (one.kind === "result") this.#results.push({ ...one, at: this.#blocks.length });
    if (one.kind !== "said") return;
    if (one.person) this.#person ??= one;
    if (one.text !== "") this.#first ??= one;
  }

  #close(): Block | undefined {
    const [one] = this.#texts;
    if (one === undefined) return undefined;
    const block = this.#add({ what: "text", texts: this.#texts, call: undefined, path: one.path });
    this.#texts = [];
    return block;
  }

  #add(block: Pick<Block, "what" | "texts" | "call" | "path">): Block {
    const added: Block = { ...block, turn: this.#turn, name: undefined, filler: undefined, firm: undefined };
    this.#blocks.push(added);
    return added;
  }
}

/** Once, such as a reply. */
export const tell = (utterances: Element): Told => new Retelling(0).tell([utterances]);
