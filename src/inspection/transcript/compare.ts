// A history that a client tells again → what of it is not as it was delivered. One that nothing is known of is told apart from one
// that was changed: a conversation begun elsewhere, one made short, one whose reply nobody could hear is no finding.

import type { Transcript, TranscriptFinding, TranscriptKind, Utterance } from "../../domain/transcript.ts";
import { Conversation, type Nearest, told as toldBy } from "./baseline.ts";
import type { Block, Told } from "./blocks.ts";
import { isFiller } from "./fillers.ts";
import type { Exchange, Memory } from "./memory.ts";
import { type Placed, place as placeIn, type State, turnsOf } from "./placed.ts";
import { orphans } from "./results.ts";
import type { Retelling } from "./retelling.ts";

export interface Telling {
  /** Protocol and host: histories are told again where they came from. */
  readonly place: string;
  readonly elements: readonly (readonly Utterance[])[];
  /** The reply that it goes on behind, told no more. */
  readonly previous: string | undefined;
  /** What its client calls the conversation, where it does. */
  readonly mark: string;
}

export interface Compared {
  readonly transcript: Transcript;
  readonly person: number;
  /** As a later one is compared with it. */
  readonly history: readonly number[];
  readonly lead: string | undefined;
}

/** Findings told one by one; all are counted. */
const most = 50;
/** Gone at once from the middle: as many, and half of all, is what is cut out to make room. */
const cutOut = 8;

/** `retelling`: of a conversation that this history may be one of. */
export function compare(memory: Memory, telling: Telling, retelling: Retelling): Compared {
  memory.settle();
  return new Comparing(memory, telling, retelling.tell(telling.elements)).run();
}

class Comparing {
  readonly #memory: Memory;
  readonly #told: Told;
  readonly #blocks: readonly Placed[];
  readonly #names: readonly number[];
  /** Blocks before them that are not looked up. */
  readonly #beyond: number;
  readonly #conversation: Conversation;
  /** The reply that it goes on behind. */
  readonly #earlier: Exchange | undefined;
  readonly #goesOn: boolean;
  readonly #findings: TranscriptFinding[] = [];
  readonly #counts: Record<TranscriptKind, number> = { edited: 0, forged: 0, missing: 0, orphan: 0 };

  constructor(memory: Memory, { place, previous, mark }: Telling, told: Told) {
    this.#memory = memory;
    this.#told = told;
    this.#goesOn = previous !== undefined;
    this.#earlier = previous === undefined ? undefined : memory.answered(previous);
    const person = this.#earlier?.person ?? memory.personOf(mark, this.#told.person);
    this.#conversation = new Conversation(memory, place, person);
    const blocks = this.#told.blocks.filter((block) => !isFiller(block));
    this.#beyond = Math.max(0, blocks.length - memory.limits.blocks);
    const placed: Placed[] = [];
    const where = { person, isFirst: !this.#goesOn && this.#conversation.exchanges.length === 0 };
    for (let at = this.#beyond; at < blocks.length; at += 1) {
      const block = blocks[at];
      if (block !== undefined) placed.push(placeIn(memory, block, placed.at(-1)?.name, where));
    }
    this.#blocks = placed;
    this.#names = placed.map(({ name }) => name);
  }

  run(): Compared {
    const earlier = this.#earlier === undefined ? [] : toldBy(this.#earlier);
    this.#judge();
    this.#judgeResults();
    const count: Record<State, number> = { known: 0, before: 0, unheard: this.#beyond, unknown: 0 };
    for (const { state } of this.#blocks) count[state] += 1;
    const { known, before, unheard } = count;
    return {
      transcript: { known, before, unheard, counts: this.#counts, findings: this.#findings },
      person: this.#conversation.person,
      history: [...earlier, ...this.#names],
      lead: this.#told.lead,
    };
  }

  #judge(): void {
    const blocks = this.#blocks;
    const { exchanges } = this.#conversation;
    const last = blocks.at(-1);
    // a text that a reply is asked to go on with is the client's, and the protocol's way
    if (this.#told.lead !== undefined && last?.state === "unknown" && last.block.what === "text") last.state = "before";
    if (this.#goesOn) this.#judgeBehind();
    else if (exchanges.length === 0) this.#judgeFirst();
    else if (!this.#isSilent()) {
      const anchor = this.#names.findLastIndex((name) => this.#conversation.isAnswer(name));
      const begun = anchor >= 0 ? anchor : this.#names.findLastIndex((name) => this.#conversation.isAccepted(name));
      if (begun >= 0) this.#judgeUpTo(begun);
      if (begun >= 0) this.#judgeTail(begun, anchor >= 0);
      else this.#judgeUnknown();
    }
  }

  /** All that it tells is new. */
  #judgeBehind(): void {
    const { state } = this.#earlier ?? { state: "unheard" };
    for (const placed of this.#unknown())
      if (this.#earlier === undefined) this.#accept(placed, "before");
      else if (state === "unheard" || state === "cut") this.#accept(placed, "unheard");
      else this.#wrong(placed);
  }

  /** What it holds already was begun elsewhere, whatever of it was also said here. */
  #judgeFirst(): void {
    for (const placed of this.#blocks) {
      this.#memory.accept(this.#conversation.person, placed.name, "before");
      if (placed.state === "unknown") placed.state = "before";
    }
  }

  /** A reply of this conversation, of which not all is known, may be told in it for the first time: until it is, nothing is said. */
  #isSilent(): boolean {
    const silent = this.#conversation.exchanges.findLast(({ state, taken }) => state === "unheard" && !taken);
    if (silent === undefined) return false;
    const unknown = this.#unknown();
    silent.taken = unknown.length > 0;
    for (const placed of unknown) this.#accept(placed, "unheard");
    return true;
  }

  /** With what the request had told that was answered with the last block that is known. */
  #judgeUpTo(begun: number): void {
    const names = this.#names.slice(0, begun + 1);
    const found = this.#conversation.nearest(names);
    if (found === undefined) {
      this.#acceptAll(this.#unknown(0, begun), "unheard");
      return;
    }
    if (found.gaps.length > 0) this.#judgeGaps(found, names);
    this.#judgeRepeated(names);
  }

  #judgeGaps(found: Nearest, names: readonly number[]): void {
    const isBegunElsewhere = this.#blocks.some(({ state }) => state === "before");
    const present = new Set(names);
    for (const gap of found.gaps) {
      const strange = gap.come.flatMap((at) => this.#unknown(at, at + 1));
      const lost = lostIn(gap, found, present).filter((name) => !this.#memory.isCut(name));
      for (const [nth, placed] of strange.entries())
        if (gap.head && isBegunElsewhere) this.#accept(placed, "before");
        else this.#wrong(placed, nth < lost.length);
      const isCutOut = lost.length >= cutOut && lost.length * 2 >= found.expected.length;
      // a head that is left out makes a history short
      if (gap.head || isCutOut) continue;
      for (const name of lost.slice(strange.length)) this.#missing(name, gap.behind);
    }
  }

  /** A block that stands more often than it was ever delivered. */
  #judgeRepeated(names: readonly number[]): void {
    if (this.#conversation.exchanges.some(({ state }) => state !== "whole")) return;
    if (new Set(names).size === names.length) return;
    const timesIn = openTimes();
    for (const [name, places] of Map.groupBy(names.keys(), (at) => names[at] ?? 0)) {
      if (places.length === 1 || this.#conversation.isAccepted(name)) continue;
      const answers = this.#memory.known(name)?.answers ?? [];
      if (answers.length === 0 || answers.length >= this.#memory.limits.answers) continue;
      const delivered = answers.reduce((sum, answer) => sum + Math.max(1, timesIn(answer, name)), 0);
      for (const at of places.slice(delivered))
        for (const { block } of this.#blocks.slice(at, at + 1)) this.#wrongly("forged", block);
    }
  }

  /** What stands behind all that is known: what answered the history before it, or was never delivered. */
  #judgeTail(begun: number, isDelivered: boolean): void {
    const rest = this.#unknown(begun + 1);
    if (rest.length === 0) return;
    const before = this.#names.slice(0, begun + 1);
    const asked = this.#conversation.exchanges.filter(
      ({ history, answer }) => answer.length > 0 && isSame(history, before),
    );
    // another branch of what was begun elsewhere
    if (!isDelivered && (asked.length === 0 || turnsOf(rest) > 1)) {
      this.#acceptAll(rest, "before");
      return;
    }
    // the rest of the reply that the last known one came in, and what was answered to that
    const present = new Set(this.#names);
    const last = before.at(-1) ?? -1;
    const its = this.#conversation.answersWith(last).at(-1)?.answer ?? [];
    const behind = its.slice(its.lastIndexOf(last) + 1);
    const owed = [...behind, ...(asked.at(-1)?.answer ?? [])].filter((name) => !present.has(name)).length;
    for (const [nth, placed] of rest.entries()) this.#wrong(placed, nth < owed);
  }

  /**
   * None of it is known: begun elsewhere with the same words, but where it is the one turn that was answered here, or holds a call's
   * identifier that was given here.
   */
  #judgeUnknown(): void {
    const blocks = this.#unknown();
    if (blocks.length === 0) return;
    const answered = this.#conversation.exchanges.filter(({ answer }) => answer.length > 0);
    const isNamedHere = (call: string | undefined): boolean => this.#memory.called(call) !== undefined;
    const isOurs =
      turnsOf(blocks) === 1
        ? answered.some(({ history, lead }) => history.length === (lead === undefined ? 0 : 1))
        : blocks.some(({ edited }) => edited) || this.#told.results.some(({ call }) => isNamedHere(call));
    if (answered.length === 0 || !isOurs) {
      this.#acceptAll(blocks, "before");
      return;
    }
    const longest = answered.reduce((most, { history, answer }) => Math.max(most, history.length + answer.length), 0);
    for (const [nth, placed] of blocks.entries()) this.#wrong(placed, nth < longest);
  }

  #judgeResults(): void {
    const { person } = this.#conversation;
    const { results } = this.#told;
    for (const { path, call, tool } of orphans(this.#memory, results, {
      blocks: this.#blocks,
      person,
      begun: this.#begun() + this.#beyond,
    }))
      this.#tell("orphan", { what: "result", path, call, tool });
  }

  /** How many blocks stand before the first that is known to be of this conversation. */
  #begun(): number {
    const all = Number.POSITIVE_INFINITY;
    if (this.#goesOn) return this.#earlier === undefined || this.#earlier.state === "unheard" ? all : -1;
    const first = this.#blocks.findIndex(({ state }) => state === "known");
    if (first >= 0) return first;
    return this.#findings.length === 0 ? all : 0;
  }

  #unknown(from = 0, to = this.#blocks.length): readonly Placed[] {
    const all = from === 0 && to === this.#blocks.length ? this.#blocks : this.#blocks.slice(from, to);
    return all.filter(({ state }) => state === "unknown");
  }

  #accept(placed: Placed, as: "before" | "unheard"): void {
    placed.state = as;
    this.#memory.accept(this.#conversation.person, placed.name, as);
  }

  #acceptAll(blocks: readonly Placed[], as: "before" | "unheard"): void {
    for (const placed of blocks) this.#accept(placed, as);
  }

  #wrong({ block, edited }: Placed, isOwed = false): void {
    this.#wrongly(edited || isOwed ? "edited" : "forged", block);
  }

  #wrongly(kind: TranscriptKind, { what, path, call }: Block): void {
    this.#tell(kind, { what, path, call: call?.call, tool: call?.tool });
  }

  /** `behind`: the place of what stands after it. */
  #missing(name: number, behind: number): void {
    const known = this.#memory.known(name);
    const path = this.#blocks[behind]?.block.path ?? "";
    if (known !== undefined) this.#tell("missing", { what: known.what, call: known.call, tool: known.tool, path });
  }

  #tell(kind: TranscriptKind, { what, path, call, tool }: Omit<TranscriptFinding, "kind">): void {
    this.#counts[kind] += 1;
    if (this.#findings.length < most) this.#findings.push({ kind, what, path, call, tool });
  }
}

/** Not elsewhere in the history, and taken up once: of what a reply brought that was cut, or offered to choose from, it need not be. */
function lostIn({ gone, from }: Nearest["gaps"][number], { exchange }: Nearest, present: ReadonlySet<number>) {
  const isLoose = exchange.state !== "whole";
  return gone.filter((name, nth) => !present.has(name) && !(isLoose && (from[nth] ?? 0) >= exchange.history.length));
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((one, at) => one === b[at]);

/** How often a reply brought something: each reply is counted once. */
function openTimes() {
  const counted = new Map<Exchange, ReadonlyMap<number, readonly number[]>>();
  return (exchange: Exchange, name: number): number => {
    const times = counted.get(exchange) ?? Map.groupBy(exchange.answer, (one) => one);
    counted.set(exchange, times);
    return times.get(name)?.length ?? 0;
  };
}
