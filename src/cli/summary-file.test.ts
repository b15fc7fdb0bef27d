// The summary is written where the person said, and nowhere a tool leads it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openSummaryFile } from "./summary-file.ts";

const base = mkdtempSync(join(tmpdir(), "postern-summary-"));
const precious = join(base, "precious");
writeFileSync(precious, "mine");
after(() => rmSync(base, { recursive: true }));

test("a new file, and one written over", () => {
  const file = join(base, "plain.json");
  for (const text of ["a longer one", "one"]) {
    using summary = openSummaryFile(file);
    summary.write(text);
    assert.equal(readFileSync(file, "utf8"), text);
  }
});

test("a link put in its place is not followed", () => {
  using summary = openSummaryFile(join(base, "out.json"));
  symlinkSync(precious, join(base, "out.json"));
  assert.throws(() => summary.write("evil"), { code: "summary" });
  assert.equal(readFileSync(precious, "utf8"), "mine");
});

test("its directory replaced by a link leads nowhere else", () => {
  mkdirSync(join(base, "out"));
  mkdirSync(join(base, "target"));
  writeFileSync(join(base, "target/s.json"), "mine");
  using summary = openSummaryFile(join(base, "out/s.json"));
  renameSync(join(base, "out"), join(base, "moved"));
  symlinkSync(join(base, "target"), join(base, "out"));
  summary.write("told");
  assert.equal(readFileSync(join(base, "target/s.json"), "utf8"), "mine");
  assert.equal(readFileSync(join(base, "moved/s.json"), "utf8"), "told");
});

test("a pipe put in its place does not hold us up", () => {
  using summary = openSummaryFile(join(base, "pipe"));
  assert.equal(spawnSync("mkfifo", [join(base, "pipe")]).status, 0);
  assert.throws(() => summary.write("x"), { code: "summary" });
});

test("a directory that is not there is said before anything runs", () => {
  assert.throws(() => openSummaryFile(join(base, "nothing/s.json")), { code: "summary" });
});
