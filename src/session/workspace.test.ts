// Which directory becomes the workspace, and which never does.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findWorkspace } from "./workspace.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-workspace-")));
const home = join(base, "home");
const project = join(home, "src/shop");
mkdirSync(join(project, ".git"), { recursive: true });
mkdirSync(join(project, "lib/deep"), { recursive: true });
mkdirSync(join(base, "elsewhere"));
symlinkSync(project, join(base, "link"));
after(() => rmSync(base, { recursive: true }));

test("the checkout around the current directory, links resolved", () => {
  assert.equal(findWorkspace(project, home), project);
  assert.equal(findWorkspace(join(project, "lib/deep"), home), project);
  assert.equal(findWorkspace(join(base, "link/lib"), home), project);
});

test("without a checkout, the directory itself", () => {
  assert.equal(findWorkspace(join(base, "elsewhere"), home), join(base, "elsewhere"));
  assert.equal(findWorkspace(join(home, "src"), home), join(home, "src"));
});

test("a checkout that is the home, or around it, does not count", () => {
  mkdirSync(join(home, ".git"));
  mkdirSync(join(base, ".git"));
  assert.equal(findWorkspace(join(home, "src"), home), join(home, "src"));
  rmSync(join(base, ".git"), { recursive: true });
});

for (const place of ["/", "/tmp", "/usr", "/etc", "/usr/lib", "/home"]) {
  test(`never ${place}`, () => assert.throws(() => findWorkspace(place, home), { code: "workspace" }));
}

test("never the home, nor what holds it", () => {
  for (const place of [home, base]) assert.throws(() => findWorkspace(place, home), { code: "workspace" });
});
