// The scribe: drafts are handed over, one acknowledgement per committed group comes back, in order. At the first failure
// it says so once, answers nothing more and writes nothing more. It sits in the thread that needs it, or in one of its own.

import type { Haste } from "../domain/entry.ts";
import type { Session } from "../domain/session.ts";
import { type FaultData, packFault } from "./fault.ts";
import { crowdMemory, gatherPause, groupEntries, lockWait, soonPause, turnPause } from "./limits.ts";
import { stuck } from "./lock.ts";
import { type Draft, type Head, Writer } from "./writer.ts";

export interface Opening {
  readonly state: string;
  readonly session: Session;
}

export type Request =
  /** The first, and only then. Answered with `ready`. */
  | ({ readonly kind: "open" } & Opening)
  /** `haste`: that of the most urgent of them. */
  | { readonly kind: "append"; readonly drafts: readonly Draft[]; readonly haste: Haste }
  /** Answered, like `close`, after everything handed over before it. */
  | { readonly kind: "head" }
  | { readonly kind: "close" };

export type Answer =
  | { readonly kind: "ready" }
  /** The oldest `count` drafts not yet acknowledged are durable, at `first` and after. */
  | { readonly kind: "committed"; readonly first: number; readonly count: number }
  | { readonly kind: "head"; readonly head: Head }
  | { readonly kind: "fault"; readonly fault: FaultData }
  | { readonly kind: "closed" };

export interface Desk {
  readonly answer: (answer: Answer) => void;
  /** What was handed over and not looked at yet; undefined where nothing was. */
  readonly next: () => Request | undefined;
}

/** Takes what is handed over. */
export function openDesk(desk: Desk): (request: Request) => void {
  let scribe: Scribe | undefined;
  let failed = false;
  const guarded = (work: () => void): void => {
    if (failed) return;
    try {
      work();
    } catch (error) {
      failed = true;
      desk.answer({ kind: "fault", fault: packFault(error) });
    }
  };
  return (request) =>
    guarded(() => {
      if (request.kind !== "open") return scribe?.take(request);
      scribe = new Scribe(request, desk, guarded);
      desk.answer({ kind: "ready" });
    });
}

interface Planned {
  readonly at: number;
  readonly cancel: () => void;
}

/** Runs it after so many milliseconds, at the next turn of the loop where there are none. Out: how to call it off. */
function plan(work: () => void, pause: number): () => void {
  if (pause <= 0) {
    const soon = setImmediate(work);
    return () => clearImmediate(soon);
  }
  const later = setTimeout(work, pause);
  return () => clearTimeout(later);
}

class Scribe {
  readonly #desk: Desk;
  readonly #guarded: (work: () => void) => void;
  readonly #writer: Writer;
  #waiting: Draft[] = [];
  /** How many came for whom somebody waits, since the last turn. */
  #urgent = 0;
  #planned: Planned | undefined;
  /** Not before this: others may still come and share the group. */
  #gather = 0;
  /** When the lock was first found taken; undefined while it is not. */
  #since: number | undefined;
  /** Until when others are taken to be writing too, and when this session may try next among them. */
  #crowded = 0;
  #next = 0;

  constructor({ state, session }: Opening, desk: Desk, guarded: (work: () => void) => void) {
    this.#desk = desk;
    this.#guarded = guarded;
    this.#writer = new Writer(state, session);
  }

  take(request: Request): void {
    if (request.kind === "open") return;
    if (request.kind === "append") {
      for (const draft of request.drafts) this.#waiting.push(draft);
      if (request.haste === "now") this.#urgent += 1;
      this.#schedule();
      return;
    }
    while (this.#prepare() > 0) this.#acknowledge(this.#writer.prepared, this.#writer.commit());
    if (request.kind === "head") this.#desk.answer({ kind: "head", head: this.#writer.head() });
    else this.#close();
  }

  /** At once where this session is alone; among others in its turn, so that fewer and larger groups share the disk. */
  #schedule(): void {
    const now = performance.now();
    const wanted = this.#urgent > 0 ? Math.max(now, this.#gather) : now + soonPause;
    const at = now < this.#crowded ? Math.max(wanted, this.#next) : wanted;
    if (this.#planned !== undefined && this.#planned.at <= at) return;
    this.#planned?.cancel();
    this.#planned = { at, cancel: plan(() => this.#guarded(this.#turn), at - now) };
  }

  /** One attempt to commit a group; what arrived in the meantime joins it. */
  readonly #turn = (): void => {
    for (let more = this.#desk.next(); more; more = this.#desk.next()) this.take(more);
    this.#planned?.cancel();
    this.#planned = undefined;
    const count = this.#prepare();
    const first = count === 0 ? undefined : this.#writer.attempt();
    if (first === undefined) this.#wait(count);
    else this.#acknowledge(count, first);
    if (this.#writer.prepared + this.#waiting.length > 0) this.#schedule();
  };

  /** Other sessions kept the lock. */
  #wait(count: number): void {
    if (count === 0) return;
    const now = performance.now();
    this.#since ??= now;
    if (now - this.#since > lockWait) throw stuck();
    this.#crowded = now + crowdMemory;
    this.#next = now + turnPause * (0.25 + Math.random() / 2);
  }

  #prepare(): number {
    const room = groupEntries - this.#writer.prepared;
    for (const draft of this.#waiting.slice(0, room)) this.#writer.prepare(draft);
    this.#waiting = this.#waiting.slice(room);
    return this.#writer.prepared;
  }

  #acknowledge(count: number, first: number): void {
    const now = performance.now();
    this.#since = undefined;
    this.#next = now + turnPause;
    this.#gather = this.#urgent > 1 ? now + gatherPause : now;
    // beyond a group's bound some may be left for whom somebody waits
    this.#urgent = this.#waiting.length > 0 ? 1 : 0;
    this.#desk.answer({ kind: "committed", first, count });
  }

  #close(): void {
    this.#writer[Symbol.dispose]();
    this.#desk.answer({ kind: "closed" });
  }
}
