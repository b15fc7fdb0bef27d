// Whose directory compiled code may be taken from.

import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isPrivate } from "./compiled.ts";

const base = mkdtempSync(join(tmpdir(), "postern-compiled-"));
after(() => rmSync(base, { recursive: true }));

test("its owner's alone", () => {
  chmodSync(base, 0o700);
  assert.equal(isPrivate(base), true);
});

for (const mode of [0o750, 0o705, 0o720, 0o702, 0o710])
  test(`not one with mode ${mode.toString(8)}`, () => {
    chmodSync(base, mode);
    assert.equal(isPrivate(base), false);
    chmodSync(base, 0o700);
  });

test("not what is missing or no directory", () => {
  assert.equal(isPrivate(join(base, "missing")), false);
  writeFileSync(join(base, "file"), "", { mode: 0o600 });
  assert.equal(isPrivate(join(base, "file")), false);
});

const root = process.getuid?.() === 0;
test("not another's (needs root)", { skip: root ? false : "only root can give a directory away" }, () => {
  const other = mkdtempSync(join(base, "other-"));
  chownSync(other, 4711, 4711);
  assert.equal(isPrivate(other), false);
  symlinkSync(other, join(base, "link"));
  assert.equal(isPrivate(join(base, "link")), false);
});
