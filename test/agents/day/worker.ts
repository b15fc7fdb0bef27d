// Runs where the day is spent: reads a script a line, runs each by bash in this directory, answers a line each. What a script
// leaves running in the background goes on.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Asked, Done } from "./day.ts";

/** Of what a script says, the end. */
const most = 200_000;

function run({ script, seconds }: Asked): Promise<Done> {
  const began = performance.now();
  const child = spawn("bash", ["-eo", "pipefail", "-c", script], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-most)));
  const late = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), seconds * 1000);
  const { promise, resolve } = Promise.withResolvers<Done>();
  // not `close`: what runs on in the background holds the pipes
  child.on("exit", (code) =>
    setTimeout(() => {
      clearTimeout(late);
      resolve({ code: code ?? -1, said, seconds: (performance.now() - began) / 1000 });
    }, 50),
  );
  return promise;
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line) as Asked))}\n`);
process.exit(0);
