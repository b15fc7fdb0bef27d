// Which trees hold a part of what runs outside.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findPackages, objectToOwnProgram } from "./own-program.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-own-program-")));
after(() => rmSync(base, { recursive: true }));
const code = fileURLToPath(new URL("..", import.meta.url));
const packages = findPackages(code) ?? assert.fail("no packages");

test("the code, its packages, its Node, the system's programs: the tree around, the thing itself, what lies in it", () => {
  const below = [join(code, "session"), join(packages, "koffi"), process.execPath, "/usr/bin/env"];
  for (const tree of [...below, ...below.map((path) => dirname(path)), "/usr"])
    assert.match(objectToOwnProgram([base, tree], undefined)?.message ?? "nothing", new RegExp(`^${tree} would`));
});

test("a tree that is a link to it", () => {
  const link = join(base, "postern");
  symlinkSync(code, link);
  assert.match(objectToOwnProgram([link], undefined)?.message ?? "nothing", new RegExp(`^${link} would`));
});

test("a name it was started by that the tool could lead elsewhere", () => {
  const bin = join(base, "work/node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  const started = join(bin, "postern");
  symlinkSync(join(code, "cli/main.ts"), started);
  assert.match(objectToOwnProgram([join(base, "work")], started)?.message ?? "nothing", /node_modules\/\.bin\/postern/);
  assert.equal(objectToOwnProgram([join(base, "other")], started), undefined);
});

test("anything else is the person's to say", () => {
  assert.equal(objectToOwnProgram([base, join(base, "nothing"), "/srv"], process.argv[1]), undefined);
});
