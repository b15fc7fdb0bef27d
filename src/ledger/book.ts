// The book a session writes in: entries enter, receipts leave once they are durable under a signed head. Refuses entries
// outside the vocabulary one by one; after a failed write, a lost writer or its closing it refuses everything, for good.

import type { Append, Entry, Haste, Receipt } from "../domain/entry.ts";
import type { Session } from "../domain/session.ts";
import { type BookFault, bookFault, unpackFault } from "./fault.ts";
import { ownThread, pendingBytes, pendingEntries, sealedBytes } from "./limits.ts";
import { type Answer, openDesk, type Request } from "./scribe.ts";
import type { Thread } from "./thread.ts";
import { objectionTo } from "./vocabulary.ts";
import type { Draft, Head } from "./writer.ts";

export interface Book extends AsyncDisposable {
  readonly append: Append;
  /** The newest head of the record, after everything appended before the call. */
  readonly head: () => Promise<Head>;
  /** Does the work once nothing is being written: the record's lock is not held, and nothing comes between. Once the book broke, at once. */
  readonly quiet: (work: () => void) => Promise<void>;
  /** How many of this session's entries are durable so far. */
  readonly entries: () => number;
  /** Rejects with a BookFault when the book broke; pending for ever otherwise. */
  readonly broken: Promise<never>;
  /** Waits until everything appended is durable, then closes. Idempotent; after a break it has nothing to wait for. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface BookOptions {
  /** Absolute path of the state directory; made where missing. */
  readonly state: string;
  readonly session: Session;
}

/** Rejects with a BookFault where the record cannot be written or may not be continued. */
export async function openBook(options: BookOptions): Promise<Book> {
  const book = new OpenBook(options);
  await book.ready;
  return book;
}

interface Waiting<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (fault: BookFault) => void;
  readonly bytes: number;
}

/**
 * The first entries are written in this thread: most of what a short session costs would be a second one. Where more is
 * to be written, a thread of its own goes on, so that nothing here ever waits for the disk.
 */
class OpenBook implements Book {
  readonly ready: Promise<void>;
  readonly broken: Promise<never>;
  readonly #options: BookOptions;
  readonly #opened = Promise.withResolvers<void>();
  readonly #broke = Promise.withResolvers<never>();
  readonly #closed = Promise.withResolvers<void>();
  #post: (request: Request) => void;
  #thread: Promise<Thread | undefined> | undefined;
  #moving = false;
  #receipts: Waiting<Receipt>[] = [];
  #heads: Waiting<Head>[] = [];
  #outbox: Draft[] = [];
  #haste: Haste = "soon";
  #bytes = 0;
  #entries = 0;
  #closing = false;
  #fault: BookFault | undefined;

  constructor(options: BookOptions) {
    this.#options = options;
    this.ready = this.#opened.promise;
    this.broken = this.#broke.promise;
    this.broken.catch(() => undefined); // whoever cares awaits it; nobody is no reason to crash
    this.#post = openDesk({ answer: (answer) => this.#take(answer), next: () => undefined });
    this.#post({ kind: "open", ...options });
  }

  readonly append: Append = async (entry, haste = "now") => {
    const refusal = this.#fault ?? this.#refuse(entry);
    if (refusal !== undefined) throw refusal;
    const sealed = sealedText(entry, this.#options.session);
    const bytes = sealed === undefined ? 0 : Buffer.byteLength(sealed);
    if (bytes > sealedBytes)
      throw bookFault("too-large", `an entry's sealed content is ${bytes} bytes; ${sealedBytes} is the bound`);
    if (this.#bytes + bytes > pendingBytes || this.#receipts.length >= pendingEntries)
      throw bookFault("busy", "too much is waiting to be written to the record");
    this.#bytes += bytes;
    return new Promise<Receipt>((resolve, reject) => {
      this.#receipts.push({ resolve, reject, bytes });
      this.#send(draftOf(entry, sealed), haste);
    });
  };

  readonly entries = (): number => this.#entries;

  readonly head = async (): Promise<Head> => {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#closing) throw closedFault();
    return new Promise<Head>((resolve, reject) => {
      this.#heads.push({ resolve, reject, bytes: 0 });
      this.#flush();
      this.#post({ kind: "head" });
    });
  };

  readonly quiet = async (work: () => void): Promise<void> => {
    while (this.#isOpen() && this.#receipts.length + this.#heads.length > 0) await this.head().catch(() => undefined);
    work();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closing && this.#fault === undefined) {
      this.#closing = true;
      this.#flush();
      this.#post({ kind: "close" });
    }
    if (this.#fault === undefined) await this.#closed.promise;
    await (await this.#thread)?.dismiss();
  }

  #refuse(entry: Entry): BookFault | undefined {
    if (this.#closing) return closedFault();
    const objection = objectionTo(entry);
    return objection === undefined ? undefined : bookFault("schema", `an entry was refused: ${objection}`);
  }

  /** What is appended in one turn of the event loop travels in one message. */
  #send(draft: Draft, haste: Haste): void {
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    this.#outbox.push(draft);
    if (haste === "now") this.#haste = haste;
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    this.#post({ kind: "append", drafts: this.#outbox, haste: this.#haste });
    this.#outbox = [];
    this.#haste = "soon";
    if (this.#entries + this.#receipts.length > ownThread) this.#thread ??= this.#hire();
  }

  async #hire(): Promise<Thread | undefined> {
    const ended = (message: string, cause?: unknown): void =>
      this.#break(bookFault("ended", message, undefined, cause));
    try {
      const { Thread } = await import("./thread.ts");
      return new Thread({ here: (post) => this.#move(post), answer: (answer) => this.#take(answer), ended });
    } catch (cause) {
      ended("the writer of the record could not be started", cause);
      return undefined;
    }
  }

  /** What was handed over is written here to its end; all that follows is the thread's. */
  #move(post: (request: Request) => void): void {
    if (!this.#isOpen()) return;
    this.#moving = true;
    this.#post({ kind: "close" });
    this.#moving = false;
    if (!this.#isOpen()) return;
    this.#post = post;
    post({ kind: "open", ...this.#options });
  }

  #isOpen(): boolean {
    return !this.#closing && this.#fault === undefined;
  }

  #take(answer: Answer): void {
    switch (answer.kind) {
      case "ready":
        this.#opened.resolve();
        break;
      case "committed":
        this.#acknowledge(answer.first, answer.count);
        break;
      case "head":
        this.#heads.shift()?.resolve(answer.head);
        break;
      case "fault":
        this.#break(unpackFault(answer.fault));
        break;
      case "closed":
        if (!this.#moving) this.#break(closedFault());
    }
  }

  #acknowledge(first: number, count: number): void {
    this.#entries += count;
    for (const [offset, { resolve, bytes }] of this.#receipts.splice(0, count).entries()) {
      this.#bytes -= bytes;
      resolve({ index: first + offset });
    }
  }

  /** Once; whatever comes after is a consequence. */
  #break(fault: BookFault): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    if (fault.code !== "closed") this.#broke.reject(fault);
    this.#opened.promise.catch(() => undefined);
    this.#opened.reject(fault);
    for (const { reject } of [...this.#receipts, ...this.#heads]) reject(fault);
    this.#receipts = [];
    this.#heads = [];
    this.#closed.resolve();
  }
}

function closedFault(): BookFault {
  return bookFault("closed", "the book was closed");
}

function draftOf(entry: Entry, sealed: string | undefined): Draft {
  const { kind, verdict, rule, purpose, counts } = entry;
  const decided = {
    ...(verdict === undefined ? {} : { verdict }),
    ...(rule === undefined ? {} : { rule }),
    ...(purpose === undefined ? {} : { purpose }),
  };
  const time = new Date().toISOString();
  const mono = Number(process.hrtime.bigint() / 1000n);
  return { fields: { kind, time, mono, counts: { ...counts }, ...decided }, sealed };
}

/** A session's first entry also seals what the leaf may not say: the tool's own name, its path, the workspace. */
function sealedText(entry: Entry, session: Session): string | undefined {
  const content = entry.kind === "session.start" ? { ...describe(session), ...entry.sealed } : entry.sealed;
  if (content === undefined) return undefined;
  try {
    return JSON.stringify(content);
  } catch (cause) {
    throw bookFault("schema", "an entry was refused: what is to be sealed has no JSON form", undefined, cause);
  }
}

function describe({ tool, workspace, mode, edits, headless }: Session): Readonly<Record<string, unknown>> {
  return { tool: { name: tool.name, version: tool.version, path: tool.path }, workspace, mode, edits, headless };
}
