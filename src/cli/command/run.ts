// `postern run`: hands the request to the session, passes signals on, says the last word, writes the summary.

import { resolve } from "node:path";
import { isatty } from "node:tty";
import { breakGround } from "../../boundary/bare/ground.ts";
import type { Ground } from "../../boundary/contract.ts";
import { Fault } from "../../domain/fault.ts";
import type { Edits, Mode } from "../../domain/session.ts";
import type { Notice, RunOutcome, SessionHandle } from "../../session/request.ts";
import type { Summary } from "../../session/summary.ts";
import { callerStreams, readCaller } from "../caller.ts";
import { writeCommandLine } from "../command-line.ts";
import { lastWord } from "../last-word.ts";
import { complain, say, spellLines, warn } from "../speech.ts";
import { openSummaryFile, type SummaryFile } from "../summary-file.ts";
import { show } from "../table.ts";

export interface RunOptions {
  readonly policy?: string;
  readonly mode?: Mode;
  readonly edits?: Edits;
  readonly outer?: string;
  readonly headless: boolean;
  readonly summary?: string;
}

/**
 * Ends this process: what lingers in it keeps nobody waiting, and nothing can make another code of this one. `ground`:
 * broken already, where what was typed said so at once.
 */
export function runOn(ground: Ground | undefined) {
  return async (command: readonly string[], options: RunOptions): Promise<never> =>
    process.exit(await runAndTell(command, options, ground).catch(refuseAll));
}

/** Before the tool was started; afterwards nothing comes this way. */
function refuseAll(error: unknown): 125 {
  complain(error);
  return 125;
}

async function runAndTell(command: readonly string[], options: RunOptions, early: Ground | undefined): Promise<number> {
  await using ground = await groundFor(options, early);
  const outcome = await runAs(command, options, { ground });
  if (outcome.kind === "broken") return outcome.code;
  if (outcome.kind === "refused") {
    if (outcome.text.startsWith("postern: ")) say(outcome.text);
    else warn(spellLines(outcome.text), outcome.hint === undefined ? undefined : spellLines(outcome.hint));
    return outcome.code;
  }
  const { summary } = outcome;
  if (summary.exit.by === "postern" && summary.exit.code === 125) return 125; // nothing ran, nothing to tell of
  try {
    tellQuarantine(summary);
    if (process.stderr.isTTY === true || summary.exit.by === "postern") say("");
    for (const line of lastWord(summary, process.stderr)) say(line);
  } catch (error) {
    return breakOff(error).code;
  }
  return summary.exit.code;
}

async function groundFor({ outer }: RunOptions, early: Ground | undefined): Promise<Ground> {
  if (outer === undefined) return early ?? breakGround(callerStreams);
  await early?.[Symbol.asyncDispose]();
  return (await import("../../boundary/outer/walls.ts")).breakOuter(callerStreams);
}

/** What a person should look at before they go on. */
function tellQuarantine({ files }: Summary): void {
  const away = files.held.filter((file) => file.kept !== undefined);
  // <session's quarantine>/<one thing>/content
  const place = away[0]?.kept?.split("/").slice(0, -2).join("/");
  if (place === undefined) return;
  const first = show(away[0]?.path ?? "", 40);
  const what =
    away.length === 1
      ? `${first}, a new control file, is`
      : `${first} and ${away.length - 1} more new control files are`;
  warn(`${what} in quarantine`, `look there:  ${show(place, 1000)}`);
}

/** Where the caller stands may be set apart, for the demo. */
export interface Standing {
  /** Closed by whoever broke it. */
  readonly ground: Ground;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
}

/** A defect where the tool had been started: said already, and no summary can be had. */
interface Broken {
  readonly kind: "broken";
  readonly code: 124;
}

function breakOff(error: unknown): Broken {
  complain(error);
  return { kind: "broken", code: 124 };
}

export async function runAs(
  command: readonly string[],
  options: RunOptions,
  standing: Standing,
): Promise<RunOutcome | Broken> {
  const caller = { ...readCaller(), ...standing };
  // before the tool runs: what it could replace is held from here on
  using summary = options.summary === undefined ? undefined : openSummaryFile(resolve(options.summary));
  const signals = new Signals();
  try {
    const { runSession } = await import("../../session/run.ts");
    const outcome = await runSession({
      command,
      directory: caller.directory,
      environment: caller.environment,
      person: caller,
      policy: options.policy === undefined ? undefined : resolve(options.policy),
      mode: options.mode,
      edits: options.edits,
      headless: options.headless,
      outer: options.outer,
      started: process.argv[1],
      ground: standing.ground,
      now: new Date(),
      tell,
      hold: (handle) => signals.give(handle),
    });
    return outcome.kind === "ended" && summary !== undefined ? writeDown(outcome, summary) : outcome;
  } catch (error) {
    // 125 would say that nothing ran
    if (!signals.started) throw error;
    return breakOff(error);
  } finally {
    signals.release();
  }
}

/** The tool ran: a summary that cannot be written is an end of ours, and never "nothing ran". */
function writeDown(outcome: Ended, file: SummaryFile): Ended {
  try {
    file.write(`${JSON.stringify(outcome.summary, undefined, 2)}\n`);
    return outcome;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    warn(show(error.message, 1000), error.hint);
    const exit = { code: 124, by: "postern" as const, reason: error.message };
    return { ...outcome, summary: { ...outcome.summary, exit } };
  }
}

type Ended = Extract<RunOutcome, { kind: "ended" }>;

function tell(notice: Notice): void {
  if (notice.kind === "failure") complain(notice.error);
  else if (notice.kind === "question") tellQuestion(notice);
  else if (notice.kind === "banner") say(notice.text);
  else warn(show(notice.text, 1000), notice.hint === undefined ? undefined : show(notice.hint, 1000));
}

/** Where the tool draws on this terminal, a line of ours would only be drawn over: the bell says that something is asked. */
function tellQuestion({ id, words }: Extract<Notice, { kind: "question" }>): void {
  // asked of the descriptors: Node's own stream would change the input that the tool reads
  if (isatty(0) && isatty(1)) process.stderr.write("\u0007");
  else
    warn(`asked: ${show(writeCommandLine(words), 1000)}`, `in another terminal: postern approve ${id}, or deny ${id}`);
}

const passed = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** What `postern stop` sends. */
const stop = "SIGUSR2";

/**
 * The caller's signals go to the tool; the same one a third time ends the session, and so does `postern stop`. A defect ends
 * it at once.
 */
class Signals {
  #handle: SessionHandle | undefined;
  readonly #count = new Map<NodeJS.Signals, number>();
  readonly #listener = (name: NodeJS.Signals) => this.#take(name);

  readonly #crash = (error: unknown) => {
    // said when the terminal has been put back
    process.once("exit", () => complain(error));
    // the helper's standard input ends with this process, and with it everything inside
    process.exit(this.started ? 124 : 125);
  };

  constructor() {
    for (const name of [...passed, stop] as const) process.on(name, this.#listener);
    process.on("uncaughtException", this.#crash);
  }

  /** May the tool have run? */
  get started(): boolean {
    return this.#handle !== undefined;
  }

  give(handle: SessionHandle): void {
    this.#handle = handle;
    for (const [name, count] of this.#count) this.#pass(name, count);
  }

  release(): void {
    for (const name of [...passed, stop] as const) process.off(name, this.#listener);
    process.off("uncaughtException", this.#crash);
  }

  #take(name: NodeJS.Signals): void {
    const count = (this.#count.get(name) ?? 0) + 1;
    this.#count.set(name, count);
    this.#pass(name, count);
  }

  #pass(name: NodeJS.Signals, count: number): void {
    if (name === stop) this.#handle?.end("stopped");
    else if (name === "SIGHUP" || count >= 3) this.#handle?.end(`ended by ${name}`);
    else this.#handle?.signal(name);
  }
}
