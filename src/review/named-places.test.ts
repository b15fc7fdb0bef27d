// What a configuration names is read as git reads it, and held; a program among git's own files too.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { namedPlaces } from "./named-places.ts";
import { sweep } from "./sweep.ts";

const gitReads = (text: string): string =>
  execFileSync("git", ["config", "--file", "-", "core.hooksPath"], { input: text, stdio: "pipe" }).toString().trim();

for (const value of [
  "team/hooks",
  '"team/hooks" # ours',
  "team/hooks ; ours",
  'te"am"/hooks#x',
  '"team/;hooks"',
  '"te\\"am\\\\x/hooks"',
  "team/\\\nhooks",
  "team/ho oks  ",
])
  test(`a place is what git takes it for: ${JSON.stringify(value)}`, () => {
    const text = `[core]\n\tbare = false\n\thooksPath = ${value}\n`;
    assert.deepEqual(namedPlaces(text), [{ kind: "hooks", place: gitReads(text) }]);
  });

const crypt = '"$(git rev-parse --git-common-dir)"/crypt/transcrypt clean %f';

for (const [value, ...places] of [
  [crypt, "crypt/transcrypt"],
  ["sh .git/watch.sh", "watch.sh"],
  ["/home/p/work/.git/tools/x -v", "tools/x"],
  [".git/hooks/watch"],
  ["+refs/heads/*:refs/remotes/origin/*"],
  [".git/../evil"],
  [".git/HEAD"],
  ["git@host:o/r.git"],
] as const)
  test(`programs among git's own files in ${value}`, () => {
    const text = `[filter "x"]\n\tclean = ${JSON.stringify(value)}\n`;
    assert.deepEqual(
      namedPlaces(text).map(({ kind, place }) => [kind, place]),
      places.map((place) => ["program", place]),
    );
  });

test("a program that git's configuration names among git's own files is held; another in its place is put away", async () => {
  const root = mkdtempSync(join(tmpdir(), "postern-named-"));
  try {
    const [checkout, directory] = [join(root, "checkout"), join(root, "checkout/.git/crypt")];
    const git = (...words: readonly string[]): Buffer =>
      execFileSync("git", ["-C", checkout, ...words], { stdio: "pipe" });
    mkdirSync(checkout);
    git("init", "-q");
    const lay = (text: string): void => {
      mkdirSync(directory);
      writeFileSync(join(directory, "transcrypt"), text, { mode: 0o755 });
    };
    lay("#!/bin/sh\ncat\n");
    git("config", "filter.crypt.clean", crypt);
    const before = findControlFiles(checkout);
    assert.ok(before.held.some(({ path, kind }) => path === ".git/crypt" && kind === "directory"));
    renameSync(directory, join(root, "away"));
    lay("#!/bin/sh\ntouch ran\n");
    const { quarantined } = await sweep(before, join(root, "quarantine"));
    assert.deepEqual(
      quarantined.map(({ path, pattern }) => [path, pattern]),
      [[".git/crypt", "<git>/… (programs)"]],
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});
