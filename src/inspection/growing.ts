// What is gathered over the spans of one body, gone on with for the next of its conversation: what the last two had in common is not gone
// through again. Most of a conversation is that, and only to look at so many spans takes longer than what is new in them.

import type { Span } from "../domain/span.ts";
import { againBounds } from "./again.ts";

export interface Gathering<State> {
  readonly begin: () => State;
  /** Whatever is added to the one is not in the other. */
  readonly copy: (state: State) => State;
  /** Nothing else changes what is gathered, but where `clear` is called. */
  readonly add: (state: State, span: Span, nth: number) => void;
}

interface Kept<State> {
  readonly spans: readonly Span[];
  /** Of the first so many of them. */
  readonly size: number;
  readonly state: State;
}

export class Growing<State> {
  readonly #gathering: Gathering<State>;
  readonly #kept = new Map<string, Kept<State>>();
  #isCleared = false;

  constructor(gathering: Gathering<State>) {
    this.#gathering = gathering;
  }

  /** All that is gathered over these spans; `conversation`: its bodies begin with the same ones. */
  over(spans: readonly Span[], conversation: string): State {
    const before = this.#kept.get(conversation);
    const same = before === undefined ? 0 : alike(before.spans, spans);
    const { begin, copy } = this.#gathering;
    const goesOn = before !== undefined && before.size <= same;
    const state = goesOn ? copy(before.state) : begin();
    this.#isCleared = false;
    this.#add(state, spans, goesOn ? before.size : 0, same);
    const kept = { spans, size: same, state: copy(state) };
    this.#add(state, spans, same, spans.length);
    this.#keep(conversation, kept);
    return state;
  }

  /** What is added to a state is something else from now on. */
  clear(): void {
    this.#isCleared = true;
    this.#kept.clear();
  }

  #add(state: State, spans: readonly Span[], from: number, to: number): void {
    for (let nth = from; nth < to; nth += 1) {
      const span = spans[nth];
      if (span !== undefined) this.#gathering.add(state, span, nth);
    }
  }

  #keep(conversation: string, kept: Kept<State>): void {
    this.#kept.delete(conversation);
    if (this.#isCleared || kept.spans.length > againBounds.spans) return;
    this.#kept.set(conversation, kept);
    for (const oldest of this.#kept.keys())
      if (this.#kept.size > againBounds.conversations) this.#kept.delete(oldest);
      else break;
  }
}

function alike(before: readonly Span[], now: readonly Span[]): number {
  let same = 0;
  while (same < now.length && before[same] === now[same]) same += 1;
  return same;
}
