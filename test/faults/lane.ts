// A lane of rounds, in a mount namespace of its own with a small disk for everything a round makes, so that it can be full.
// Takes one JSON argument (`Lane`); sends each round as it is over. Started by `runLane`, never by hand.

import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adoptOrphans, descendants, openChance } from "../journeys/kill-rounds.ts";
import { openAgent } from "./agent.ts";
import { signal } from "./kind.ts";
import { kinds } from "./kinds/all.ts";
import { openPerson } from "./person.ts";
import { openPlace } from "./place.ts";
import { playRound, type Round } from "./round.ts";
import { buildShim } from "./shim.ts";

export interface Lane {
  readonly base: string;
  /** Whoever runs it is the machine's root. */
  readonly root: boolean;
  /** Numbers of lanes that are played at once differ: theirs is the ordinary user's, so that nobody else counts for its bounds. */
  readonly lane: number;
  /** The person whose sessions these are is no root. */
  readonly ordinary?: boolean;
  /** The command line as built, instead of from source. */
  readonly built?: string;
  readonly seed: number;
  /** Names of the kinds, in order. */
  readonly rounds: readonly string[];
  /** Each strikes while the tool works, none while the boundary is being built. */
  readonly working?: boolean;
}

/** Of everything one lane makes at a time: checkout, state, private copy. */
const diskSize = "96m";

/** Milliseconds of one round, whatever happens in it. */
const longest = 300_000;

/** Rejects where the lane itself broke, or was to end before its last round. */
export async function runLane(
  order: Omit<Lane, "base" | "root">,
  heard: (round: Round) => void,
  end?: AbortSignal,
): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), "postern-lane-"));
  const root = process.getuid?.() === 0;
  const apart = root ? ["-m"] : ["-Urm"];
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", import.meta.filename];
  const lane: Lane = { base, root, ...order };
  const child = spawn("unshare", [...apart, ...node, JSON.stringify(lane)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // the terminal's Ctrl-C is not for what works there: whoever started the lane ends it
    detached: true,
  });
  child.on("message", (round) => heard(round as Round));
  const stop = (): void => child.disconnect();
  end?.addEventListener("abort", stop);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  // its mount has gone with it
  rmSync(base, { recursive: true, force: true });
  end?.removeEventListener("abort", stop);
  if (code !== 0) throw new Error(`a lane of rounds ended with ${String(code)}`);
}

async function main({ base, seed, rounds, working = false, ...more }: Lane): Promise<void> {
  adoptOrphans();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${diskSize},mode=0755`, "tmpfs", base]);
  const library = buildShim(base);
  mkdirSync(join(base, "world"));
  process.env["TMPDIR"] = base;
  await using place = await openPlace(join(base, "world"));
  await using agent = await openAgent(place, base);
  const person = openPerson(more);
  const program = more.built === undefined ? undefined : writeProgram(more.built, base);
  if (person.uid !== undefined) chownSync(agent.key, person.uid, person.uid);
  const chance = openChance(seed);
  for (const [at, name] of rounds.entries()) {
    const known = kinds.find((each) => each.name === name);
    if (known === undefined) throw new Error(`no such fault: ${name}`);
    const kind = working ? { ...known, working } : known;
    const edits = chance(3) === 0 ? "staged" : "live";
    const played = playRound(
      { tag: `r${seed}-${at}`, kind, edits, chance },
      { place, library, agent, person, program },
    );
    const round = await inTime(played, `${name}, ${edits}`);
    await new Promise((resolve) => process.send?.(round, undefined, undefined, resolve));
  }
}

/** Starts the command line that was built, as `./postern` does the sources. */
function writeProgram(built: string, base: string): string {
  const program = join(base, "postern");
  const node = `exec ${process.execPath} --disable-warning=ExperimentalWarning ${built} "$@"`;
  writeFileSync(program, `#!/bin/sh\n${node}\n`, { mode: 0o755 });
  return program;
}

/** A round bounds everything it waits for; one that does not end is the harness's own fault, and breaks the lane. */
async function inTime<Value>(round: Promise<Value>, what: string): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`a round stood still: ${what}`)), longest);
  return Promise.race([round, late.promise]).finally(() => clearTimeout(timer));
}

/** Whatever a lane that is over has left running, the world outside among it. */
function endAll(): void {
  for (const { pid } of descendants(process.pid)) signal(pid, "SIGKILL");
}

if (process.argv[1] === import.meta.filename) {
  process.on("exit", endAll);
  process.on("disconnect", () => process.exit(1));
  await main(JSON.parse(process.argv[2] ?? "") as Lane);
  process.exit(0);
}
