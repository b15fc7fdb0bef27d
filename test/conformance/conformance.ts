// `npm run conformance [NAME…]`: the long runs, all or those named; each leaves its result in conformance/results/. Exit 1
// where one found what must not be. Of fuzzing: `-- --minutes N` for each parser (10), `--at-once N` (1), `--seed N`, `--target NAME`
// for that one alone, `--changed` for those whose sources are not those kept, and what is kept of the others stays. Of faults: `-- --rounds N` (500), `--seed N`, `--only WORD`; of less than
// all of them no result is left. Of covert text: `-- --requests N` of each agent (200), `--only AGENT,…`; of less no result is left. Of the battery: `--only ID,…` tries these again, and what is kept of the others stays. Of the
// detection: `-- --rules F`, gitleaks' published rules, to be compared with. Of the
// kernel: `-- --decisive` for those of `npm test` alone, `--root` for ours as root too, `--at-once N` machines.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writePage } from "../battery/page.ts";
import { writePage as writeDetection } from "../detection/page.ts";
import { type Kernels, writePage as writeKernels } from "../kernel/page.ts";
import * as probing from "./battery.ts";
import * as carrying from "./covert.ts";
import * as removing from "./defences.ts";
import * as detecting from "./detection.ts";
import * as faulting from "./faults.ts";
import * as fuzzing from "./fuzz.ts";
import * as booting from "./kernel.ts";
import * as killing from "./kills.ts";
import * as landings from "./landing.ts";
import { digestFolders, keepResult, type Result, readResults, root } from "./results.ts";

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "10" },
    "at-once": { type: "string", default: "1" },
    seed: { type: "string" },
    rounds: { type: "string", default: "500" },
    requests: { type: "string", default: "200" },
    only: { type: "string", default: "" },
    decisive: { type: "boolean", default: false },
    root: { type: "boolean", default: false },
    rules: { type: "string", default: "" },
    target: { type: "string", multiple: true, default: [] },
    changed: { type: "boolean", default: false },
  },
});
const seed = (): number => Number(values.seed ?? Date.now() % 1_000_000);
const runs = {
  battery: {
    folders: probing.folders,
    run: async () => {
      const only = values.only.split(",").filter(Boolean);
      const kept = only.length === 0 ? undefined : readResults().find(({ name }) => name === "battery");
      const result = await probing.battery(only, kept?.found as Parameters<typeof probing.battery>[1]);
      writeFileSync(join(root, "docs/battery.md"), writePage(result.found));
      return { ...result, sources: kept?.sources };
    },
  },
  covert: {
    folders: carrying.folders,
    run: () =>
      carrying.covert({
        seed: seed(),
        requests: Number(values.requests),
        only: values.only.split(",").filter(Boolean),
      }),
  },
  defences: { folders: removing.folders, run: () => removing.removals() },
  detection: {
    folders: detecting.folders,
    run: () => {
      const { held, found } = detecting.detection(seed(), values.rules);
      writeFileSync(join(root, "docs/detection.md"), writeDetection(found, new Date().toISOString()));
      return Promise.resolve({ held, found: { ...found } });
    },
  },
  faults: {
    folders: faulting.folders,
    run: () => faulting.faults({ seed: seed(), rounds: Number(values.rounds), only: values.only }),
  },
  fuzz: {
    folders: fuzzing.folders,
    run: async () => {
      const [minutes, atOnce] = [Number(values.minutes), Number(values["at-once"])];
      const kept = readResults().find(({ name }) => name === "fuzz");
      const before = kept?.found as fuzzing.Kept | undefined;
      const only = values.changed ? fuzzing.changedSince(before) : values.target;
      if (only.length === 0 && values.changed) throw new Error("the sources of every target are those kept");
      const amount = { seed: seed(), minutes, atOnce, only };
      const fuzzed = await fuzzing.fuzz(amount, only.length === 0 ? undefined : before);
      const all = fuzzing.changedSince(fuzzed.found).length === 0;
      return { ...fuzzed, sources: all ? undefined : kept?.sources };
    },
  },
  kernel: {
    folders: booting.folders,
    run: async () => {
      const { decisive, root: asRoot, "at-once": atOnce } = values;
      const only = values.only.split(",").filter(Boolean);
      const kept = only.length === 0 ? undefined : readResults().find(({ name }) => name === "kernel");
      const wishes = { decisive, asRoot, atOnce: Number(atOnce), only };
      const result = await booting.kernels(wishes, kept?.found as Kernels | undefined);
      writeFileSync(join(root, "docs/kernels.md"), writeKernels(result.found, new Date().toISOString()));
      return { held: result.held, found: { ...result.found }, sources: kept?.sources };
    },
  },
  kills: { folders: killing.folders, run: () => killing.kills(seed()) },
  landing: { folders: landings.folders, run: () => landings.landing(seed()) },
} as const;

interface Outcome extends Pick<Result, "held" | "found"> {
  /** Less than all of it leaves no result. */
  readonly whole?: boolean;
  /** Those of the oldest part of it, where it was made in parts. */
  readonly sources?: Result["sources"] | undefined;
}

for (const [name, { folders, run }] of Object.entries(runs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const now = { folders, sha256: digestFolders(folders) };
  const { held, found, whole = true, sources = now }: Outcome = await run();
  const kept = whole ? keepResult(name, { sources, held, found }) : "no result is kept of a part";
  process.stdout.write(`${held ? "held" : "NOT HELD"}  ${name}  ${kept}\n`);
  if (!held) process.exitCode = 1;
}
