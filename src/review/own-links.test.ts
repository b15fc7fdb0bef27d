// A link of the checkout into our state directory: a tool's private home lies there, and what it keeps in it nobody sweeps.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { Lookout } from "./lookout.ts";
import { sweep } from "./sweep.ts";
import { parseUnfinished } from "./unfinished.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-own-"));
  readonly checkout = join(this.root, "checkout");
  readonly state = join(this.root, "state");
  readonly home = join(this.state, "homes/tool-1");
  /** Made by what the repository in the private home runs. */
  readonly canary = join(this.root, "ran");

  constructor() {
    for (const directory of [`${this.checkout}/node_modules/x`, `${this.home}/made`, `${this.root}/stated`])
      mkdirSync(directory, { recursive: true });
    const git = (...words: readonly string[]): Buffer => execFileSync("git", ["-C", `${this.home}/made`, ...words]);
    git("init", "-q");
    git("config", "core.fsmonitor", `touch '${this.canary}'; false`);
  }

  link(path: string, target: string): void {
    symlinkSync(target, join(this.checkout, path));
  }

  /** As a person's prompt does, standing there. */
  status(path: string): void {
    const cwd = join(this.checkout, path);
    if (existsSync(cwd)) execFileSync("git", ["status", "--porcelain"], { cwd, stdio: "pipe" });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

test("git runs what it finds through such a link: the control", () => {
  using bench = new Bench();
  bench.link("sub", join(bench.home, "made"));
  bench.status("sub");
  assert.ok(existsSync(bench.canary));
});

const links: readonly (readonly [what: string, plant: (bench: Bench) => void])[] = [
  ["by its full name", (bench) => bench.link("sub", join(bench.home, "made"))],
  ["from below", (bench) => bench.link("sub", "../state/homes/tool-1/made")],
  [
    "through another among dependencies",
    (bench) => {
      bench.link("node_modules/x/y", bench.home);
      bench.link("sub", "node_modules/x/y/made");
    },
  ],
  [
    "by `..` behind a link",
    (bench) => {
      mkdirSync(join(bench.checkout, "node_modules/x/made"));
      mkdirSync(join(bench.home, "deep"));
      bench.link("node_modules/x/y", join(bench.home, "deep"));
      bench.link("sub", "node_modules/x/y/../made");
    },
  ],
];

for (const [what, plant] of links)
  test(`a link into the state directory is put away: ${what}`, async () => {
    using bench = new Bench();
    const before = findControlFiles(bench.checkout, { ours: bench.state });
    plant(bench);
    const { quarantined, failed } = await sweep(before, join(bench.state, "quarantine"));
    bench.status("sub");
    assert.ok(!existsSync(bench.canary));
    assert.deepEqual([quarantined.map(({ path }) => path), failed], [["sub"], []]);
  });

test("also where nothing lies there yet, while the session works, and after it was killed", {
  timeout: 20_000,
}, async () => {
  using bench = new Bench();
  const before = findControlFiles(bench.checkout, { ours: bench.state });
  const { promise: taken, resolve } = Promise.withResolvers<string>();
  const sight = { quarantined: ({ path }: { path: string }) => resolve(path), failed: assert.fail };
  {
    await using _lookout = new Lookout(before, join(bench.state, "quarantine"), sight);
    await new Promise((later) => setTimeout(later, 300));
    bench.link("sub", join(bench.home, "later/made"));
    assert.equal(await taken, "sub");
  }
  const plain = { ...before, leaves: [...before.leaves.values()], entered: [...before.entered] };
  const session = "s-AAAAAAA1";
  const noted = parseUnfinished(JSON.stringify({ version: 1, session, owner: "x", found: plain }));
  assert.equal(noted?.found.ours, bench.state);
});

test("one beside it, or that was there before, stays", async () => {
  using bench = new Bench();
  bench.link("old", bench.home);
  const before = findControlFiles(bench.checkout, { ours: bench.state });
  bench.link("beside", join(bench.root, "stated"));
  bench.link("circle", "circle");
  bench.link("nowhere", "/nonexistent/x");
  assert.deepEqual((await sweep(before, join(bench.state, "quarantine"))).quarantined, []);
});
