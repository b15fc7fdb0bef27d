// The book's thread: drafts enter by message, one acknowledgement per committed group leaves, in order. At the first
// failure it says so once, answers nothing more and writes nothing more.

import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
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
  | { readonly kind: "close" }
  /** Instead of `open`: nothing will be written, and the thread ends. */
  | { readonly kind: "dismiss" };

export type Answer =
  | { readonly kind: "ready" }
  /** The oldest `count` drafts not yet acknowledged are durable, at `first` and after. */
  | { readonly kind: "committed"; readonly first: number; readonly count: number }
  | { readonly kind: "head"; readonly head: Head }
  | { readonly kind: "fault"; readonly fault: FaultData }
  | { readonly kind: "closed" };

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

class Service {
  readonly #port: MessagePort;
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

  constructor(port: MessagePort, { state, session }: Opening) {
    this.#port = port;
    this.#writer = new Writer(state, session);
  }

  take(request: Exclude<Request, { kind: "open" | "dismiss" }>): void {
    if (request.kind === "append") {
      for (const draft of request.drafts) this.#waiting.push(draft);
      if (request.haste === "now") this.#urgent += 1;
      this.#schedule();
      return;
    }
    while (this.#prepare() > 0) this.#acknowledge(this.#writer.prepared, this.#writer.commit());
    if (request.kind === "head") this.#answer({ kind: "head", head: this.#writer.head() });
    else this.#close();
  }

  /** At once where this session is alone; among others in its turn, so that fewer and larger groups share the disk. */
  #schedule(): void {
    const now = performance.now();
    const wanted = this.#urgent > 0 ? Math.max(now, this.#gather) : now + soonPause;
    const at = now < this.#crowded ? Math.max(wanted, this.#next) : wanted;
    if (this.#planned !== undefined && this.#planned.at <= at) return;
    this.#planned?.cancel();
    this.#planned = { at, cancel: plan(guarded(this.#port, this.#turn), at - now) };
  }

  /** One attempt to commit a group; what arrived in the meantime joins it. */
  readonly #turn = (): void => {
    for (let more = receiveMessageOnPort(this.#port); more; more = receiveMessageOnPort(this.#port))
      this.take(more.message);
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
    this.#answer({ kind: "committed", first, count });
  }

  #close(): void {
    this.#writer[Symbol.dispose]();
    this.#answer({ kind: "closed" });
    this.#port.close();
  }

  #answer(answer: Answer): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#port.postMessage(answer);
  }
}

/** The first failure is the last thing this thread does; what it holds open ends with it. */
function guarded<Arguments extends unknown[]>(port: MessagePort, work: (...given: Arguments) => void) {
  return (...given: Arguments): void => {
    try {
      work(...given);
    } catch (error) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
      port.postMessage({ kind: "fault", fault: packFault(error) } satisfies Answer);
      process.exit();
    }
  };
}

/** Joins the book's port; run in a worker only. */
function serve(port: MessagePort): void {
  let service: Service | undefined;
  port.on(
    "message",
    guarded(port, (request: Request) => {
      if (request.kind === "dismiss") return port.close();
      if (request.kind !== "open") return service?.take(request);
      service ??= new Service(port, request);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
      port.postMessage({ kind: "ready" } satisfies Answer);
    }),
  );
}

if (parentPort !== null) guarded(parentPort, serve)(parentPort);
