// `postern doctor --prove`: every wall tried under the policy in force, told rule by rule. Nothing of it is judged here.

import { basename, resolve } from "node:path";
import { breakGround } from "../../boundary/bare/ground.ts";
import { breakOuter } from "../../boundary/outer/walls.ts";
import { Fault } from "../../domain/fault.ts";
import { sayGrade } from "../../domain/session.ts";
import { type ProofOutcome, prove } from "../../proof/prove.ts";
import { areas, isBad, type Outcome, type Row } from "../../proof/row.ts";
import { type Caller, readCaller } from "../caller.ts";
import { columnsOfOutput, paint, print, say, warn } from "../speech.ts";
import { align, hang, show, showPath, wrap } from "../table.ts";

export interface ProveFlags {
  readonly policy?: string;
  readonly outer?: string;
  readonly json: boolean;
}

/** Ends this process, as `run` does: what a session leaves lingering in it keeps nobody waiting. */
export async function proveHere(flags: ProveFlags): Promise<never> {
  process.exit(await proveAndTell(flags));
}

async function proveAndTell(flags: ProveFlags): Promise<number> {
  const caller = readCaller();
  const outcome = await proveAs(caller, flags);
  if (outcome.kind === "refused") {
    if (outcome.text.startsWith("postern: ")) say(outcome.text);
    else warn(outcome.text, outcome.hint);
    return outcome.code;
  }
  if (flags.json) tellJson(outcome);
  else tell(outcome, caller.home);
  return outcome.rows.some(isBad) ? 1 : 0;
}

async function proveAs(caller: Caller, flags: ProveFlags): Promise<ProofOutcome> {
  await using ground = flags.outer === undefined ? breakGround() : breakOuter();
  const progress = openProgress();
  const interrupts = openInterrupts();
  try {
    return await prove({
      directory: caller.directory,
      environment: caller.environment,
      person: caller,
      policy: flags.policy === undefined ? undefined : resolve(flags.policy),
      ground,
      outer: flags.outer,
      now: new Date(),
      hold: interrupts.hold,
      tell: progress.tell,
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { kind: "refused", code: 125, text: error.message, ...hint };
  } finally {
    interrupts.release();
    progress.end();
  }
}

/** One line that is written over, on a terminal alone. */
function openProgress() {
  const drawn = process.stderr.isTTY;
  const clear = "\r\u001b[K";
  return {
    tell: (step: string) => void (drawn && process.stderr.write(`${clear}${paint.dim(`${step} …`, process.stderr)}`)),
    end: () => void (drawn && process.stderr.write(clear)),
  };
}

/** Ended early, a proof still takes its canaries away. */
function openInterrupts() {
  let end: ((reason: string) => void) | undefined;
  let asked = false;
  const listener = (): void => {
    asked = true;
    end?.("interrupted");
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, listener);
  return {
    hold: (handle: (reason: string) => void) => {
      end = handle;
      if (asked) handle("interrupted");
    },
    release: () => {
      for (const name of signals) process.off(name, listener);
    },
  };
}

type Proved = Extract<ProofOutcome, { kind: "proved" }>;

function tellJson({ rows, session, entry }: Proved): void {
  for (const row of rows) print(JSON.stringify(row));
  const { policy, grade, mode, id } = session;
  const failed = rows.filter(isBad).length;
  print(JSON.stringify({ policy, grade, mode, session: id, entry, rows: rows.length, failed }));
}

const said: Readonly<Record<Outcome, string>> = {
  held: "held",
  granted: "granted",
  open: "OPEN",
  broken: "BROKEN",
  untried: "not tried",
};

const drawn = (outcome: Outcome): string => {
  if (outcome === "open" || outcome === "broken") return paint.red(said[outcome]);
  return outcome === "held" ? paint.green(said.held) : paint.dim(said[outcome]);
};

function tell(proved: Proved, home: string): void {
  const { rows, session, policy, entry } = proved;
  const columns = columnsOfOutput();
  for (const area of areas) tellArea(area, rows, home);
  const bad = rows.filter(isBad);
  for (const row of bad) for (const line of tellBad(row, home)) print(line);
  print("");
  const count = (outcome: Outcome): number => rows.filter((row) => row.outcome === outcome).length;
  const counts = `${count("held")} held, ${count("granted")} granted, ${count("untried")} not tried, ${bad.length} not held`;
  print(bad.length === 0 ? counts : paint.red(counts));
  const layers = policy.layers.map(({ path }) => showPath(path, home)).join(", ");
  const where = `${sayGrade(session.grade)}, ${session.mode}; policy ${session.policy.slice(0, 12)}`;
  for (const line of wrap(`${where} (${layers === "" ? "defaults alone" : layers})`, columns)) print(line);
  print(`on the record: postern log --session ${session.id}; the proof is entry ${entry}`);
}

function tellArea(area: Row["area"], rows: readonly Row[], home: string): void {
  const some = rows.filter((row) => row.area === area);
  if (some.length === 0) return;
  print(paint.bold(area));
  const starts = align(
    [{ title: "" }, { title: "" }, { title: "" }],
    some.map((row) => [`  ${drawn(row.outcome)}`, showTried(row, home), "·"]),
    false,
  );
  for (const [at, row] of some.entries())
    for (const line of hang(starts[at]?.slice(0, -1) ?? "", sayWhy(row), columnsOfOutput())) print(line);
  print("");
}

/** What stopped it, where that is on the record, and the line of a policy: the rest is in what did not hold, and in --json. */
function sayWhy({ by, entry, place }: Row): string {
  const on = entry === undefined ? "" : `, entry ${entry}`;
  const at = place === undefined ? "" : `  ${show(basename(place.file))}:${place.line}`;
  return `${show(by, 200)}${on}${at}`;
}

function tellBad(row: Row, home: string): string[] {
  const { outcome, by, rule, place } = row;
  const at = place === undefined ? "" : `${showPath(place.file, home)}:${place.line}:${place.column}  `;
  const start = `${drawn(outcome)}  `;
  const why = `${showTried(row, home)}: ${show(by, 200)}`;
  const indent = " ".repeat(said[outcome].length + 2);
  return [`${start}${at}${rule}`, ...hang(indent, why, columnsOfOutput())];
}

/** A path in it as short as elsewhere. */
function showTried({ tried }: Row, home: string): string {
  return show(tried, 200)
    .split(" ")
    .map((word) => showPath(word, home))
    .join(" ");
}
