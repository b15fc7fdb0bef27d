// In the guest, as root: the tests in `own/`. Says a line of JSON for each. Started by guest/begin, never by hand.

import { join } from "node:path";
import { run } from "node:test";
import type { OwnTest, Told } from "./inside.ts";
import { ownTests } from "./orders.ts";

const root = new URL("../..", import.meta.url).pathname;

if (process.argv[1] === import.meta.filename) await tryThem();

async function tryThem(): Promise<void> {
  const stream = run({ files: ownTests.map((file) => join(root, file)), concurrency: 1 });
  stream.on("test:pass", ({ name }) => say({ name, passed: true }));
  stream.on("test:fail", ({ name, details }) => say({ name, passed: false, why: String(details.error.cause) }));
  for await (const _ of stream);
}

function say(test: OwnTest): void {
  process.stdout.write(`${JSON.stringify({ kind: "test", ...test } satisfies Told)}\n`);
}
