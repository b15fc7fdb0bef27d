// A long run's result speaks for the sources it was made with: once those have changed, for fourteen days more.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Battery, writePage } from "./battery/page.ts";
import type { Kept } from "./conformance/fuzz.ts";
import { digestReached, reachedFrom } from "./conformance/reached.ts";
import { digestFolders, readResults, root } from "./conformance/results.ts";
import { targets } from "./fuzz/targets/all.ts";

const days = 24 * 60 * 60 * 1000;
const history = spawnSync("git", ["-C", root, "log", "-1"], { stdio: "ignore" }).status === 0;

for (const { name, date, held, sources } of readResults())
  void test(`${name}: held, and about this code`, {
    skip: history ? false : "no history here to tell when sources changed",
  }, () => {
    assert.ok(held);
    if (digestFolders(sources.folders) === sources.sha256) return;
    const changed = execFileSync("git", ["-C", root, "log", "-1", "--format=%cI", "--", ...sources.folders], {
      encoding: "utf8",
    });
    const age = Date.parse(changed.trim()) - Date.parse(date);
    assert.ok(age <= 14 * days, `sources changed ${Math.round(age / days)} days after it: npm run conformance ${name}`);
  });

/** The newest commit of these files, or the first where `first`. */
function commitOf(paths: readonly string[], first = false): number {
  const args = ["-C", root, "log", "--format=%cI", ...(first ? ["--diff-filter=A"] : []), "--", ...paths];
  return Date.parse(execFileSync("git", args, { encoding: "utf8" }).trim().split("\n")[0] ?? "");
}

void test("fuzz: each parser's row is about the code that it reaches, and none is lacking for long", {
  skip: history ? false : "no history here to tell when sources changed",
}, () => {
  const kept = readResults().find(({ name }) => name === "fuzz");
  assert.ok(kept);
  const { parsers } = kept.found as unknown as Kept;
  assert.ok(Object.keys(targets).length > 0);
  for (const name of Object.keys(targets)) {
    const [row, reached] = [parsers[name], reachedFrom([`test/fuzz/targets/${name}.ts`])];
    if (row?.sources === digestReached([`test/fuzz/targets/${name}.ts`])) continue;
    const since = row === undefined ? commitOf([`test/fuzz/targets/${name}.ts`], true) : Date.parse(row.tried);
    const age = commitOf(reached) - since;
    // of what was never committed no age is known
    assert.ok(!(age > 14 * days), `${name}: npm run conformance fuzz -- --target ${name}`);
  }
});

void test("the battery's page is what its result says", () => {
  const kept = readResults().find(({ name }) => name === "battery");
  assert.ok(kept);
  assert.equal(readFileSync(join(root, "docs/battery.md"), "utf8"), writePage(kept.found as unknown as Battery));
});

void test("a digest tells one change from none", () => {
  assert.equal(digestFolders(["src/domain"]), digestFolders(["src/domain"]));
  assert.notEqual(digestFolders(["src/domain"]), digestFolders(["src/decision"]));
});

void test("what a file reaches is what it imports, and what that imports", () => {
  const reached = reachedFrom(["test/fuzz/targets/hello.ts"]);
  assert.ok(reached.includes("test/fuzz/target.ts"));
  assert.ok(reached.includes("src/gateway/opening/hello.ts"), reached.join());
  assert.ok(reached.includes("src/gateway/limits.ts"), "what is imported by what is imported");
  assert.ok(!reached.some((path) => path.startsWith("src/policy/")));
  assert.notEqual(digestReached(["test/fuzz/targets/hello.ts"]), digestReached(["test/fuzz/targets/names.ts"]));
});
