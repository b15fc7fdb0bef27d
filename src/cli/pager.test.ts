// The pager is the person's, and not one that a tool put where it is looked for first.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pagerAround } from "./pager.ts";

test("neither the checkout's programs nor its directory", () => {
  const base = mkdtempSync(join(tmpdir(), "postern-pager-"));
  try {
    const [bin, own, canary] = [join(base, "work/.venv/bin"), join(base, "bin"), join(base, "canary")];
    for (const [place, text] of [
      [bin, `touch ${canary}`],
      [own, "pwd"],
    ] as const) {
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, "shows"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const around = pagerAround({ PATH: `${bin}:.:${own}:/usr/bin:/bin`, LESS: "X" }, join(base, "work"));
    assert.equal(spawnSync("/bin/sh", ["-c", "shows"], { ...around, encoding: "utf8" }).stdout, "/\n");
    assert.equal(existsSync(canary), false, "the tool's pager was started");
    assert.deepEqual([around.env.LESS, around.env.LESSSECURE], ["X", "1"]);
  } finally {
    rmSync(base, { recursive: true });
  }
});
