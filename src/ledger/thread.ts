// A thread of its own for the scribe, seen from the book: it says when it is there, takes requests, answers, and is sent
// away again.

import { Worker } from "node:worker_threads";
import type { Answer, Request } from "./scribe.ts";
import type { ThreadAnswer, ThreadRequest } from "./worker.ts";

export interface Employer {
  /** It has loaded, and takes requests from now on. */
  readonly here: (post: (request: Request) => void) => void;
  readonly answer: (answer: Answer) => void;
  /** Unasked, or at last. */
  readonly ended: (message: string, cause?: unknown) => void;
}

export class Thread {
  readonly #worker: Worker;
  readonly #gone: Promise<void>;
  #asked = false;

  constructor({ here, answer, ended }: Employer) {
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./ledger-worker.cjs", import.meta.url);
    this.#worker = new Worker(entry, { name: "book" });
    this.#gone = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.on("message", (message: ThreadAnswer) => {
      if (message.kind === "here") here((request) => this.#post(request));
      else answer(message);
    });
    this.#worker.on("error", (cause) => ended("the writer of the record failed", cause));
    this.#worker.on("exit", () => ended("the writer of the record ended unasked"));
  }

  /**
   * Resolves when it has ended. It ends by itself once it has loaded: ended from outside while it loads native code, it
   * would take the process along.
   */
  dismiss(): Promise<void> {
    if (!this.#asked) this.#post({ kind: "dismiss" });
    this.#asked = true;
    return this.#gone;
  }

  #post(request: ThreadRequest): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#worker.postMessage(request);
  }
}
