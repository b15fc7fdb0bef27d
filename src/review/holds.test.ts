// Which directories are bound on themselves beside git's own, so that what is held in them cannot be moved away with them.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { holds } from "./holds.ts";

test("what a pattern names above a held file cannot be moved away; other parents can", () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "postern-holds-")));
  try {
    for (const path of [".github/workflows/ci.yml", "a/.yarn/releases/y.cjs", "src/AGENTS.md"]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), path);
    }
    const writes = holds(findControlFiles(root)).filter(({ kind }) => kind === "write");
    assert.deepEqual(
      writes.map(({ path }) => path),
      [join(root, ".github"), join(root, "a/.yarn")],
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});
