// The book a session writes in: entries enter, receipts leave once they are durable under a signed head. Refuses entries
// outside the vocabulary one by one; after a failed write, a lost writer or its closing it refuses everything, for good.

import { Worker } from "node:worker_threads";
import type { Append, Entry, Haste, Receipt } from "../domain/entry.ts";
import type { Session } from "../domain/session.ts";
import { type BookFault, bookFault, unpackFault } from "./fault.ts";
import { pendingBytes, pendingEntries, sealedBytes } from "./limits.ts";
import { objectionTo } from "./vocabulary.ts";
import type { Answer, Request } from "./worker.ts";
import type { Draft, Head } from "./writer.ts";

export interface Book extends AsyncDisposable {
  readonly append: Append;
  /** The newest head of the record, after everything appended before the call. */
  readonly head: () => Promise<Head>;
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

/** The thread that will write, begun before it is known what; disposed of without a book, nothing of it is left. */
export interface Scribe extends AsyncDisposable {
  /** Once. Rejects with a BookFault where the record cannot be written or may not be continued. */
  readonly open: (options: BookOptions) => Promise<Book>;
}

/** Touches no file until it opens a book. */
export function callScribe(): Scribe {
  const entry = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./ledger-worker.js", import.meta.url);
  const worker = new Worker(entry, { name: "book" });
  let idle = true;
  let ended: { readonly cause?: unknown } | undefined;
  worker.on("error", (cause) => {
    ended = { cause };
  });
  worker.on("exit", () => {
    ended ??= {};
  });
  return {
    open: async ({ state, session }) => {
      if (!idle) throw bookFault("closed", "the writer of the record is taken or dismissed");
      idle = false;
      if (ended !== undefined) throw bookFault("ended", "the writer of the record failed", undefined, ended.cause);
      const book = new OpenBook(worker, { state, session });
      await book.ready;
      return book;
    },
    [Symbol.asyncDispose]: async () => {
      if (!idle) return;
      idle = false;
      if (ended !== undefined) return;
      const gone = new Promise((resolve) => worker.once("exit", resolve));
      // it ends by itself once it has loaded: ended from outside while it loads native code, it would take the process along
      worker.postMessage({ kind: "dismiss" } satisfies Request);
      await gone;
    },
  };
}

/** In one step, for whoever has nothing to prepare meanwhile. */
export function openBook(options: BookOptions): Promise<Book> {
  return callScribe().open(options);
}

interface Waiting<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (fault: BookFault) => void;
  readonly bytes: number;
}

class OpenBook implements Book {
  readonly ready: Promise<void>;
  readonly broken: Promise<never>;
  readonly #worker: Worker;
  readonly #session: Session;
  readonly #opened = Promise.withResolvers<void>();
  readonly #broke = Promise.withResolvers<never>();
  readonly #closed = Promise.withResolvers<void>();
  #receipts: Waiting<Receipt>[] = [];
  #heads: Waiting<Head>[] = [];
  #outbox: Draft[] = [];
  #haste: Haste = "soon";
  #bytes = 0;
  #entries = 0;
  #closing = false;
  #fault: BookFault | undefined;

  constructor(worker: Worker, { state, session }: BookOptions) {
    this.#worker = worker;
    this.#session = session;
    this.ready = this.#opened.promise;
    this.broken = this.#broke.promise;
    this.broken.catch(() => undefined); // whoever cares awaits it; nobody is no reason to crash
    worker.on("message", (answer: Answer) => this.#take(answer));
    worker.on("error", (cause) => this.#break(bookFault("ended", "the writer of the record failed", undefined, cause)));
    worker.on("exit", () => this.#break(bookFault("ended", "the writer of the record ended unasked")));
    this.#post({ kind: "open", state, session });
  }

  readonly append: Append = async (entry, haste = "now") => {
    const refusal = this.#fault ?? this.#refuse(entry);
    if (refusal !== undefined) throw refusal;
    const sealed = sealedText(entry, this.#session);
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

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fault !== undefined) return;
    if (!this.#closing) {
      this.#closing = true;
      this.#flush();
      this.#post({ kind: "close" });
    }
    await this.#closed.promise;
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
  }

  #post(request: Request): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#worker.postMessage(request);
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
        this.#break(closedFault());
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
