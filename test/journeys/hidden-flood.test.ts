// A tool that changes files faster than the kernel tells: hidden names that come meanwhile are covered all the same, and on the
// record. What it could read is what it left in the checkout.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { openStage, readLog } from "./fault-stage.ts";

const many = 60;

/** `$1` seconds long, on two files by turns, for the kernel joins what is the same twice. */
const writer = `perl -e 'open $a, ">", "flood/a$$"; open $b, ">", "flood/b$$"; $end = time + $ARGV[0];
  while (time < $end) { for (1 .. 1000) { syswrite $a, "x"; syswrite $b, "x" } }' "$1" &`;

test("live: what comes by a hidden name during a flood of changes is covered, and told", {
  timeout: 120_000,
}, async () => {
  await using stage = await openStage();
  const policy = join(stage.base, "hiding.yaml");
  const given = JSON.parse(readFileSync(stage.policy, "utf8")) as object;
  writeFileSync(policy, JSON.stringify({ ...given, files: { hide: ["*.pem"] } }));
  for (const name of ["flood", "late"]) mkdirSync(join(stage.work, name));
  const script = `${writer} ${writer} ${writer} echo >begun; wait; until test -e went; do sleep 0.1; done
    cat late/*.pem >loot 2>/dev/null; true`;
  const running = stage.start(["run", "--policy", policy, "--", "sh", "-c", script, "sh", "4"]);
  while (!existsSync(join(stage.work, "begun"))) await wait(20);
  for (let at = 0; at < many; at += 1) {
    writeFileSync(join(stage.work, `late/${at}.pem`), `canary-${at}\n`);
    await wait(40);
  }
  await wait(7_000);
  writeFileSync(join(stage.work, "went"), "");
  const { code, errors } = await running.told;
  assert.equal(code, 0, errors);
  assert.equal(readFileSync(join(stage.work, "loot"), "utf8"), "");
  const told = await readLog(stage, ["--kind", "hidden-file"]);
  const paths = told.map(({ sealed }) => `${String(sealed?.["path"])} ${String(sealed?.["why"]).slice(0, 12)}`);
  assert.equal(new Set(paths.filter((path) => path.endsWith("hidden since"))).size, many, paths.join("\n"));
});
