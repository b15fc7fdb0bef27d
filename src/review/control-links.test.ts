// A link brings a control file in under a name of the class, or out of the directories where none counts: found where it lies.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { sweep } from "./sweep.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-links-"));
  readonly checkout = join(this.root, "checkout");

  constructor() {
    this.put("node_modules/dep/CLAUDE.md", "of the package");
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.checkout, path)), { recursive: true });
    writeFileSync(join(this.checkout, path), text);
  }

  link(path: string, target: string): void {
    symlinkSync(target, join(this.checkout, path));
  }

  async sweep(work: () => void): Promise<readonly string[]> {
    const before = findControlFiles(this.checkout);
    work();
    const { quarantined, truncated, failed } = await sweep(before, join(this.root, "quarantine"));
    assert.deepEqual([truncated, failed], [undefined, []]);
    return quarantined.map(({ path }) => path).sort();
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

test("a directory that a pattern names, and is a link", async () => {
  using bench = new Bench();
  const away = await bench.sweep(() => {
    bench.put("c/config.toml", "[build]");
    bench.link(".cargo", "c");
    bench.put("deep/gh/workflows/x.yml", "on: push");
    bench.put("deep/gh/ISSUE_TEMPLATE.md", "x");
    bench.link(".github", "deep/gh");
  });
  assert.deepEqual(away, ["c/config.toml", "deep/gh/workflows"]);
});

test("a directory of the checkout that was moved among dependencies, a link in its place", async () => {
  using bench = new Bench();
  const away = await bench.sweep(() => {
    bench.put("node_modules/.k/src/.claude/settings.json", "{}");
    bench.put("node_modules/.k/src/deep/.envrc", "x");
    bench.put("node_modules/.k/src/node_modules/y/CLAUDE.md", "of a package");
    bench.put("node_modules/.k/other/CLAUDE.md", "of a package");
    bench.link("src", "node_modules/.k/src");
  });
  assert.deepEqual(away, ["node_modules/.k/src/.claude", "node_modules/.k/src/deep/.envrc"]);
});

test("other version control's hooks and settings", async () => {
  using bench = new Bench();
  const away = await bench.sweep(() => {
    for (const path of [
      ".hg/hgrc",
      ".hg/hgrc-not-shared",
      ".jj/repo/config.toml",
      ".hg/store/hgrc",
      "repo/config.toml",
    ])
      bench.put(path, "x");
  });
  assert.deepEqual(away, [".hg/hgrc", ".hg/hgrc-not-shared", ".jj/repo/config.toml"]);
});

test("a link among dependencies shows nothing, nor one that leads out or around itself", async () => {
  using bench = new Bench();
  const away = await bench.sweep(() => {
    bench.put("node_modules/other/CLAUDE.md", "of a package");
    bench.link("node_modules/alias", "other");
    bench.link("up", ".");
    bench.link("out", "/usr");
    mkdirSync(join(bench.checkout, "a"));
    bench.link("a/around", "..");
    bench.link(".github", "nowhere");
  });
  assert.deepEqual(away, []);
});
