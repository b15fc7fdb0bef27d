// Between our look at a checkout and the view being built, a name in it is led elsewhere: the tool does not begin.

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
import type { Mount } from "../../contract.ts";
import { enterBoundary } from "../enter.ts";
import { plan } from "../trial.ts";
import { bystander } from "../watch/bystander.ts";
import { findStray } from "./laid.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-laid-"));
  readonly work = join(this.root, "work dir");

  constructor() {
    for (const path of ["new/git", "private/git"]) mkdirSync(join(this.work, path), { recursive: true });
  }

  get mounts(): readonly Mount[] {
    const [work, held, git] = [this.work, `${this.work}/private`, `${this.work}/new/git`];
    return [work, held, git].map((path) => ({ kind: "write", path, from: path }));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

const script = (to: string): string[] => [
  "/bin/bash",
  "-c",
  `cat */git/key "$1"/*/git/key >loot; :>"$1"/began`,
  "x",
  to,
];

test("real boundary: a view as it was meant, the control", async () => {
  using bench = new Bench();
  await using walls = await enterBoundary(plan({ mounts: bench.mounts, directory: bench.work }));
  assert.equal((await walls.run(script(bench.work), bystander())).code, 0);
  assert.ok(existsSync(join(bench.work, "began")));
});

test("real boundary: a held directory whose parent is led to another that is shown, too", async () => {
  using bench = new Bench();
  await using walls = await enterBoundary(plan({ mounts: bench.mounts, directory: bench.work }));
  renameSync(join(bench.work, "new"), join(bench.work, "old"));
  symlinkSync("private", join(bench.work, "new"));
  await assert.rejects(walls.run(script(bench.work), bystander()), /new\/git was led elsewhere/);
  assert.equal(existsSync(join(bench.work, "began")), false);
});

for (const [what, swaps] of [
  ["as they were, the control", false],
  ["whose parent is led to another directory of the person's", true],
] as const)
  test(`real boundary: objects lent to a copy, ${what}`, async () => {
    using bench = new Bench();
    const [git, tree] = [`${bench.work}/new/git`, `${bench.root}/tree`];
    mkdirSync(`${tree}/new/git/lent`, { recursive: true });
    mkdirSync(`${bench.root}/elsewhere/git`, { recursive: true });
    for (const at of [git, `${bench.root}/elsewhere/git`]) writeFileSync(`${at}/key`, "canary");
    const mounts: readonly Mount[] = [
      { kind: "write", path: bench.work, from: tree },
      { kind: "read", path: `${git}/lent`, from: git, exact: true },
    ];
    await using walls = await enterBoundary(plan({ mounts, directory: bench.work }));
    if (swaps) {
      renameSync(join(bench.work, "new"), join(bench.work, "old"));
      symlinkSync(join(bench.root, "elsewhere"), join(bench.work, "new"));
    }
    const running = walls.run(script(bench.work), bystander());
    if (swaps) await assert.rejects(running, /lent was led elsewhere/);
    else assert.equal((await running).code, 0);
    assert.equal(existsSync(join(tree, "began")), !swaps);
  });

test("real boundary: a whole checkout whose parent is led elsewhere", async () => {
  using bench = new Bench();
  const [around, work] = [join(bench.work, "new"), join(bench.work, "new/git")];
  writeFileSync(join(bench.work, "private/git/key"), "canary");
  const mounts: readonly Mount[] = [{ kind: "write", path: work, from: work, exact: true }];
  await using walls = await enterBoundary(plan({ mounts, directory: work }));
  renameSync(around, join(bench.work, "old"));
  symlinkSync("private", around);
  const running = walls.run(["/bin/bash", "-c", "cat key >loot; :>began", "x"], bystander());
  await assert.rejects(running, /new\/git was led elsewhere/);
  for (const at of ["old", "private"]) assert.equal(existsSync(join(bench.work, at, "git/began")), false);
});

/** `new`, led to `old` or replaced by it while the detour is laid; then all is as it was. */
for (const [what, other] of [
  ["as it was meant, the control", undefined],
  ["laid on another file by a link", "link"],
  ["laid on another file by a directory in its place", "directory"],
] as const)
  test(`real boundary: a file's detour, ${what}`, async () => {
    using bench = new Bench();
    const [git, at] = [`${bench.work}/new/git`, join(bench.work, "new")];
    for (const place of [git, `${bench.work}/private/git`]) writeFileSync(`${place}/config`, "theirs");
    const by = join(bench.root, "by.link");
    symlinkSync("/tmp/config", by);
    const [real, fake] = [join(bench.work, "real"), join(bench.work, "private")];
    if (other !== undefined) renameSync(at, real);
    if (other === "link") symlinkSync("private", at);
    if (other === "directory") renameSync(fake, at);
    const detours = [{ at: `${git}/config`, by }];
    const mounts: readonly Mount[] = [{ kind: "write", path: bench.work, from: bench.work }];
    await using walls = await enterBoundary(plan({ mounts, detours, directory: bench.work }));
    if (other === "link") rmSync(at);
    if (other === "directory") renameSync(at, fake);
    if (other !== undefined) renameSync(real, at);
    const running = walls.run(["/bin/bash", "-c", `echo evil >"$1"; :>began`, "x", `${git}/config`], bystander());
    if (other === undefined) assert.equal((await running).code, 0);
    else await assert.rejects(running, /new\/git\/config was led elsewhere/);
    assert.equal(existsSync(join(bench.work, "began")), other === undefined);
    assert.equal(readFileSync(`${git}/config`, "utf8"), "theirs");
  });

test("another tree under the right name is a stray", () => {
  const outside = "1 0 8:1 / / rw - ext4 a rw\n2 1 8:2 /@home /home rw - btrfs b rw\n";
  const inside = (root: string, device = "8:2") => `9 1 ${device} ${root} /home/me/a\\040b rw - btrfs b rw\n`;
  const meant = [{ path: "/home/me/a b", shows: "/home/me/a b" }];
  assert.equal(findStray(meant, outside, inside("/@home/me/a\\040b")), undefined);
  for (const wrong of [inside("/@home/me/.ssh"), inside("/@home/me/a\\040b", "8:1"), ""])
    assert.equal(findStray(meant, outside, wrong), "/home/me/a b");
});
