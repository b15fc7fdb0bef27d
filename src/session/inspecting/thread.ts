// The inspector, seen from the gateway: a thread that is begun when it is first needed. Where it takes too long or ends, whatever
// waits for it has failed, and the next inquiry gets a new one: what is not inspected is not known, and whoever asks refuses it.

import { Worker } from "node:worker_threads";
import type { ContentRules } from "../../domain/content-rules.ts";
import type { Enter, Entered, Incoming, Inquiry, Inspect, Inspected, Restore } from "../../domain/inspection.ts";
import type { Overhear } from "../../domain/transcript.ts";
import type { KnownValue } from "../../inspection/known-text.ts";
import type { RulesText } from "../../inspection/rules/file.ts";
import type { Steps } from "../../inspection/steps.ts";
import type { KeptPlace } from "../sources/kept-place.ts";
import type { SourceRoot } from "../sources/listing.ts";
import { openReader } from "../sources/open.ts";
import { type Ear, openEar, openWaiting } from "./ear.ts";
import { openRestore } from "./restoring.ts";
import type { Answered, Asked, EnterAnswered, EnterAsked, Given } from "./worker.ts";

export interface Inspecting extends AsyncDisposable {
  readonly inspect: Inspect;
  readonly restore: Restore;
  /** A text that comes in, to be known again. */
  readonly enter: Enter;
  /** For replies: hears beside what the tool is told. */
  readonly overhear: Overhear;
  /** It will be needed soon. */
  readonly wake: () => void;
  /** What the thread has done so far; undefined where it has answered nothing yet. */
  readonly spent: () => Steps | undefined;
}

export interface InspectingLimits {
  /** Milliseconds that an inquiry may take, those before it included. */
  readonly time: number;
  /** Memory of the thread, MB: what grows beyond ends it, and it alone. */
  readonly memory: number;
}

export const inspectingLimits: InspectingLimits = { time: 30_000, memory: 1_024 };

const own = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./inspection-worker.cjs";

/** What it compares with; asked for when the thread is begun. */
export interface Compared {
  readonly known: () => readonly KnownValue[];
  /** What the policy says of content. */
  readonly rules?: ContentRules | undefined;
  /** Rules beside the product's own, which were read once already. */
  readonly more?: readonly RulesText[] | undefined;
  /** Checkouts whose files it knows; none: it knows nothing of source. */
  readonly sources: () => readonly SourceRoot[];
  /** Where earlier sessions left what they read of these, and this one does; undefined: nothing is kept. */
  readonly kept?: (() => KeptPlace | undefined) | undefined;
  /** Dependencies in them that are one's own: globs. */
  readonly trusted?: readonly string[] | undefined;
}

export function openInspecting(
  compared: Compared,
  limits: InspectingLimits = inspectingLimits,
  program = new URL(own, import.meta.url),
): Inspecting {
  return new Thread(compared, limits, program);
}

class Thread implements Inspecting {
  readonly #compared: Compared;
  readonly #limits: InspectingLimits;
  readonly #program: URL;
  readonly #values = new Map<string, string>();
  readonly restore = openRestore(this.#values);
  readonly #waiting = new Map<number, (inspected: Inspected) => void>();
  readonly #entering = new Map<number, (entered: Entered | undefined) => void>();
  /** Of the thread that is asked now; whoever comes after it knows nothing of what was asked before. */
  #ear: Ear | undefined;
  #worker: Worker | undefined;
  #number = 0;
  #steps: Steps | undefined;
  #closed = false;

  constructor(compared: Compared, limits: InspectingLimits, program: URL) {
    this.#compared = compared;
    this.#limits = limits;
    this.#program = program;
  }

  readonly inspect = ({ form, head, trailers, host, body, socket }: Inquiry): Promise<Inspected> => {
    if (this.#closed) return Promise.resolve({ kind: "failed", why: "the session has ended" });
    const { promise, resolve } = Promise.withResolvers<Inspected>();
    const worker = this.#begin();
    this.#number += 1;
    const number = this.#number;
    const timer = setTimeout(
      () => this.#give(worker, "its content took longer to look into than is waited for"),
      this.#limits.time,
    );
    this.#waiting.set(number, (inspected) => {
      clearTimeout(timer);
      resolve(inspected);
    });
    const own = alone(body);
    // what was delivered before is known when it is looked into
    this.#ear?.flush();
    const asked: Asked = { number, form, head, trailers, host, body: own, socket };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    worker.postMessage(asked, [own.buffer]);
    return promise;
  };

  readonly enter = (incoming: Incoming): Promise<Entered | undefined> => {
    if (this.#closed) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Entered | undefined>();
    const worker = this.#begin();
    this.#number += 1;
    this.#entering.set(this.#number, resolve);
    const octets = alone(incoming.octets);
    const asked: EnterAsked = { number: this.#number, incoming: { ...incoming, octets } };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    worker.postMessage(asked, [octets.buffer]);
    return promise;
  };

  readonly overhear: Overhear = (asked, reply) => this.#ear?.overhear(asked, reply);

  readonly wake = (): void => {
    if (!this.#closed) this.#begin();
  };

  readonly spent = (): Steps | undefined => this.#steps;

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#give(worker, "the session has ended");
    await worker.terminate();
  }

  #begin(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const resourceLimits = { maxOldGenerationSizeMb: this.#limits.memory };
    const { known, rules, more, sources, trusted = [], kept } = this.#compared;
    const { port, key, end } = openReader({ roots: sources(), trusted, kept: kept?.() });
    const waiting = openWaiting();
    const given: Given = { known: known(), rules, more, sources: port, key, waiting };
    const worker = new Worker(this.#program, {
      name: "inspector",
      env: {},
      workerData: given,
      transferList: port === undefined ? [] : [port],
      resourceLimits,
    });
    worker.once("exit", end);
    worker.on("message", (answered: Answered | EnterAnswered) => {
      const { number } = answered;
      if ("made" in answered) {
        this.#steps = answered.steps;
        for (const [placeholder, secret] of answered.made) this.#values.set(placeholder, secret);
        this.#waiting.get(number)?.(answered.inspected);
        this.#waiting.delete(number);
        return;
      }
      this.#entering.get(number)?.(answered.entered);
      this.#entering.delete(number);
    });
    worker.on("error", () => this.#give(worker, "its content could not be looked into: the inspector failed"));
    worker.on("exit", () => this.#give(worker, "its content could not be looked into: the inspector ended"));
    worker.unref();
    this.#worker = worker;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#ear = openEar(waiting, (heard, transfer) => worker.postMessage(heard, transfer));
    return worker;
  }

  /** All that waits for it has failed. */
  #give(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    [this.#worker, this.#ear] = [undefined, undefined];
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const fail of waiting) fail({ kind: "failed", why });
    for (const entering of this.#entering.values()) entering(undefined);
    this.#entering.clear();
    void worker.terminate();
  }
}

/** In memory of its own, so that it can be given to the thread without a copy. */
function alone(body: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = body;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength)
    return new Uint8Array(buffer);
  const copy = new Uint8Array(byteLength);
  copy.set(body);
  return copy;
}
