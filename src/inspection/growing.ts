// What is gathered over the spans of one body, gone on with for the next of its conversation: what the two have in common is not gone
// through again, and what they have not is taken back. Most of a conversation is common, and only to look at so many spans takes longer
// than what is new in them.

import type { Span } from "../domain/span.ts";
import { againBounds } from "./again.ts";
import { sameFrom } from "./prefix.ts";

/** Makes a state what it was before something was added to it, where nothing was added since that was not taken back. */
export type TakeBack = () => void;

export interface Gathering<State> {
  readonly begin: () => State;
  /** Undefined where it changed nothing. Nothing else changes what is gathered, but where `clear` is called. */
  readonly add: (state: State, span: Span, nth: number) => TakeBack | undefined;
}

interface Kept<State> {
  readonly spans: readonly Span[];
  readonly state: State;
  readonly added: { readonly nth: number; readonly takeBack: TakeBack }[];
}

export class Growing<State> {
  readonly #gathering: Gathering<State>;
  readonly #kept = new Map<string, Kept<State>>();
  #isCleared = false;

  constructor(gathering: Gathering<State>) {
    this.#gathering = gathering;
  }

  /** All that is gathered over these spans, until the next is asked; `conversation`: its bodies begin with the same ones. */
  over(spans: readonly Span[], conversation: string): State {
    const before = this.#kept.get(conversation);
    const { state, added }: Omit<Kept<State>, "spans"> = before ?? { state: this.#gathering.begin(), added: [] };
    const same = before === undefined ? 0 : sameFrom(before.spans, spans);
    this.#kept.delete(conversation);
    while ((added.at(-1)?.nth ?? -1) >= same) added.pop()?.takeBack();
    this.#isCleared = false;
    for (let nth = same; nth < spans.length; nth += 1) {
      const span = spans[nth];
      const takeBack = span && this.#gathering.add(state, span, nth);
      if (takeBack !== undefined) added.push({ nth, takeBack });
    }
    this.#keep(conversation, { spans, state, added });
    return state;
  }

  /** What is added to a state is something else from now on. */
  clear(): void {
    this.#isCleared = true;
    this.#kept.clear();
  }

  #keep(conversation: string, kept: Kept<State>): void {
    if (this.#isCleared || kept.spans.length > againBounds.spans) return;
    this.#kept.set(conversation, kept);
    for (const oldest of this.#kept.keys())
      if (this.#kept.size > againBounds.conversations) this.#kept.delete(oldest);
      else break;
  }
}
