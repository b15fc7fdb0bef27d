// The inspector in a thread of its own: inquiries come and answers go as messages, in order. It looks, and does nothing else: it has
// no descriptor, and no way out.

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Host } from "../../domain/brand.ts";
import type { ContentRules } from "../../domain/content-rules.ts";
import type { RequestHead } from "../../domain/exchange.ts";
import type { Entered, Incoming, Inquiry, Inspected } from "../../domain/inspection.ts";
import type { KnownValue } from "../../inspection/known-text.ts";
import type { RulesText } from "../../inspection/rules/file.ts";
import { type Steps, steps } from "../../inspection/steps.ts";
import type { Told } from "../sources/desk.ts";
import { type Desk, openDesk } from "./desk.ts";
import type { IncomingTold } from "./incoming.ts";
import type { Heard } from "./transcripts.ts";

export interface Asked {
  readonly number: number;
  readonly form: Inquiry["form"];
  readonly head: RequestHead;
  readonly trailers: readonly string[] | undefined;
  readonly host: Host;
  readonly body: Uint8Array;
  readonly socket: number | undefined;
}

/** A text that comes in. */
export interface EnterAsked {
  readonly number: number;
  readonly incoming: Omit<Incoming, "octets"> & { readonly octets: Uint8Array };
}

export interface EnterAnswered {
  readonly number: number;
  readonly entered: Entered | undefined;
}

export interface Answered {
  readonly number: number;
  readonly inspected: Inspected;
  /** Placeholders that were made for it, and what they stand for. */
  readonly made: Iterable<readonly [placeholder: string, secret: string]>;
  /** Since the thread began. */
  readonly steps: Steps;
}

export interface Given {
  readonly known: readonly KnownValue[];
  readonly rules: ContentRules | undefined;
  readonly more: readonly RulesText[] | undefined;
  /** Where files of source are told; undefined: none are. */
  readonly sources: MessagePort | undefined;
  /** Of what is told there. */
  readonly key: Uint8Array;
  /** Octets of replies that wait here (ear.ts). */
  readonly waiting: Int32Array;
}

/** Milliseconds that the first inquiries wait for what there is of source; and between looks at what changed. */
const patience = 10_000;
const rest = 2_000;

function serve(port: MessagePort, { known, rules, more, sources, key, waiting }: Given): void {
  const desk = openDesk({ known, rules, more, key, compared: sources !== undefined });
  const whole = Promise.withResolvers<void>();
  let asked = 0;
  sources?.on("message", (told: Told | IncomingTold) => {
    desk.take(told);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    if (told.kind === "asked") sources.postMessage("taken");
    if (told.kind !== "whole") return;
    asked = performance.now();
    whole.resolve();
  });
  sources?.on("close", () => {
    desk.take({ kind: "ended" });
    whole.resolve();
  });
  if (sources === undefined) whole.resolve();
  else setTimeout(whole.resolve, patience).unref();
  let before: Promise<unknown> = whole.promise;
  const lookAgain = (): void => {
    if (sources === undefined || performance.now() - asked < rest) return;
    asked = Number.POSITIVE_INFINITY;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    sources.postMessage("again");
  };
  port.on("message", (asked: Asked | EnterAsked | Heard) => {
    // before whatever is asked later, and waiting for nothing
    if ("incoming" in asked) enter(port, desk, asked);
    else if ("number" in asked) {
      // a head alone is compared with no source, and waits for none
      if (asked.body.length === 0) lookAt(asked);
      else before = before.then(() => lookAt(asked));
    } else before = before.then(() => hear(desk, waiting, asked));
  });

  function lookAt(inquiry: Asked): void {
    look(port, desk, inquiry);
    lookAgain();
  }
}

function look(port: MessagePort, desk: Desk, inquiry: Asked): void {
  const { number, body } = inquiry;
  const answer = (inspected: Inspected): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    port.postMessage({ number, inspected, made: desk.made(), steps } satisfies Answered);
  };
  try {
    const inspection = desk.look({ ...inquiry, body: Buffer.from(body.buffer) });
    answer({ kind: "inspected", inspection });
  } catch (error) {
    answer({ kind: "failed", why: error instanceof Error ? error.message : "unknown" });
  }
}

function enter(port: MessagePort, desk: Desk, { number, incoming }: EnterAsked): void {
  const answer = (entered: Entered | undefined): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    port.postMessage({ number, entered } satisfies EnterAnswered);
  };
  try {
    answer(desk.enter({ ...incoming, octets: Buffer.from(incoming.octets.buffer) }));
  } catch {
    answer(undefined);
  }
}

function hear(desk: Desk, waiting: Int32Array, heard: Heard): void {
  if (heard.kind === "octets") for (const { length } of heard.parts) Atomics.sub(waiting, 0, length);
  desk.hear(heard);
}

if (parentPort !== null) serve(parentPort, workerData as Given);
