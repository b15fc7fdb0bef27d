// Five hundred faults, two at a time: every kind in turn, each in a session of its own at a random moment. `--rounds N`: so
// many; `--only WORD`: the kinds with it in their names; `--seed N`.

import { kinds } from "../faults/kinds/all.ts";
import { runLane } from "../faults/lane.ts";
import type { Round } from "../faults/round.ts";
import { hasCompiler } from "../faults/shim.ts";
import { openChance } from "../journeys/kill-rounds.ts";

const lanes = 2;

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
  const fitting = kinds.filter(({ name }) => name.includes(only));
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

/** Rejects where a kind could not be played. */
export async function faults({ rounds, only, seed }: Wishes) {
  if (!hasCompiler())
    throw new Error("no cc here, and without one nothing can fail within the command line's own process");
  const names = draw(rounds, only, openChance(seed));
  const played: Round[] = [];
  const heard = (round: Round): void => {
    played.push(round);
    const { kind, tag, edits, code, requests, milliseconds, wrong, said } = round;
    const told = [played.length, tag, kind, edits, code, `${requests} requests`, `${milliseconds} ms`].join("  ");
    process.stderr.write(`${told}${wrong.length > 0 ? `\n  WRONG ${wrong.join("\n  WRONG ")}\n${said ?? ""}` : ""}\n`);
  };
  const shares = Array.from({ length: lanes }, (_, lane) => names.filter((_, at) => at % lanes === lane));
  await Promise.all(shares.map((share, lane) => runLane({ seed: seed * lanes + lane, rounds: share }, heard)));
  return tell(seed, played);
}

function tell(seed: number, played: readonly Round[]) {
  const count = (begin: string) =>
    played.reduce((sum, { wrong }) => sum + wrong.filter((one) => one.startsWith(begin)).length, 0);
  const sum = (of: (round: Round) => number) => played.reduce((total, round) => total + of(round), 0);
  const byKind: Record<string, { rounds: number; struck: number; codes: Record<string, number> }> = {};
  for (const { kind, struck, code } of played) {
    const row = byKind[kind] ?? { rounds: 0, struck: 0, codes: {} };
    byKind[kind] = row;
    row.rounds += 1;
    if (struck) row.struck += 1;
    row.codes[code] = (row.codes[code] ?? 0) + 1;
  }
  const wrong = {
    unguarded: count("unguarded"),
    lost: count("lost"),
    left: count("left"),
    other:
      played.reduce((all, round) => all + round.wrong.length, 0) - count("unguarded") - count("lost") - count("left"),
  };
  const found = {
    seed,
    rounds: played.length,
    struck: sum(({ struck }) => (struck ? 1 : 0)),
    whileTheToolWorked: sum(({ working }) => (working ? 1 : 0)),
    staged: sum(({ edits }) => (edits === "staged" ? 1 : 0)),
    requestsSeenOutside: sum(({ requests }) => requests),
    entries: sum(({ entries }) => entries),
    refusals: sum(({ refusals }) => refusals),
    slowestEndMs: Math.max(0, ...played.map(({ milliseconds }) => milliseconds)),
    wrong,
    sentences: [...new Set(played.flatMap(({ kind, wrong }) => wrong.map((one) => `${kind}: ${one}`)))].slice(0, 50),
    byKind,
  };
  return { held: Object.values(wrong).every((number) => number === 0), found };
}
