// Five hundred faults, twice as many at a time as there are processors: every kind in turn, each in a session of its own at a
// random moment, half of them an ordinary user's where whoever runs this is root. `--rounds N`: so many; `--only WORD`: the kinds
// with it in their names; `--seed N`. Ctrl-C, or a lane that broke, ends it with what was seen until then.

import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { kinds } from "../faults/kinds/all.ts";
import { runLane } from "../faults/lane.ts";
import type { Round } from "../faults/round.ts";
import { hasCompiler } from "../faults/shim.ts";
import { openChance } from "../journeys/kill-rounds.ts";
import { root } from "./results.ts";

const lanes = availableParallelism() * 2;
const built = join(root, "dist/postern.cjs");
/** Rounds between two lines that say how far it is. */
const often = 10;

export const folders = [
  "src/boundary",
  "src/cli",
  "src/gateway",
  "src/ledger",
  "src/outbound",
  "src/review",
  "src/session",
  "test/faults",
];

export interface Wishes {
  readonly seed: number;
  readonly rounds: number;
  /** In the kinds' names. */
  readonly only: string;
}

/** Every kind once before any comes again; seldom ones only when so many rounds are played. */
function draw(rounds: number, only: string, chance: (below: number) => number): readonly string[] {
  const drawn: string[] = [];
  const fitting = kinds.filter(({ name, notHere }) => name.includes(only) && notHere?.() === undefined);
  const last = new Map<string, number>();
  while (drawn.length < rounds) {
    const due = fitting.filter(
      ({ name, seldom = 1 }) => seldom === 1 || drawn.length - (last.get(name) ?? -seldom) >= seldom,
    );
    for (const { name } of shuffle(due, chance)) {
      last.set(name, drawn.length);
      drawn.push(name);
    }
  }
  return drawn.slice(0, rounds);
}

function shuffle<Item>(items: readonly Item[], chance: (below: number) => number): readonly Item[] {
  return items
    .map((item) => ({ item, place: chance(2 ** 30) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** `whole`: every kind was played, and every round that was asked for. */
export async function faults({ rounds, only, seed }: Wishes) {
  if (!hasCompiler())
    throw new Error("no cc here, and without one nothing can fail within the command line's own process");
  if (!existsSync(built)) throw new Error(`${built} is missing: npm run build`);
  const names = draw(rounds, only, openChance(seed));
  const board = openBoard(names.length);
  const broken: string[] = [];
  const end = new AbortController();
  const interrupt = (): void => {
    broken.push("it was interrupted");
    end.abort();
  };
  process.once("SIGINT", interrupt);
  const played = await Promise.allSettled(
    share(names).map((share, lane) => {
      const order = { lane, ordinary: isOrdinary(lane), built, seed: seed * lanes + lane, rounds: share };
      return runLane(order, board.heard, end.signal);
    }),
  );
  process.off("SIGINT", interrupt);
  for (const one of played) if (one.status === "rejected") broken.push(String(one.reason));
  const told = tell(seed, board.played);
  const whole = broken.length === 0 && new Set(names).size === kinds.length - untried().length;
  if (!whole) process.stderr.write(`what was seen: ${keepPart({ ...told, broken })}\n`);
  return { held: told.held && broken.length === 0, found: told.found, whole };
}

/** Kinds that this machine has nothing for, each with the reason. */
const untried = (): readonly string[] =>
  kinds.flatMap(({ name, notHere }) => {
    const why = notHere?.();
    return why === undefined ? [] : [`${name}: ${why}`];
  });

const isOrdinary = (lane: number): boolean => lane % 2 === 1;

/** In turn; what is an ordinary user's only goes to lanes that are. */
function share(names: readonly string[]): readonly (readonly string[])[] {
  const shares = Array.from({ length: lanes }, (): string[] => []);
  for (const name of names) {
    const ordinary = kinds.find((kind) => kind.name === name)?.ordinary === true;
    const fitting = shares.filter((_, lane) => !ordinary || isOrdinary(lane));
    fitting.reduce((least, one) => (one.length < least.length ? one : least)).push(name);
  }
  return shares;
}

function keepPart(seen: object): string {
  const file = join(tmpdir(), `postern-faults-${process.pid}.json`);
  writeFileSync(file, `${JSON.stringify(seen, undefined, 2)}\n`);
  return file;
}

/** What is over is said at once, and how far it is every so often. */
function openBoard(asked: number) {
  const played: Round[] = [];
  const since = performance.now();
  const heard = (round: Round): void => {
    played.push(round);
    const { kind, tag, edits, code, requests, spent, wrong, said } = round;
    const times = Object.values(spent).join("+");
    const told = [`${played.length}/${asked}`, tag, kind, edits, code, `${requests} requests`, `${times} ms`].join(
      "  ",
    );
    process.stderr.write(`${told}${wrong.length > 0 ? `\n  WRONG ${wrong.join("\n  WRONG ")}\n${said ?? ""}` : ""}\n`);
    if (played.length % often !== 0 && played.length !== asked) return;
    const rate = (played.length / (performance.now() - since)) * 60_000;
    const held = played.filter((one) => one.wrong.length === 0).length;
    const verdicts = Object.entries(countWrong(played)).map(([name, count]) => `${name} ${count}`);
    const left = Math.ceil((asked - played.length) / rate);
    const line = [`${played.length} of ${asked}`, `held ${held}`, ...verdicts, `${rate.toFixed(1)} a minute`];
    process.stderr.write(`-- ${[...line, `${left} min to go`].join("  ")}\n`);
  };
  return { played, heard };
}

/** Sentences, by what they speak of. */
function countWrong(played: readonly Round[]) {
  const all = played.flatMap(({ wrong }) => wrong);
  const count = (begin: string) => all.filter((one) => one.startsWith(begin)).length;
  const [unguarded, lost, left] = [count("unguarded"), count("lost"), count("left")];
  return { unguarded, lost, left, other: all.length - unguarded - lost - left };
}

function tell(seed: number, played: readonly Round[]) {
  const sum = (of: (round: Round) => number) => played.reduce((total, round) => total + of(round), 0);
  const byKind: Record<string, { rounds: number; struck: number; codes: Record<string, number> }> = {};
  for (const { kind, struck, code } of played) {
    const row = byKind[kind] ?? { rounds: 0, struck: 0, codes: {} };
    byKind[kind] = row;
    row.rounds += 1;
    if (struck) row.struck += 1;
    row.codes[code] = (row.codes[code] ?? 0) + 1;
  }
  const wrong = countWrong(played);
  const found = {
    seed,
    rounds: played.length,
    struck: sum(({ struck }) => (struck ? 1 : 0)),
    whileTheToolWorked: sum(({ working }) => (working ? 1 : 0)),
    lanes,
    ofAnOrdinaryUser: sum(({ ordinary }) => (ordinary ? 1 : 0)),
    staged: sum(({ edits }) => (edits === "staged" ? 1 : 0)),
    requestsSeenOutside: sum(({ requests }) => requests),
    entries: sum(({ entries }) => entries),
    refusals: sum(({ refusals }) => refusals),
    slowestEndMs: Math.max(0, ...played.map(({ milliseconds }) => milliseconds)),
    notTried: untried(),
    wrong,
    sentences: [...new Set(played.flatMap(({ kind, wrong }) => wrong.map((one) => `${kind}: ${one}`)))].slice(0, 50),
    byKind,
  };
  return { held: Object.values(wrong).every((number) => number === 0), found };
}
