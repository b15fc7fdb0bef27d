// A checkout's path is led to another project while the session runs, as a session around it can: that project is left alone, and the
// person is told. Needs namespaces.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Stage } from "./stage.ts";

void test("real boundary: what stands in a checkout's place at the end is neither swept nor captured", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const other = join(stage.base, "other");
  mkdirSync(join(other, ".claude"), { recursive: true });
  const own = { "CLAUDE.md": "the person's own\n", ".claude/settings.json": "{}\n", "notes.txt": "private\n" };
  for (const [path, text] of Object.entries(own)) writeFileSync(join(other, path), text);
  const { child, ended } = stage.start(["sh", "-c", "echo > begun; until test -e enough; do sleep 0.05; done"]);
  while (child.exitCode === null && !existsSync(join(stage.work, "begun"))) await pause(20);
  renameSync(stage.work, `${stage.work}-away`);
  symlinkSync(other, stage.work);
  writeFileSync(join(`${stage.work}-away`, "enough"), "");
  const { errors, summary } = await ended;
  assert.match(errors, /is another directory now than when the session began/);
  for (const [path, text] of Object.entries(own)) assert.equal(readFileSync(join(other, path), "utf8"), text);
  assert.equal(summary?.files.undo, false);
  assert.deepEqual(summary?.files.changed, []);
});
