// What it costs to start nothing at all: `true`, under each boundary, in turn, so that whatever else this machine does
// falls on all of them alike.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { median, quantile } from "./figures.ts";
import { type Command, finish } from "./process.ts";
import type { Rivals } from "./rivals.ts";

export interface StartCost {
  readonly name: string;
  readonly runs: number;
  /** Milliseconds from spawn to exit. */
  readonly median: number;
  readonly least: number;
  readonly p90: number;
}

export interface StartCosts {
  readonly rows: readonly StartCost[];
  readonly missing: readonly string[];
}

export async function measureStart(rivals: Rivals, cli: string, rounds: number): Promise<StartCosts> {
  // not under /tmp: every boundary treats that in its own way
  const workspace = mkdtempSync(join(rivals.cache, "start-"));
  const state = mkdtempSync(join(rivals.cache, "state-"));
  const env = { HOME: rivals.home };
  const contenders = commands(rivals, cli);
  const missing = ["bare bubblewrap", "srt", "codex sandbox", "postern"]
    .filter((name) => !contenders.some(([one]) => one === name))
    .map((name) => `${name}: not here`);
  const times = new Map(contenders.map(([name]) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, argv] of contenders) {
      const ended = await finish({ argv, env: { ...env, POSTERN_HOME: state }, cwd: workspace });
      if (ended.code !== 0) {
        missing.push(`${name} ended with ${ended.code}: ${ended.stderr.trim().slice(-300)}`);
        times.delete(name);
        contenders.splice(
          contenders.findIndex(([one]) => one === name),
          1,
        );
        break;
      }
      // the first round warms caches and is not counted
      if (round >= 0) times.get(name)?.push(ended.milliseconds);
    }
  }
  for (const directory of [workspace, state]) rmSync(directory, { recursive: true, force: true });
  const rows = [...times].map(([name, values]) => ({
    name,
    runs: values.length,
    median: median(values),
    least: Math.min(...values),
    p90: quantile(values, 0.9),
  }));
  return { rows, missing };
}

function commands(rivals: Rivals, cli: string): [string, Command["argv"]][] {
  const node = process.execPath;
  const srt = rivals.entry("@anthropic-ai/sandbox-runtime", "dist/cli.js");
  const codex = rivals.entry("@openai/codex", "bin/codex.js");
  const view = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"];
  const list: [string, Command["argv"]][] = [["nothing", ["true"]]];
  if (rivals.has("bwrap"))
    list.push(["bare bubblewrap", ["bwrap", "--unshare-all", "--die-with-parent", ...view, "true"]]);
  if (srt !== undefined && rivals.has("rg") && rivals.has("socat")) list.push(["srt", [node, srt, "-c", "true"]]);
  if (codex !== undefined) list.push(["codex sandbox", [node, codex, "sandbox", "--", "true"]]);
  if (existsSync(cli))
    list.push(["postern", [node, "--disable-warning=ExperimentalWarning", cli, "run", "--headless", "--", "true"]]);
  return list;
}
