// An honest agent, made of chance: what it tells again is what it was told, in the ways in which published agents tell it. It talks in
// several conversations, tries again, leaves off in the middle, makes its history short, goes back, and writes things in its own way.

import { plainly, Session, type Way } from "./session.ts";
import type { Block, Entry, Wire } from "./wire.ts";

/** Numbers below a bound, one after another: the source of all its chances. */
export type Chance = (below: number) => number;

/** What it does to what it tells again, always. */
export interface Habits {
  readonly thoughts: boolean;
  readonly reorders: boolean;
  readonly trims: boolean;
  readonly parts: boolean;
  readonly defaults: boolean;
  readonly renames: boolean;
}

export class Conversation {
  entries: Entry[];
  /** The reply that was given last. */
  previous: string | undefined;
  /** Of a client that tells only what is new: where that begins. */
  told = 0;
  /** It was begun elsewhere, and not told here yet. */
  unasked = false;

  constructor(entries: Entry[]) {
    this.entries = entries;
  }
}

const words = "look at the bed of roses then water them well and say what you found there please".split(" ");

export class Agent {
  readonly session = new Session();
  readonly conversations: Conversation[] = [];
  readonly wire: Wire;
  readonly #chance: Chance;
  readonly #habits: Habits;
  #made = 0;

  constructor(wire: Wire, chance: Chance) {
    this.wire = wire;
    this.#chance = chance;
    const some = (): boolean => chance(2) === 0;
    const [thoughts, reorders, trims] = [some(), some(), some()];
    this.#habits = {
      thoughts,
      reorders,
      trims,
      parts: some(),
      defaults: some(),
      renames: some() && wire.behind !== true,
    };
    this.begin();
  }

  begin(): Conversation {
    const one = new Conversation([{ who: "person", text: this.#text() }]);
    this.conversations.push(one);
    return one;
  }

  /** One thing that agents do. */
  step(): void {
    const one = this.conversations[this.#chance(this.conversations.length)] ?? this.begin();
    const what = this.#chance(20);
    if (what === 0 && this.conversations.length < 4) this.begin();
    else if (what === 1 && this.wire.behind !== true) this.#goBack(one);
    else if (what === 2 && this.wire.behind !== true) this.#makeShort(one);
    else if (what === 3 && this.wire.behind !== true) this.#branchOff(one);
    else if (what === 4 && this.wire.behind !== true) this.conversations.push(this.#begunElsewhere());
    else if (what === 5) this.#bothAtOnce(one, this.conversations[this.#chance(this.conversations.length)] ?? one);
    else this.turn(one);
  }

  /** A request, what it is answered with, and what comes of that. */
  turn(one: Conversation): void {
    if (this.conversations.length > 5) this.conversations.shift();
    const { number } = this.ask(one);
    this.answer(one, number);
  }

  /** Asks by two of them before it has heard any: by the same one too, of which it takes one answer. */
  #bothAtOnce(one: Conversation, other: Conversation): void {
    const [first, second] = [this.ask(one), this.ask(other)];
    if (one !== other && this.#chance(2) === 0) this.answer(one, first.number);
    else this.session.hear(this.wire, first.number, this.#reply(), plainly);
    this.answer(other, second.number);
  }

  answer(one: Conversation, number: number): void {
    const blocks = this.#reply();
    const way = this.#way(blocks);
    if (way.breaks === true) {
      this.#breakOff(one, number, way);
      return;
    }
    this.session.hear(this.wire, number, blocks, way);
    // an error, it left off, or somebody took too long: it asks the same again, or something else
    if (way.status !== undefined || way.until !== undefined || this.#chance(16) === 0) {
      if (this.#chance(2) === 0) one.entries = [...one.entries, { who: "person", text: this.#text() }];
      return;
    }
    this.take(one, blocks);
    one.previous = `resp_${number}`;
  }

  /** The reply ends in the middle of a text. It is kept as far as it came or nearly, with or without a word of that; or not at all. */
  #breakOff(one: Conversation, number: number, way: Way): void {
    const chance = this.#chance;
    const text = this.#text();
    const calls = this.#reply().filter(({ kind }) => kind !== "text");
    const whole: readonly Block[] = this.wire.textFirst === true ? [] : calls;
    const came = text.slice(0, 1 + chance(text.length));
    this.session.hear(this.wire, number, [...whole, { kind: "text", text: came }], way);
    const next: Entry = { who: "person", text: this.#text() };
    if (chance(3) === 0) {
      one.entries = [...one.entries, next];
      return;
    }
    const kept = chance(2) === 0 ? came : came.slice(0, 1 + chance(came.length));
    const said = chance(2) === 0 ? kept : `${kept} [interrupted]`;
    this.take(one, [...whole, { kind: "text", text: said }]);
    one.told = one.entries.length - 1;
    one.previous = `resp_${number}`;
  }

  ask(one: Conversation) {
    one.unasked = false;
    const entries = this.wire.behind === true ? one.entries.slice(one.told) : one.entries;
    return this.session.ask(
      this.wire,
      entries.map((entry) => this.#told(entry)),
      one.previous,
    );
  }

  /** Into its history, with the results of calls or what the person says next. */
  take(one: Conversation, blocks: readonly Block[]): void {
    const results = blocks.flatMap((block) =>
      block.kind === "call" ? [{ id: this.#id(block.id), name: block.name }] : [],
    );
    const next: Entry = results.length > 0 ? { who: "results", results } : { who: "person", text: this.#text() };
    one.entries = [...one.entries, { who: "model", blocks }, next];
    one.told = one.entries.length - 1;
  }

  #way(blocks: readonly Block[]): Way {
    const chance = this.#chance;
    const cuts = Array.from({ length: chance(5) }, () => chance(100_000));
    const what = chance(12);
    const until = what === 0 && blocks.length > 0 ? chance(1_000) : undefined;
    return {
      reply: chance(8),
      cuts,
      until,
      status: what === 1 ? 529 : undefined,
      late: what > 8,
      silent: what === 2,
      breaks: what === 3,
    };
  }

  #reply(): readonly Block[] {
    const chance = this.#chance;
    const blocks: Block[] = [];
    if (chance(3) === 0) blocks.push({ kind: "thought", text: this.#text() });
    if (chance(3) > 0) blocks.push({ kind: "text", text: this.#text() });
    for (let calls = chance(4); calls > 0; calls -= 1) {
      this.#made += 1;
      const args = {
        path: words[chance(words.length)],
        at: chance(1_000) / 8,
        deep: [{ text: this.#text() }, null, true],
      };
      blocks.push({
        kind: "call",
        id: `call_${this.#made}`,
        name: ["read", "edit", "bash"][chance(3)] ?? "read",
        args,
      });
    }
    return blocks.some(({ kind }) => kind !== "thought") ? blocks : [...blocks, { kind: "text", text: this.#text() }];
  }

  /** Often the same as another: people and models repeat themselves. */
  #text(): string {
    const chance = this.#chance;
    if (chance(8) === 0) return "Done.";
    const text = Array.from({ length: 1 + chance(9) }, () => words[chance(words.length)] ?? "").join(" ");
    return chance(3) === 0 ? `${text}\n\n  “é” 🌹 <b>\t` : text;
  }

  #branchOff(one: Conversation): void {
    const other = new Conversation([...one.entries]);
    other.unasked = one.unasked;
    this.conversations.push(other);
  }

  /**
   * To an earlier thing that the person said, and on from there in another way. In one that was begun elsewhere not before it was told
   * whole: what was told of it, answered, and then told longer by one reply reads as that answer, changed (docs/spec/inspection.md).
   */
  #goBack(one: Conversation): void {
    if (one.unasked) return;
    const places = one.entries.flatMap(({ who }, at) => (who === "person" && at > 0 ? [at] : []));
    const at = places[this.#chance(Math.max(1, places.length))];
    if (at !== undefined) one.entries = [...one.entries.slice(0, at), { who: "person", text: this.#text() }];
  }

  /** Some tell it in words and keep the end, some keep the beginning too, some leave the beginning out. */
  #makeShort(one: Conversation): void {
    const replies = one.entries.flatMap(({ who }, at) => (who === "model" ? [at] : []));
    if (replies.length < 3) return;
    const kept = replies[1 + this.#chance(replies.length - 1)] ?? 0;
    const [first, rest] = [one.entries.slice(0, 1), one.entries.slice(kept)];
    // no two read the same (docs/spec/inspection.md)
    this.#made += 1;
    const summary: Entry = { who: "person", text: `so far: ${this.#text()} ${this.#made}` };
    const way = this.#chance(3);
    if (way === 0) one.entries = [summary];
    else if (way === 1) one.entries = [summary, ...rest];
    else one.entries = [...first, ...rest];
  }

  /** A history that was kept from another day. */
  #begunElsewhere(): Conversation {
    this.#made += 1;
    const one = new Conversation([{ who: "person", text: `on day ${this.#made} ${this.#text()}` }]);
    for (let turns = 1 + this.#chance(3); turns > 0; turns -= 1) this.take(one, this.#reply());
    one.unasked = true;
    return one;
  }

  #id(id: string): string {
    return this.#habits.renames ? `own-${id}` : id;
  }

  #told(entry: Entry): Entry {
    if (entry.who !== "model") return entry;
    const { thoughts, trims, parts, reorders, defaults } = this.#habits;
    const blocks = entry.blocks.flatMap((block): readonly Block[] => {
      if (block.kind === "thought") return thoughts ? [block] : [];
      if (block.kind === "call") {
        const members = Object.entries(block.args);
        const all = [...members, ...(defaults ? [["all", false]] : [])];
        return [
          { ...block, id: this.#id(block.id), args: Object.fromEntries(reorders ? all.reverse() : all) as object },
        ];
      }
      const text = trims ? block.text.trim() : block.text;
      if (!parts || text.length < 4) return [{ ...block, text }];
      return [
        { kind: "text", text: text.slice(0, 3) },
        { kind: "text", text: text.slice(3) },
      ];
    });
    return { who: "model", blocks };
  }
}
