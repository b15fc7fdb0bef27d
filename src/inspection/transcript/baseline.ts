// What a history is compared with: what the requests told that were answered with its blocks, and those answers.

import { type Gap, gapsBetween } from "./align.ts";
import type { Exchange, Memory } from "./memory.ts";

export interface Nearest {
  readonly exchange: Exchange;
  readonly expected: readonly number[];
  readonly gaps: readonly Gap[];
}

/** Replies that a history is compared with, requests that told the like, and all that it is laid beside. */
const [replies, requests, most] = [8, 16, 40];

const none: readonly Exchange[] = [];

/** A conversation: requests that begin with the same words of a person, and what they were answered. */
export class Conversation {
  readonly #memory: Memory;
  readonly #place: string;
  readonly person: number;
  readonly exchanges: readonly Exchange[];

  constructor(memory: Memory, place: string, person: number) {
    this.#memory = memory;
    this.#place = place;
    this.person = person;
    this.exchanges = memory.exchangesOf(place, person);
  }

  /** Its replies that brought this. */
  answersWith(name: number): readonly Exchange[] {
    const answers = this.#memory.known(name)?.answers;
    if (answers === undefined) return none;
    return answers.filter(({ place, person }) => place === this.#place && person === this.person);
  }

  /** It stands in a reply as that is known now. */
  isAnswer(name: number): boolean {
    return this.answersWith(name).some(
      ({ history, answer, joined = [] }) => answer.includes(name) || joined.includes(name) || history.includes(name),
    );
  }

  isAccepted(name: number): boolean {
    return this.#memory.accepted(this.person, name) !== undefined;
  }

  /** Of what its last name was part of, that which the history is like the most. */
  nearest(names: readonly number[]): Nearest | undefined {
    let nearest: Nearest | undefined;
    let least = Number.POSITIVE_INFINITY;
    let tries = 0;
    for (const { exchange, expected } of this.#baselines(names.at(-1) ?? -1)) {
      tries += 1;
      if (tries > most) break;
      const gaps = gapsBetween(expected, names);
      const apart = gaps.reduce((sum, { gone, come, head }) => sum + come.length + (head ? 0 : gone.length), 0);
      if (apart >= least) continue;
      least = apart;
      nearest = { exchange, expected, gaps };
      if (apart === 0) break;
    }
    return nearest;
  }

  /** What a history may be that ends so far in this: as the requests told it that were answered with it, the latest first. */
  *#baselines(last: number): Generator<Omit<Nearest, "gaps">> {
    const answers = this.answersWith(last);
    // what else it brought behind that may never have been taken up
    // what it had brought when it was asked before may have gone on since
    for (const exchange of answers.slice(-replies).reverse())
      for (const whole of [told(exchange), ...(exchange.joined === undefined ? [] : [joined(exchange)])])
        if (whole.includes(last)) yield { exchange, expected: whole.slice(0, whole.lastIndexOf(last) + 1) };
    // where it may have come in a reply that is not known: as it was told before
    const isLoose = this.exchanges.some(({ state }) => state === "unheard");
    if (answers.length > 0 && !isLoose && !this.isAccepted(last)) return;
    let left = requests;
    for (let nth = this.exchanges.length - 1; nth >= 0 && left > 0; nth -= 1) {
      const exchange = this.exchanges[nth];
      if (exchange === undefined) return;
      const { history } = exchange;
      let at = history.lastIndexOf(last);
      if (at >= 0) left -= 1;
      for (; at >= 0; at = at === 0 ? -1 : history.lastIndexOf(last, at - 1))
        yield { exchange, expected: history.slice(0, at + 1) };
    }
  }
}

export const told = ({ history, answer }: Exchange): readonly number[] => [...history, ...answer];
const joined = ({ history, joined: answer = [] }: Exchange): readonly number[] => [...history.slice(0, -1), ...answer];
