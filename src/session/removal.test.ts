// A tree is removed while somebody who still writes there puts links in names' places: nothing behind one is changed.

import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock, test } from "node:test";
import { removeTree } from "./removal.ts";

/** `at`: the call after which, or before which, a name is led elsewhere. */
for (const [what, at] of [
  ["the directory whose mode is about to change", "chmodSync"],
  ["the directory that was just listed", "readdirSync"],
] as const)
  test(`${what} becomes a link`, () => {
    const root = fs.mkdtempSync(join(tmpdir(), "postern-removal-"));
    const [tree, victim] = [join(root, "tree"), join(root, "victim")];
    for (const place of [join(tree, "a"), victim]) {
      fs.mkdirSync(join(place, "sub"), { recursive: true });
      fs.chmodSync(join(place, "sub"), 0o500);
    }
    if (at === "chmodSync") for (const place of [join(tree, "a"), victim]) fs.chmodSync(place, 0o500);
    let swapped = false;
    const swap = (): void => {
      if (swapped) return;
      swapped = true;
      fs.renameSync(join(tree, "a"), join(root, "away"));
      fs.symlinkSync(victim, join(tree, "a"));
    };
    const original = fs[at] as (...given: readonly unknown[]) => unknown;
    const mocked = mock.method(fs, at, (...given: readonly unknown[]) => {
      if (at === "chmodSync") swap();
      const answer = original(...given);
      const listed = Array.isArray(answer) && answer.some((each: { readonly name?: string }) => each.name === "sub");
      if (listed) swap();
      return answer;
    });
    syncBuiltinESMExports();
    try {
      removeTree(tree);
    } finally {
      mocked.mock.restore();
      syncBuiltinESMExports();
    }
    try {
      assert.equal(swapped, true);
      assert.equal(fs.existsSync(tree), false);
      const modes = [victim, join(victim, "sub")].map((place) => fs.statSync(place).mode & 0o777);
      assert.deepEqual(modes, at === "chmodSync" ? [0o500, 0o500] : [0o755 & ~process.umask(), 0o500]);
    } finally {
      for (const place of [victim, join(victim, "sub"), join(root, "away"), join(root, "away/sub")])
        fs.chmodSync(place, 0o700);
      fs.rmSync(root, { recursive: true, force: true });
    }
  });

test("what is unwritable goes, however deep", () => {
  const root = fs.mkdtempSync(join(tmpdir(), "postern-removal-"));
  const deep = join(root, "a/b/c");
  fs.mkdirSync(deep, { recursive: true });
  fs.writeFileSync(join(deep, "file"), "x", { mode: 0o400 });
  for (const place of ["a/b/c", "a/b", "a"]) fs.chmodSync(join(root, place), 0o100);
  removeTree(root);
  assert.equal(fs.existsSync(root), false);
});
