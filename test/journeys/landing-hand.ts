// A process of its own that takes one landing through, and is killed while it does: says `ready`, begins when it is told,
// says `landed`. A thread of its own deals the blow: whoever told it may be busy, and would come late.

import { readFileSync } from "node:fs";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { parseJournal } from "../../src/review/landing/journal.ts";
import { land } from "../../src/review/landing/land.ts";
import { parseCopy } from "../../src/review/staged/record.ts";
import type { Blow } from "./landing-rounds.ts";

if (isMainThread) await wait();
else
  parentPort?.once("message", ({ after, all }: Blow) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, after);
    process.kill(all ? -process.pid : process.pid, "SIGKILL");
  });

async function wait(): Promise<void> {
  const [directory = "", file = ""] = process.argv.slice(2);
  const copy = parseCopy(readFileSync(`${directory}/record.json`, "utf8"), directory);
  const journal = parseJournal(readFileSync(file, "utf8"));
  const executioner = new Worker(new URL(import.meta.url));
  await new Promise((resolve) => executioner.once("online", resolve));
  process.once("message", (blow: Blow | "nobody") => {
    if (copy === undefined || journal === undefined) process.exit(2);
    if (blow !== "nobody") executioner.postMessage(blow);
    const began = performance.now();
    void land(copy, journal).then((landed) => {
      const whole = "kind" in landed && landed.kind === "landed";
      process.send?.(whole ? performance.now() - began : JSON.stringify(landed));
      setTimeout(() => process.exit(), 10_000);
    });
  });
  process.send?.("ready");
}
