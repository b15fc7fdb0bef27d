// The orders carried out by machines, several at once; each outcome is kept in a file as it comes, so that a run that is cut
// short goes on where it was. A machine that stands still or falls over costs the probe it was at: that one is `broken`, and
// the rest is tried on a new machine.

import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import type { Outcome } from "../battery/probe.ts";
import { layInitramfs } from "./initramfs.ts";
import type { OwnTest, Told } from "./inside.ts";
import { runMachine } from "./machine.ts";
import { columnOf, type Order, type Orders, ownTests, sameOrder } from "./orders.ts";
import { cache, type Kernel } from "./package.ts";
import { layProject, modules } from "./shown.ts";

export interface Row {
  readonly order: Order;
  readonly outcome: Outcome;
  /** Of the guest's own clock. */
  readonly seconds: number;
}

export interface Facts {
  readonly release: string;
  readonly build: string;
  readonly modules: string;
}

export interface Tried {
  readonly rows: readonly Row[];
  readonly tests: readonly OwnTest[];
  readonly facts: Facts | undefined;
}

interface Work {
  readonly kernel: Kernel;
  readonly directory: string;
  readonly journal: string;
  readonly waiting: Order[];
  readonly rows: Row[];
  readonly tests: OwnTest[];
  /** A machine has been given them. */
  tested: boolean;
  facts: Facts | undefined;
  readonly all: number;
  readonly machines: number;
}

/** How many orders a machine gets: to begin costs it as much as four probes, and one has the last of them to itself. */
const portion = { most: 80, least: 12 };

/** `digest`: of what is tried; what an earlier run with the same one found is not tried again. */
export async function tryThere(
  kernel: Kernel,
  orders: readonly Order[],
  { digest, atOnce, cache: place = cache }: { digest: string; atOnce: number; cache?: string },
): Promise<Tried> {
  mkdirSync(place, { recursive: true });
  sweep(place);
  const journal = join(place, `outcomes-${kernel.release}-${digest.slice(0, 16)}.jsonl`);
  const kept = readJournal(journal);
  const rows = kept.rows.filter(({ order }) => orders.some((one) => sameOrder(one, order)));
  const waiting = orders.filter((order) => !rows.some((row) => sameOrder(row.order, order)));
  const directory = mkdtempSync(join(place, `run-${process.pid}-`));
  const work: Work = {
    kernel,
    directory,
    journal,
    waiting,
    rows,
    tests: [...kept.tests],
    tested: kept.tests.length > 0,
    facts: kept.facts,
    all: orders.length,
    machines: atOnce,
  };
  try {
    chmodSync(directory, 0o755);
    layOut(directory);
    await Promise.all(Array.from({ length: atOnce }, () => keepBusy(work)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { rows: work.rows, tests: work.tests, facts: work.facts };
}

/** What runs left that were killed. */
function sweep(place: string): void {
  for (const name of readdirSync(place)) {
    const [, pid] = /^run-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(place, name), { recursive: true, force: true });
  }
}

function layOut(directory: string): void {
  mkdirSync(join(directory, "project"));
  layProject(join(directory, "project"));
}

async function keepBusy(work: Work): Promise<void> {
  while (work.waiting.length > 0) {
    const fair = Math.ceil(work.waiting.length / work.machines);
    let mine = work.waiting.splice(0, Math.min(portion.most, Math.max(portion.least, fair)));
    while (mine.length > 0) mine = [...(await tryOn(work, mine))];
  }
}

/** What is left of the orders when the machine has ended. */
async function tryOn(work: Work, orders: readonly Order[]): Promise<readonly Order[]> {
  const directory = mkdtempSync(join(work.directory, "machine-"));
  const before = work.rows.length;
  const at: { order: Order | undefined } = { order: undefined };
  const archive = join(directory, "initramfs");
  mkdirSync(archive);
  const more = work.tested ? {} : { tests: ownTests };
  work.tested = true;
  const initramfs = layInitramfs(archive, work.kernel, { ...byPerson(orders), ...more });
  const own = { disk: join(directory, "disk"), log: join(directory, "console") };
  const plan = { kernel: work.kernel, initramfs, project: join(work.directory, "project"), modules: modules(), ...own };
  const { why } = await runMachine(plan, (told) => {
    if (told.kind === "trying") at.order = told.order;
    else keep(work, told, at);
  });
  const said = existsSync(own.log) ? readFileSync(own.log, "latin1").trim().slice(-2000) : "";
  rmSync(directory, { recursive: true, force: true });
  if (at.order !== undefined) {
    const broken: Outcome = { kind: "broken", why: `the machine did not end it: ${why}` };
    keep(work, { kind: "outcome", order: at.order, outcome: broken, seconds: 0 }, at);
  } else if (work.rows.length === before) throw new Error(`the machine tried nothing: ${why}\n${said}`);
  return orders.filter((order) => !work.rows.some((row) => sameOrder(row.order, order)));
}

/** Nobody is started there who has nothing to do. */
function byPerson(orders: readonly Order[]): Readonly<Record<string, Orders>> {
  const of = (asRoot: boolean): Orders => ({ asRoot, orders: orders.filter((one) => one.asRoot === asRoot) });
  return Object.fromEntries(
    Object.entries({ user: of(false), root: of(true) }).filter(([, own]) => own.orders.length > 0),
  );
}

function keep(work: Work, told: Told, at: { order: Order | undefined }): void {
  appendFileSync(work.journal, `${JSON.stringify(told)}\n`);
  if (told.kind === "machine") work.facts = told;
  if (told.kind === "test") work.tests.push(told);
  if (told.kind !== "outcome") return;
  at.order = undefined;
  work.rows.push(told);
  const { order, outcome, seconds } = told;
  const why = "why" in outcome ? `  ${outcome.why}` : "";
  const line = `${order.id.padEnd(34)} ${columnOf(order).padEnd(15)} ${outcome.kind}${why}`;
  process.stderr.write(`kernel: ${work.rows.length} of ${work.all}, ${seconds} s there: ${line}\n`);
}

function readJournal(file: string): Tried {
  if (!existsSync(file)) return { rows: [], tests: [], facts: undefined };
  const lines = readFileSync(file, "utf8").trim().split("\n").filter(Boolean);
  const told = lines.map((line) => JSON.parse(line) as Told);
  return {
    rows: told.filter((one) => one.kind === "outcome"),
    tests: told.filter((one) => one.kind === "test"),
    facts: told.find((one) => one.kind === "machine"),
  };
}
