// What it costs to start a program once a boundary stands: one loop of spawn, exec and wait of a program that does nothing,
// in the open, under bare bubblewrap, under strace, and inside a whole session with every one recorded; in turn.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "./figures.ts";
import { type Command, finish } from "./process.ts";
import type { Rivals } from "./rivals.ts";

export interface ExecCost {
  readonly name: string;
  /** Microseconds from spawn to the end of one program. */
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
}

export interface ExecCosts {
  readonly rows: readonly ExecCost[];
  readonly missing: readonly string[];
}

const nothing = "int main(void) { return 0; }\n";
const loop = `#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
extern char **environ;
static int order(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return x < y ? -1 : x > y; }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }
int main(int count, char **given) {
  int rounds = atoi(given[2]), status; char *words[] = {given[1], "one", "two", 0};
  double *times = malloc(rounds * sizeof *times), sum = 0; pid_t child;
  for (int at = 0; at < rounds; at++) {
    double began = now();
    if (posix_spawn(&child, given[1], 0, 0, words, environ)) return 1;
    waitpid(child, &status, 0);
    sum += times[at] = now() - began;
  }
  qsort(times, rounds, sizeof *times, order);
  printf("{\\"p50\\":%.1f,\\"p99\\":%.1f,\\"mean\\":%.1f}\\n", times[rounds / 2], times[rounds * 99 / 100], sum / rounds);
  return 0;
}
`;

export async function measureExecs(rivals: Rivals, cli: string, rounds: number): Promise<ExecCosts> {
  const missing: string[] = [];
  const [workspace, state] = ["work-", "state-"].map((name) => mkdtempSync(join(rivals.cache, name)));
  if (workspace === undefined || state === undefined) throw new Error("no directory");
  const seen = new Map<string, Omit<ExecCost, "name">[]>();
  try {
    if (!(await compile(workspace))) return { rows: [], missing: ["exec: gcc is not here"] };
    const env = { HOME: rivals.home, POSTERN_HOME: state };
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, argv] of contenders(rivals, cli, workspace)) {
        const ended = await finish({ argv, env, cwd: workspace });
        const line = /\{"p50".*\}/.exec(ended.stdout)?.[0];
        if (line === undefined)
          missing.push(`exec: ${name} ended with ${ended.code}: ${ended.stderr.trim().slice(-300)}`);
        else seen.set(name, [...(seen.get(name) ?? []), JSON.parse(line) as Omit<ExecCost, "name">]);
      }
    }
  } finally {
    for (const directory of [workspace, state]) rmSync(directory, { recursive: true, force: true });
  }
  const rows = [...seen].map(([name, all]) => ({
    name,
    p50: median(all.map(({ p50 }) => p50)),
    p99: median(all.map(({ p99 }) => p99)),
    mean: median(all.map(({ mean }) => mean)),
  }));
  return { rows, missing: [...new Set(missing)] };
}

async function compile(folder: string): Promise<boolean> {
  for (const [name, text] of [
    ["nothing", nothing],
    ["loop", loop],
  ] as const) {
    writeFileSync(join(folder, `${name}.c`), text);
    const argv = ["gcc", "-O2", "-static", "-o", join(folder, name), join(folder, `${name}.c`)];
    if ((await finish({ argv })).code !== 0) return false;
  }
  return true;
}

function contenders(rivals: Rivals, cli: string, folder: string): readonly [string, Command["argv"]][] {
  const inner = (times: number) => [join(folder, "loop"), join(folder, "nothing"), String(times)];
  const trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=execve,execveat"];
  const view = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"];
  const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
  return [
    ["nothing", inner(2_000)],
    ["bare bubblewrap", ["bwrap", "--unshare-all", "--die-with-parent", ...view, ...inner(2_000)]],
    ...(rivals.has("strace")
      ? ([
          ["strace -f", [...trace, ...inner(500)]],
          ["strace -f --seccomp-bpf", [...trace, "--seccomp-bpf", ...inner(500)]],
        ] satisfies [string, Command["argv"]][])
      : []),
    ["postern, each recorded", [...node, cli, "run", "--headless", "--", ...inner(2_000)]],
  ];
}
