// Answers to the spans of one body, kept for the next of its conversation: it begins with the very same spans, and neither their text
// nor anything made of it is made again. Of a body of too many spans nothing is kept: what was sent to fill memory fills none.

import type { Span } from "../domain/span.ts";

export const againBounds = {
  /** Conversations of whose last body the answers are kept. */
  conversations: 8,
  /** Spans of a body; an agent's longest conversations have a tenth of it. */
  spans: 20_000,
} as const;

interface Answered<Answer> {
  readonly spans: readonly Span[];
  readonly answers: (Answer | undefined)[];
}

export class Again<Answer> {
  readonly #kept = new Map<string, Answered<Answer>>();
  #before: Answered<Answer> | undefined;
  #now: Answered<Answer> = { spans: [], answers: [] };

  /** Before the spans of a body are looked at. */
  begin(spans: readonly Span[], conversation: string): void {
    this.#before = this.#kept.get(conversation);
    this.#now = { spans, answers: [] };
    this.#kept.delete(conversation);
    if (spans.length > againBounds.spans) return;
    this.#kept.set(conversation, this.#now);
    for (const oldest of this.#kept.keys())
      if (this.#kept.size > againBounds.conversations) this.#kept.delete(oldest);
      else break;
  }

  /** To the span that stands there in both. */
  get(nth: number): Answer | undefined {
    const { spans } = this.#now;
    return this.#before?.spans[nth] === spans[nth] ? this.#before?.answers[nth] : undefined;
  }

  set(nth: number, answer: Answer): Answer {
    this.#now.answers[nth] = answer;
    return answer;
  }

  /** What was asked has another answer from now on. */
  clear(): void {
    this.#kept.clear();
  }
}
