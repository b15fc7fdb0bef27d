// `postern run`: hands the request to the session, passes signals on, says the last word, writes the summary.

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Fault } from "../../domain/fault.ts";
import type { Edits, Mode } from "../../domain/session.ts";
import type { Notice, RunOutcome, SessionHandle } from "../../session/request.ts";
import { runSession } from "../../session/run.ts";
import { readCaller } from "../caller.ts";
import { lastWord } from "../last-word.ts";
import { say, warn } from "../speech.ts";
import { show } from "../table.ts";

export interface RunOptions {
  readonly policy?: string;
  readonly mode?: Mode;
  readonly edits?: Edits;
  readonly headless: boolean;
  readonly summary?: string;
}

export async function run(command: readonly string[], options: RunOptions): Promise<number> {
  const outcome = await runAs(command, options, {});
  if (outcome.kind === "refused") {
    if (outcome.text.startsWith("postern: ")) say(outcome.text);
    else warn(outcome.text, outcome.hint);
    return outcome.code;
  }
  const { summary } = outcome;
  if (process.stderr.isTTY === true || summary.exit.by === "postern") say("");
  for (const line of lastWord(summary, process.stderr)) say(line);
  return summary.exit.code;
}

/** Where the caller stands may be set apart, for the demo. */
export interface Standing {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
}

export async function runAs(command: readonly string[], options: RunOptions, standing: Standing): Promise<RunOutcome> {
  const caller = { ...readCaller(), ...standing };
  const signals = new Signals();
  try {
    const outcome = await runSession({
      command,
      directory: caller.directory,
      environment: caller.environment,
      person: caller,
      policy: options.policy === undefined ? undefined : resolve(options.policy),
      mode: options.mode,
      edits: options.edits,
      headless: options.headless,
      streams: { input: 0, output: 1, errors: 2 },
      now: new Date(),
      tell,
      hold: (handle) => signals.give(handle),
    });
    if (outcome.kind === "ended" && options.summary !== undefined) writeSummary(options.summary, outcome.summary);
    return outcome;
  } finally {
    signals.release();
  }
}

function tell(notice: Notice): void {
  if (notice.kind === "banner") say(notice.text);
  else warn(show(notice.text, 1000), notice.hint === undefined ? undefined : show(notice.hint, 1000));
}

function writeSummary(file: string, summary: unknown): void {
  try {
    writeFileSync(file, `${JSON.stringify(summary, undefined, 2)}\n`);
  } catch (cause) {
    throw new Fault({
      code: "summary",
      message: `the summary ${file} cannot be written`,
      hint: "name a file in a directory you may write",
      cause,
    });
  }
}

const passed = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** The caller's signals go to the tool; the same one a third time ends the session. */
class Signals {
  #handle: SessionHandle | undefined;
  readonly #count = new Map<NodeJS.Signals, number>();
  readonly #listener = (name: NodeJS.Signals) => this.#take(name);

  constructor() {
    for (const name of passed) process.on(name, this.#listener);
  }

  give(handle: SessionHandle): void {
    this.#handle = handle;
    for (const [name, count] of this.#count) this.#pass(name, count);
  }

  release(): void {
    for (const name of passed) process.off(name, this.#listener);
  }

  #take(name: NodeJS.Signals): void {
    const count = (this.#count.get(name) ?? 0) + 1;
    this.#count.set(name, count);
    this.#pass(name, count);
  }

  #pass(name: NodeJS.Signals, count: number): void {
    if (name === "SIGHUP" || count >= 3) this.#handle?.end(`ended by ${name}`);
    else this.#handle?.signal(name);
  }
}
