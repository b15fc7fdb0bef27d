// One round: a landing begun in a process of its own, SIGKILL to it (or to it and every git it started) at a random point,
// then whoever comes next. What is looked at is the checkout alone: it is as before, or as after, and nothing lies about.

import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isCutShort, resumeLanding } from "../../src/review/landing/land.ts";
import { readReferences } from "../../src/review/references.ts";
import { git, good, type Laid, listing, readyJournal } from "./landing-desk.ts";

export interface Ground {
  readonly laid: Laid;
  readonly journal: string;
  readonly before: string;
  readonly after: string;
  /** Milliseconds a whole landing takes here. */
  readonly span: number;
}

export interface Round {
  /** `before`: nothing had begun, or it was complete by itself. */
  readonly cut: boolean;
  readonly end: "before" | "after" | "mixed";
  /** What of a mixed one is as before, as after, as neither: said where the test fails. */
  readonly apart: readonly string[];
  /** What lies about that is neither the checkout's nor git's. */
  readonly litter: readonly string[];
  /** Milliseconds it took, where nobody killed it in time. */
  readonly took: number | undefined;
}

function stateOf({ work }: Laid): string {
  return JSON.stringify([
    listing(work),
    readReferences(join(work, ".git")).toSorted(),
    git(work, ["ls-files", "--stage"]),
  ]);
}

/** Everything in the copy is accepted; the checkout is kept aside, to begin from again. */
export async function prepareRounds(laid: Laid): Promise<Ground> {
  const journal = `${laid.root}/journal.json`;
  writeFileSync(journal, JSON.stringify({ version: 1, ...(await readyJournal(laid, ["all"])) }));
  for (const [from, to] of [
    [laid.work, "pristine"],
    [`${laid.copy.directory}/landing`, "prepared"],
  ])
    if (from !== undefined && existsSync(from)) execFileSync("cp", ["-a", from, `${laid.root}/${to}`]);
  const before = stateOf(laid);
  const hand = await call(laid, journal);
  const span = (await tell(hand, "nobody")) ?? Number.NaN;
  hand.kill("SIGKILL");
  return { laid, journal, before, after: stateOf(laid), span };
}

/** A process that waits to be told. */
export async function call({ copy }: Laid, journal: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL("./landing-hand.ts", import.meta.url));
  const child = fork(program, [copy.directory, journal], {
    detached: true,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(journal), "compiled") },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  await new Promise((resolve) => child.once("message", resolve));
  return child;
}

/** Told to begin; the milliseconds the landing took, undefined where it was killed before its end. */
async function tell(child: ChildProcess, blow: Blow | "nobody"): Promise<number | undefined> {
  const told = new Promise<unknown>((resolve) => {
    child.once("message", resolve);
    child.once("exit", () => resolve(undefined));
  });
  child.send(blow);
  const took = await told;
  if (took === undefined || typeof took === "number") return took;
  throw new Error(`a landing that was not killed yet said: ${JSON.stringify(took)}`);
}

export interface Blow {
  /** Milliseconds after it began. */
  readonly after: number;
  /** Every process it started as well. */
  readonly all: boolean;
}

export async function playRound({ laid, before, after }: Ground, hand: ChildProcess, blow: Blow): Promise<Round> {
  restore(laid);
  const ended = new Promise((resolve) => hand.once("exit", resolve));
  const took = await tell(hand, blow);
  await ended;
  const cut = isCutShort(laid.copy);
  const resumed = good((await resumeLanding(laid.copy)) ?? undefined);
  const now = stateOf(laid);
  const litter = [
    ...readdirSync(laid.work, { recursive: true, encoding: "utf8" }).filter((path) => /postern|\.lock$/.test(path)),
    ...readdirSync(laid.copy.directory).filter((name) => name.startsWith("landing")),
  ];
  const end = now === before ? "before" : now === after ? "after" : "mixed";
  const told = `${JSON.stringify(blow)}, ${resumed === undefined ? "nothing to resume" : JSON.stringify({ ...resumed, journal: undefined })}`;
  return { cut, end, apart: end === "mixed" ? [told, ...compare(before, now, after)] : [], litter, took };
}

function compare(before: string, now: string, after: string): string[] {
  const [was, is, will] = [before, now, after].map((state) => new Map(partsOf(JSON.parse(state))));
  return [...new Set([was, is, will].flatMap((each) => [...(each?.keys() ?? [])]))].flatMap((name) => {
    const [a, b, c] = [was, is, will].map((each) => each?.get(name) ?? "none");
    return a === c && b === a
      ? []
      : [`${name}: ${b === c ? "as after" : b === a ? "as before" : `${a} | ${b} | ${c}`}`];
  });
}

function* partsOf([files, references, index]: [Record<string, string>, string[], string]): Generator<[string, string]> {
  yield* Object.entries(files);
  yield* references.map((line): [string, string] => [line, "there"]);
  yield ["index", index];
}

function restore({ root, work, copy }: Laid): void {
  rmSync(work, { recursive: true });
  execFileSync("cp", ["-a", `${root}/pristine`, work]);
  for (const name of readdirSync(copy.directory))
    if (name.startsWith("landing")) rmSync(`${copy.directory}/${name}`, { recursive: true });
  if (existsSync(`${root}/prepared`)) execFileSync("cp", ["-a", `${root}/prepared`, `${copy.directory}/landing`]);
}
