// What was delivered in a session: each text and call by a keyed hash, with the request that it answered and the history that this
// request told. Texts are kept of cut replies alone, of which a client may keep a beginning. Bounded: once it is full nothing is added,
// and whatever is not found is not known. *Attacker-controlled* throughout.

import type { Delivered, Utterance } from "../../domain/transcript.ts";
import { steps } from "../steps.ts";
import { type Block, type Call, nameOfCall, nameOfText, squeezed, type Told, textOf, writtenOf } from "./blocks.ts";
import { othersOf } from "./habits.ts";
import type { MemoryLimits } from "./limits.ts";
import { tell } from "./retelling.ts";

/** Characters of an identifier that is kept as it is: each is asked for with every request. */
const longestId = 64;

/** One request and what it was answered. */
export interface Exchange {
  /** Protocol and host. */
  readonly place: string;
  readonly person: number;
  readonly history: readonly number[];
  readonly lead: string | undefined;
  answer: readonly number[];
  /** The same, where it goes on with the text its history ends in. */
  joined: readonly number[] | undefined;
  state: "open" | "whole" | "cut" | "several" | "unheard";
  /** What was not known of it has been found in a history. */
  taken: boolean;
}

/** What is asked, before anything has answered it. */
export type Asked = Omit<Exchange, "answer" | "joined" | "state" | "taken">;

export interface Known {
  readonly what: "text" | "call";
  readonly call?: string | undefined;
  readonly tool?: string | undefined;
  readonly answers: Exchange[];
}

/** As what a block was taken that nobody delivered here. */
type Accepted = "before" | "unheard";

/** A text in which its reply broke off, and what stood before it. */
interface Cut {
  readonly text: string;
  readonly name: number;
  readonly behind: number | undefined;
}

export class Memory {
  readonly #hash: (text: string) => string;
  readonly limits: MemoryLimits;
  readonly #names = new Map<string, number>();
  readonly #persons = new WeakMap<Utterance, { readonly mark: string; readonly name: number }>();
  readonly #known = new Map<number, Known>();
  readonly #calls = new Map<string, { readonly name: number; readonly tool: string; readonly open: boolean }>();
  /** Of a call, as its client may tell it instead. */
  readonly #others = new Map<number, number>();
  readonly #thoughts = new Set<number>();
  readonly #tools = new Set<string>();
  readonly #cutNames = new Set<number>();
  readonly #cutBehind = new Set<number | undefined>();
  readonly #cuts: Cut[] = [];
  /** Those whose reply comes or is waited for: what it has brought, and what of that was taken. */
  readonly #open = new Map<Exchange, { readonly delivered: () => Delivered; taken: Delivered | undefined }>();
  readonly #responses = new Map<string, Exchange>();
  /** By person. */
  readonly #accepted = new Map<number, Map<number | string, Accepted>>();
  readonly #conversations = new Map<string, Exchange[]>();
  #count = 0;
  #acceptances = 0;
  #places = 0;
  #likened = 0;
  /** Nothing is added any more: what is not found may have been delivered. */
  full = false;
  /** How often something that was known was told otherwise, or let go of. */
  restated = 0;

  constructor(hash: (text: string) => string, limits: MemoryLimits) {
    this.#hash = hash;
    this.limits = limits;
  }

  /** The same text has the same number. */
  name(text: string): number {
    const short = this.#hash(text);
    const before = this.#names.get(short);
    if (before !== undefined) return before;
    if (this.#names.size >= this.limits.names) {
      this.full = true;
      return -1;
    }
    this.#names.set(short, this.#names.size + 1);
    return this.#names.size;
  }

  /** What makes a conversation: what its client calls it, and the first words of a person in it. */
  personOf(mark: string, { words, text }: Told["person"]): number {
    const before = words === undefined ? undefined : this.#persons.get(words);
    if (before?.mark === mark) return before.name;
    const name = this.name(`person\0${mark}\0${text()}`);
    if (words !== undefined && name >= 0) this.#persons.set(words, { mark, name });
    return name;
  }

  /** What has no name when it is full will have none. */
  nameOf(block: Block): number {
    block.name ??= this.name(writtenOf(block));
    return block.name;
  }

  /** What a client tells in other words is what it was. */
  meant = (name: number): number => this.#others.get(name) ?? name;
  known = (name: number): Known | undefined => this.#known.get(name);

  /** Was it delivered behind this block? */
  standsBehind(name: number, behind: number | undefined): boolean {
    return (
      this.known(name)?.answers.some(({ answer, history }) => {
        const at = answer.indexOf(name);
        return at >= 0 && behind === (at > 0 ? answer[at - 1] : history.at(-1));
      }) === true
    );
  }

  /** Delivered to this conversation, at whichever host; or so often that it is not known to which. */
  isKnownTo(person: number, name: number): boolean {
    const answers = this.known(name)?.answers;
    if (answers === undefined) return false;
    return answers.length >= this.limits.answers || answers.some((exchange) => exchange.person === person);
  }

  /** Its reply broke off in it: a client may keep as much of it as it likes. */
  isCut = (name: number): boolean => this.#cutNames.has(name);
  isThought = (text: string): boolean => this.#thoughts.has(this.name(nameOfText(text)));
  called = (id: string | undefined) => (id === undefined ? undefined : this.#calls.get(this.#keyOf(id)));
  hasTool = (tool: string): boolean => this.#tools.has(this.#keyOf(tool));
  answered = (response: string): Exchange | undefined => this.#responses.get(this.#keyOf(response));

  /** Of an identifier: itself, unless it is longer than any vendor's. No hash is one, for those are made longer than that. */
  #keyOf = (id: string): string => (id.length <= longestId ? id : this.#hash(id).padEnd(longestId + 1, "="));

  /** Those that begin with the same words of a person, in their order. */
  exchangesOf = (place: string, person: number): readonly Exchange[] =>
    this.#conversations.get(`${person} ${place}`) ?? [];

  /** Texts are compared with those that were cut no more: what is not found may be a beginning of one. */
  get isTired(): boolean {
    return this.#likened > this.limits.likened;
  }

  accept(person: number, name: number | string, as: Accepted): void {
    this.full ||= this.#acceptances >= this.limits.names;
    if (this.#acceptances >= this.limits.names) return;
    const its = this.#accepted.get(person) ?? new Map<number | string, Accepted>();
    this.#accepted.set(person, its);
    if (!its.has(name)) this.#acceptances += 1;
    its.set(name, as);
  }

  accepted = (person: number, name: number | string) => this.#accepted.get(person)?.get(name);

  /** The delivered text that this is a beginning of, where its reply was cut. */
  beginningOf(text: () => string): number | undefined {
    return this.#cuts.length === 0 ? undefined : this.#begun(text(), this.#cuts);
  }

  /** The same, where that stood behind the same block: it is more likely meant than another text that says just this. */
  beginningBehind(behind: number | undefined, text: () => string): number | undefined {
    if (!this.#cutBehind.has(behind)) return undefined;
    const cuts = this.#cuts.filter((cut) => cut.behind === behind);
    return this.#begun(text(), cuts);
  }

  #begun(text: string, cuts: readonly Cut[]): number | undefined {
    // some say behind it, in brackets, that it was cut
    const end = /\[[^[\]]{1,200}\]$/.exec(text.slice(-202));
    const plain = end === null ? text : text.slice(0, text.length - end[0].length);
    if (plain === "") return undefined;
    // attacker-controlled: many texts that begin alike
    return cuts.findLast((cut) => !this.isTired && this.#isBeginning(plain, cut.text))?.name;
  }

  #isBeginning(plain: string, text: string): boolean {
    steps.aligned += 1;
    if (plain.length > text.length || !text.startsWith(plain.slice(0, 64))) return false;
    this.#likened += plain.length;
    steps.aligned += plain.length;
    return text.startsWith(plain);
  }

  /** Undefined where it is full. */
  add(exchange: Asked, delivered: () => Delivered): Exchange | undefined {
    const { exchanges, places } = this.limits;
    this.#places += exchange.history.length;
    if (this.#count >= exchanges || this.#places > places) this.full = true;
    if (this.full) return undefined;
    const added: Exchange = { ...exchange, answer: [], joined: undefined, state: "open", taken: false };
    this.#count += 1;
    const conversation = `${added.person} ${added.place}`;
    const before = this.#conversations.get(conversation);
    if (before === undefined) this.#conversations.set(conversation, [added]);
    else before.push(added);
    this.#open.set(added, { delivered, taken: undefined });
    // whoever is waited for in vain must not be asked for ever: what it may still bring is not known
    const [oldest] = this.#open.size > this.limits.open ? this.#open.keys() : [];
    if (oldest === undefined) return added;
    this.#open.delete(oldest);
    if (oldest.state !== "whole") oldest.state = "unheard";
    return added;
  }

  /** What has come of replies since it was asked last. */
  settle(): void {
    this.#likened = 0;
    for (const exchange of this.#open.keys()) this.#settle(exchange);
  }

  /** Nothing more will come of it. */
  close(exchange: Exchange): void {
    this.#settle(exchange);
    this.#open.delete(exchange);
  }

  #settle(exchange: Exchange): void {
    const open = this.#open.get(exchange);
    const delivered = open?.delivered();
    if (open === undefined || delivered === undefined || open.taken === delivered) return;
    open.taken = delivered;
    const { cut, unheard, several } = delivered;
    this.#take(exchange, delivered);
    exchange.state = unheard ? "unheard" : several ? "several" : cut ? "cut" : "whole";
  }

  #take(exchange: Exchange, { utterances, cut, response }: Delivered): void {
    if (exchange.answer.length > 0) this.restated += 1;
    for (const one of utterances)
      if (one.kind === "thought") this.#thoughts.add(this.name(nameOfText(squeezed(one.text))));
    const { blocks } = tell(utterances);
    exchange.answer = blocks.map((block) => this.#learn(exchange, block, writtenOf(block)));
    const [first] = blocks;
    if (exchange.lead !== undefined && first?.what === "text") {
      const written = nameOfText(exchange.lead + textOf(first));
      exchange.joined = [this.#learn(exchange, first, written), ...exchange.answer.slice(1)];
    }
    const last = blocks.at(-1);
    const number = exchange.answer.at(-1);
    if (cut && last?.what === "text" && number !== undefined) {
      const behind = exchange.answer.at(-2) ?? exchange.history.at(-1);
      this.#cut({ text: textOf(last), name: number, behind });
    }
    if (response !== undefined) this.#responses.set(this.#keyOf(response), exchange);
  }

  #cut(cut: Cut): void {
    this.#cutNames.add(cut.name);
    this.#cutBehind.add(cut.behind);
    if (this.#cuts.some(({ name, behind }) => name === cut.name && behind === cut.behind)) return;
    this.#cuts.push(cut);
    let size = this.#cuts.reduce((sum, { text }) => sum + text.length, 0);
    while (this.#cuts.length > this.limits.cuts || size > this.limits.cut) size -= this.#cuts.shift()?.text.length ?? 0;
  }

  #learn(exchange: Exchange, { what, call }: Block, written: string): number {
    const name = this.name(written);
    if (name < 0) return name;
    const known = this.#known.get(name) ?? { what, call: call?.call, tool: call?.tool, answers: [] };
    if (!known.answers.includes(exchange)) known.answers.push(exchange);
    if (known.answers.length > this.limits.answers) {
      known.answers.shift();
      this.restated += 1;
    }
    this.#known.set(name, known);
    if (call !== undefined) this.#learnCall(call, name);
    return name;
  }

  #learnCall({ call, tool, made }: Call, name: number): void {
    for (const other of made === undefined ? [] : othersOf(tool, made)) {
      const told = this.name(nameOfCall(tool, other));
      if (told >= 0 && this.#others.get(told) !== name) this.restated += 1;
      if (told >= 0) this.#others.set(told, name);
    }
    this.#tools.add(this.#keyOf(tool));
    if (call !== undefined) this.#calls.set(this.#keyOf(call), { name, tool, open: made === undefined });
  }
}
