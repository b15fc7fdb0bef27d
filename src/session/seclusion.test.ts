// Which trees would show the state directory inside.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { leading, showing } from "./seclusion.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-seclusion-")));
const work = join(base, "work");
const state = join(work, ".state");
mkdirSync(join(state, "homes/one"), { recursive: true });
mkdirSync(join(base, "work-two"));
symlinkSync(state, join(base, "link"));
after(() => rmSync(base, { recursive: true }));

test("a tree that holds it, is it, or lies in it", () => {
  for (const tree of [work, base, state, join(state, "homes/one"), "/"]) assert.equal(showing(state, [tree]), tree);
});

test("a link changes nothing, on either side", () => {
  assert.equal(showing(join(base, "link"), [work]), work);
  assert.equal(showing(state, [join(base, "link")]), join(base, "link"));
});

test("trees beside it", () => {
  assert.equal(showing(state, [join(base, "work-two"), "/usr", join(base, "nothing")]), undefined);
});

test("a link on the way to a file, in the file's own name or its directory's, lies in the tree it lies in", () => {
  const [safe, dotfiles] = [join(base, "safe"), join(base, "dotfiles")];
  for (const path of [safe, dotfiles, join(base, "home")]) mkdirSync(path);
  writeFileSync(join(safe, "login.json"), "{}");
  symlinkSync(join(safe, "login.json"), join(dotfiles, "login.json"));
  symlinkSync(dotfiles, join(base, "home/.tool"));
  const file = join(base, "home/.tool/login.json");
  assert.equal(leading(file, [work, dotfiles]), dotfiles);
  assert.equal(leading(file, [join(base, "home/.tool")]), join(base, "home/.tool"));
  assert.equal(leading(file, [join(base, "home")]), join(base, "home"));
  assert.equal(leading(file, [work, safe]), undefined, "only the end of the way is there");
  assert.equal(leading(join(safe, "login.json"), [work, safe]), undefined);
});
