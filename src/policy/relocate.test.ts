import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readPolicy } from "./read.ts";
import { relocate } from "./relocate.ts";

test("what is said of the checkout is said of the other place, and nothing else changes", async () => {
  const base = mkdtempSync(join(tmpdir(), "postern-relocate-"));
  try {
    const file = join(base, "policy.yaml");
    const text =
      'version: 1\nfiles: { write: [".", "./out", "/srv/x"], read: ["./docs", "/work-other"], toolchains: [node] }\n';
    writeFileSync(file, text);
    const outcome = await readPolicy({
      ...{ organisation: undefined, user: file, repository: undefined, override: undefined, mode: undefined },
      ...{ edits: undefined, workspace: "/work", home: "/home/me", profile: undefined, guarded: [] },
      ...{ trusted: () => false, now: new Date() },
    });
    assert.ok(outcome.ok);
    const moved = relocate(outcome.policy, "/work", "/scratch/w");
    assert.deepEqual(moved.files.write, ["/scratch/w", "/scratch/w/out", "/srv/x"]);
    assert.deepEqual(moved.files.read, ["/scratch/w/docs", "/work-other"]);
    assert.deepEqual(moved.files.rules, {
      "write:/scratch/w": "user:files.write[0]",
      "write:/scratch/w/out": "user:files.write[1]",
      "write:/srv/x": "user:files.write[2]",
      "read:/scratch/w/docs": "user:files.read[0]",
      "read:/work-other": "user:files.read[1]",
      "toolchains:node": "user:files.toolchains[0]",
    });
    assert.deepEqual({ ...moved, files: 0 }, { ...outcome.policy, files: 0 });
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
});
