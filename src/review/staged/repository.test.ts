// A private copy's git directories while another session's tool leads names of the checkout elsewhere: nothing of what lies
// there is copied.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { copyRepositories } from "./repository.ts";

for (const swapped of [false, true])
  test(swapped ? "a directory above it has become a link" : "it is copied, the control", () => {
    const root = mkdtempSync(join(tmpdir(), "postern-copied-"));
    try {
      const [checkout, copy, git] = [join(root, "checkout"), join(root, "copy"), "vendor/sub/.git"];
      for (const at of [`${checkout}/${git}`, join(root, "elsewhere/sub/.git")]) {
        mkdirSync(join(at, "objects"), { recursive: true });
        writeFileSync(join(at, "HEAD"), "ref: refs/heads/main\n");
        writeFileSync(join(at, "config"), at.startsWith(checkout) ? "own" : "canary");
      }
      if (swapped) {
        renameSync(join(checkout, "vendor"), join(checkout, "away"));
        symlinkSync(join(root, "elsewhere"), join(checkout, "vendor"));
      }
      const place = `${checkout}/${git}`;
      const make = () => copyRepositories(checkout, copy, [{ path: git, own: place, common: place }]);
      if (swapped) assert.throws(make, /vendor\/sub\/\.git was led elsewhere/);
      else assert.equal(make().mounts.length, 2);
      const copied = join(copy, "git/0/config");
      assert.equal(existsSync(copied) ? readFileSync(copied, "utf8") : undefined, swapped ? undefined : "own");
    } finally {
      rmSync(root, { recursive: true });
    }
  });
