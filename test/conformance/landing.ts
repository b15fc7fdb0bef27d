// Twenty SIGKILLs to `postern review --accept` on a checkout of 50,000 files of which the session changed thousands: at
// random points of the whole command, and of the landing itself. Ground truth: every file, reference, head and index of
// the checkout, before the landing and after the next command.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { git, openStage, type Running, type Stage } from "../journeys/fault-stage.ts";
import { openChance } from "../journeys/kill-rounds.ts";
import { history, listing } from "../journeys/landing-desk.ts";

const rounds = 20;
const [directories, each] = [500, 100];

export const folders = ["src/review"];

/** Stays behind, so that the copy does. */
const left = ".envrc";

const script = `
git config user.name t; git config user.email t@x
for d in $(seq 1 10 ${directories}); do
  for f in d$d/f1?; do echo changed >>$f; done
  for f in d$d/f2?; do rm $f; done
  for f in 1 2 3 4 5 6 7 8 9; do echo new >d$d/new$f; done
  chmod 755 d$d/f30; ln -s f31 d$d/link; mv d$d/f40 d$d/moved
done
git checkout -q -b feature; git add -A; git commit -q -m many; echo later >later; echo held >${left}`;

interface Round {
  readonly within: "the command" | "the landing";
  /** Killed before it ended by itself. */
  readonly killed: boolean;
  /** The landing had begun and not ended. */
  readonly cut: boolean;
  readonly end: "before" | "after" | "mixed";
}

function digest(stage: Stage): string {
  return createHash("sha256")
    .update(JSON.stringify([listing(stage.work), history(stage.work)]))
    .digest("hex");
}

async function furnish(stage: Stage): Promise<void> {
  for (let directory = 1; directory <= directories; directory += 1) {
    mkdirSync(join(stage.work, `d${directory}`));
    for (let file = 1; file <= each; file += 1)
      writeFileSync(join(stage.work, `d${directory}/f${file}`), `line ${file}\n`.repeat(1 + ((directory * file) % 60)));
  }
  git(stage.work, stage.home, ["add", "-A"]);
  git(stage.work, stage.home, ["commit", "-q", "-m", "fifty thousand"]);
  const ran = await stage.ask(["run", "--edits", "staged", "--", "sh", "-ec", script]);
  if (ran.code !== 0) throw new Error(ran.errors);
}

/** As it was before any landing. */
function restore(stage: Stage, base: string): void {
  git(stage.work, stage.home, ["checkout", "-q", "-f", "main"]);
  git(stage.work, stage.home, ["reset", "-q", "--hard", base]);
  git(stage.work, stage.home, ["clean", "-qfd"]);
  if (git(stage.work, stage.home, ["branch", "--list", "feature"]) !== "")
    git(stage.work, stage.home, ["branch", "-q", "-D", "feature"]);
}

/** On a busy machine minutes: for as long as the command runs. */
async function until(running: Running, holds: () => boolean): Promise<void> {
  while (!holds() && running.child.exitCode === null) await pause(3);
}

interface Span {
  /** Milliseconds from the command's beginning to its landing, and to its end. */
  readonly begun: number;
  readonly ended: number;
}

const accepting = ["review", "--accept", "all"];

async function measure(stage: Stage, journal: string): Promise<Span> {
  await stage.ask(["review", "--json"]);
  const start = performance.now();
  const running = stage.start(accepting);
  await until(running, () => existsSync(journal));
  const begun = performance.now() - start;
  await until(running, () => !existsSync(journal));
  const ended = performance.now() - start;
  const { code, errors } = await running.told;
  if (code !== 0) throw new Error(errors);
  return { begun, ended };
}

export async function landing(seed: number) {
  const chance = openChance(seed);
  await using stage = await openStage();
  await furnish(stage);
  const base = git(stage.work, stage.home, ["rev-parse", "main"]).trim();
  const before = digest(stage);
  const [name = ""] = readdirSync(join(stage.state, "staged")).filter((entry) => entry.startsWith("s-"));
  const journal = join(stage.state, "staged", name, "landing.json");
  const span = await measure(stage, journal);
  const after = digest(stage);
  const played: Round[] = [];
  while (played.length < rounds) {
    restore(stage, base);
    await stage.ask(["review", "--json"]);
    const within = played.length % 4 === 0 ? "the command" : "the landing";
    const running = stage.start(accepting);
    if (within === "the landing") await until(running, () => existsSync(journal));
    await pause(chance(Math.ceil(within === "the landing" ? span.ended - span.begun : span.ended)));
    running.child.kill("SIGKILL");
    const killed = (await running.told).code === 137;
    const cut = existsSync(journal);
    await stage.ask(["review", "--json"]);
    const now = digest(stage);
    played.push({ within, killed, cut, end: now === before ? "before" : now === after ? "after" : "mixed" });
    process.stderr.write(`${played.length} ${JSON.stringify(played.at(-1))}\n`);
  }
  return tell(seed, span, played);
}

function tell(seed: number, span: Span, played: readonly Round[]) {
  const count = (holds: (round: Round) => boolean) => played.filter(holds).length;
  const wrong = { mixed: count(({ end }) => end === "mixed"), none: count(({ cut }) => cut) === 0 ? 1 : 0 };
  const found = {
    seed,
    files: directories * each,
    rounds: played.length,
    killed: count(({ killed }) => killed),
    cutShort: count(({ cut }) => cut),
    asBefore: count(({ end }) => end === "before"),
    asAfter: count(({ end }) => end === "after"),
    milliseconds: { untilItLands: Math.round(span.begun), ofTheLanding: Math.round(span.ended - span.begun) },
    wrong,
  };
  return { held: Object.values(wrong).every((number) => number === 0), found };
}
