// No program is taken from where a tool can put one.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { searchPath } from "./search-path.ts";

test("what a tool can write into is left out, also by a link, or where nothing is yet; the rest keeps its order", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "postern-path-")));
  try {
    const work = join(folder, "work");
    for (const name of ["work/.venv/bin", "workshop/bin", "own"]) mkdirSync(join(folder, name), { recursive: true });
    symlinkSync(join(work, ".venv/bin"), join(folder, "linked"));
    symlinkSync(work, join(folder, "checkout"));
    const entries = ["", ".", "bin", work, `${work}/.venv/bin`, `${folder}/linked`, `${folder}/own/../work/.venv/bin`];
    const ours = [`${folder}/own`, "/usr/bin", `${folder}/workshop/bin`, realpathSync("/bin")];
    const path = [...entries, ours[0], `${folder}/absent`, ...ours.slice(1, 3), "/bin", ""].join(":");
    for (const writable of [work, join(folder, "checkout")]) assert.equal(searchPath(path, [writable]), ours.join(":"));
    assert.equal(searchPath("/usr/bin", ["/"]), "");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a directory of the tool's that is a link for now is taken for what it leads to", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "postern-path-")));
  try {
    const own = join(folder, "work/.venv/bin");
    mkdirSync(join(folder, "work/.venv"), { recursive: true });
    mkdirSync(join(folder, "tools"));
    symlinkSync(join(folder, "tools"), own);
    const path = searchPath(`${own}:${folder}/work/../work/.venv/bin`, [join(folder, "work")]);
    // what the tool puts there afterwards is not looked at
    assert.equal(path, `${folder}/tools:${folder}/tools`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
