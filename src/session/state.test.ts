// Where the state lies, and that it is nobody else's to read.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openState } from "./state.ts";
import { stateDirectory } from "./state-directory.ts";

const base = mkdtempSync(join(tmpdir(), "postern-state-"));
after(() => rmSync(base, { recursive: true }));

test("POSTERN_HOME, else XDG_STATE_HOME, else below the home; relative ones do not count", () => {
  assert.equal(stateDirectory({ POSTERN_HOME: "/a", XDG_STATE_HOME: "/b" }, "/h"), "/a");
  assert.equal(stateDirectory({ XDG_STATE_HOME: "/b" }, "/h"), "/b/postern");
  assert.equal(stateDirectory({ POSTERN_HOME: "a", XDG_STATE_HOME: "b" }, "/h"), "/h/.local/state/postern");
});

test("it is made for its owner alone", () => {
  const { directory } = openState(join(base, "new/deep"));
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test("one that others may read is refused, with the remedy", () => {
  const shared = join(base, "shared");
  openState(shared);
  chmodSync(shared, 0o755);
  assert.throws(() => openState(shared), { code: "state-shared", hint: `chmod 700 ${shared}` });
});

test("one that cannot be made is refused", () => {
  writeFileSync(join(base, "file"), "");
  assert.throws(() => openState(join(base, "file/state")), { code: "state-unwritable" });
});

test("tools and workspaces do not share a home", () => {
  const state = openState(join(base, "new"));
  const homes = [
    state.home("pi", "/a"),
    state.home("pi", "/b"),
    state.home("claude-code", "/a"),
    state.home("../x", "/a"),
  ];
  assert.equal(new Set(homes).size, homes.length);
  assert.ok(homes.every((home) => home.startsWith(`${state.directory}/homes/`) && !home.includes("..")));
});
