// A hundred SIGKILLs at random points of the command line, unshare, the helper and bubblewrap, with a tool inside that
// asks the vendor without pause. Ground truth: what still runs, what the vendor saw, what the record holds.

import { intents, openStage, readLog, type Stage } from "../journeys/fault-stage.ts";
import { adoptOrphans, drawMoment, openChance, playRound, type Round, targets } from "../journeys/kill-rounds.ts";

const rounds = 100;
/** After so many rounds a new state directory, so that the making of a record is killed too. */
const perStage = 10;

export const folders = ["src/boundary", "src/gateway", "src/ledger", "src/review", "src/session"];

/** Every number that must be 0 is in `wrong`. */
export async function kills(seed: number) {
  adoptOrphans();
  const chance = openChance(seed);
  const played: Round[] = [];
  const totals = { nextRuns: 0, nextRunsFailed: 0, requestsSeen: 0, unrecorded: 0, unverified: 0 };
  while (played.length < rounds) {
    await using stage = await openStage();
    for (let at = 0; at < perStage; at += 1) {
      const target = targets[played.length % targets.length] ?? "cli";
      const round = await playRound(stage, { tag: `r${played.length}`, target, moment: drawMoment(chance) });
      played.push(round);
      const { code, errors } = await stage.ask(["run", "--policy", stage.policy, "--", "true"]);
      totals.nextRuns += 1;
      if (code !== 0) totals.nextRunsFailed += 1;
      const wrong = code !== 0 || round.left > 0 || !round.killed;
      process.stderr.write(
        `${played.length} ${target} ${round.code} ${round.seen}${wrong ? ` WRONG ${round.errors}${errors}` : ""}\n`,
      );
    }
    await count(stage, totals);
  }
  return tell(seed, played, totals);
}

async function count(
  stage: Stage,
  totals: { requestsSeen: number; unrecorded: number; unverified: number },
): Promise<void> {
  const recorded = intents(await readLog(stage));
  totals.requestsSeen += stage.seen.length;
  totals.unrecorded += stage.seen.filter((target) => !recorded.has(target)).length;
  if ((await stage.ask(["verify"])).code !== 0) totals.unverified += 1;
}

function tell(seed: number, played: readonly Round[], totals: Readonly<Record<string, number>>) {
  const { nextRunsFailed = 0, unrecorded = 0, unverified = 0, ...counted } = totals;
  const tally = (of: (round: Round) => string | number) => {
    const counts: Record<string, number> = {};
    for (const round of played) counts[of(round)] = (counts[of(round)] ?? 0) + 1;
    return counts;
  };
  const wrong = {
    missed: played.filter(({ killed }) => !killed).length,
    leftRunning: played.filter(({ left }) => left > 0).length,
    endedWithZero: played.filter(({ code }) => code === 0).length,
    unverifiedAfterARound: played.filter(({ verified }) => verified !== "ok" && verified !== "none").length,
    unverified,
    unrecorded,
    nextRunsFailed,
  };
  const found = {
    seed,
    rounds: played.length,
    targets: tally(({ target }) => target),
    codes: tally(({ code }) => code),
    inTheMiddleOfWork: played.filter(({ seen }) => seen > 0).length,
    beforeTheRecord: played.filter(({ verified }) => verified === "none").length,
    ...counted,
    wrong,
  };
  return { held: Object.values(wrong).every((number) => number === 0), found };
}
