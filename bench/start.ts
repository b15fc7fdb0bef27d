// How long the walls take: enterBoundary and run of `true`, as one JSON line of medians in milliseconds, from source and
// bundled as published (helper and CLI without type stripping), beside bare bubblewrap and a bare Node start.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import type { EnterBoundary, Plan } from "../src/boundary/contract.ts";
import { enterBoundary } from "../src/boundary/linux/enter.ts";
import { bystander } from "../src/boundary/linux/watch/bystander.ts";

const runs = 20;
const root = fileURLToPath(new URL("../", import.meta.url));
const plan: Plan = {
  mounts: [],
  identity: { uid: 1_000, gid: 1_000, name: "dev", home: "/tmp", shell: "/bin/sh" },
  environment: { PATH: "/usr/bin:/bin" },
  directory: "/tmp",
  authority: "",
};

interface Times {
  readonly enter: number;
  readonly run: number;
  readonly total: number;
  /** Putting everything away again, after the tool has ended. */
  readonly leave: number;
}

async function once(enter: EnterBoundary): Promise<Times> {
  const began = performance.now();
  const walls = await enter(plan);
  const entered = performance.now();
  const { code } = await walls.run(["true"], bystander());
  const ended = performance.now();
  await walls[Symbol.asyncDispose]();
  if (code !== 0) throw new Error(`true ended with ${code}`);
  return { enter: entered - began, run: ended - entered, total: ended - began, leave: performance.now() - ended };
}

async function measure(enter: EnterBoundary): Promise<Record<string, number>> {
  await once(enter);
  const times: Times[] = [];
  for (let turn = 0; turn < runs; turn += 1) times.push(await once(enter));
  const of = (name: keyof Times): number => median(times.map((time) => time[name]));
  return { enter: of("enter"), run: of("run"), total: of("total"), leave: of("leave") };
}

function median(values: readonly number[]): number {
  return Math.round((values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN) * 10) / 10;
}

function command(program: string, ...args: string[]): number {
  const times = Array.from({ length: runs }, () => {
    const began = performance.now();
    execFileSync(program, args);
    return performance.now() - began;
  });
  return median(times);
}

async function bundle(folder: string): Promise<EnterBoundary> {
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [name, entry] of [
    ["enter", "enter.ts"],
    ["boundary-helper", "helper.ts"],
  ] as const) {
    const built = await rolldown({
      input: join(root, "src/boundary/linux", entry),
      platform: "node",
      external: ["koffi"],
    });
    await built.write({ file: join(folder, `${name}.js`), format: "esm", codeSplitting: false });
  }
  const module: { readonly enterBoundary: EnterBoundary } = await import(pathToFileURL(join(folder, "enter.js")).href);
  return module.enterBoundary;
}

const folder = mkdtempSync(join(root, "node_modules/.postern-start-"));
try {
  const results = {
    unit: "ms, median",
    runs,
    source: await measure(enterBoundary),
    bundled: await measure(await bundle(folder)),
    bubblewrap: command(
      "/usr/bin/bwrap",
      "--unshare-all",
      "--ro-bind",
      "/",
      "/",
      "--dev",
      "/dev",
      "--proc",
      "/proc",
      "true",
    ),
    node: command(process.execPath, "-e", "0"),
  };
  process.stdout.write(`${JSON.stringify(results)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
