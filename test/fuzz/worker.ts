// The thread in which one target runs: reached code is counted before the target is loaded.

import { parentPort, workerData } from "node:worker_threads";
import { openChance } from "../journeys/chance.ts";
import { openPlate, type Report, type Task } from "./attendant.ts";
import { readCorpus } from "./corpus.ts";
import { openCoverage } from "./coverage.ts";
import { fuzz } from "./loop.ts";
import { loadTarget } from "./targets/all.ts";

const { task, shared } = workerData as { readonly task: Task; readonly shared: SharedArrayBuffer };
const root = new URL("../../", import.meta.url).href;
const plate = openPlate(shared);
const { covers, load } = loadTarget(task.target);
const coverage = task.guided ? openCoverage(root, covers) : undefined;
const target = await load();
const { found, inputs } = readCorpus(task.target);
const { budget } = task;
const until = "milliseconds" in budget ? performance.now() + budget.milliseconds : 0;
const ran = await fuzz(target, {
  chance: openChance(task.seed),
  corpus: [
    ...(task.first ?? []).map((text) => Buffer.from(text, "latin1")),
    ...found.map(({ input }) => input),
    ...inputs,
  ],
  coverage,
  begins: plate.put,
  goesOn: (runs) => ("runs" in budget ? runs < budget.runs : performance.now() < until),
});
await target.close?.();
const { reached, known } = coverage?.total() ?? { reached: 0, known: 0 };
const { runs, outcomes, kept, broken } = ran;
const report: Report = {
  runs,
  outcomes,
  kept: kept.map((input) => input.toString("latin1")),
  reached,
  known,
  broken: broken && { input: broken.input.toString("latin1"), why: broken.why },
};
parentPort?.postMessage(report);
