// Whatever stands in a file of ours, in what git says or on the command line: parsed, or refused; never thrown at.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isReferenceName, parseReferences } from "../references.ts";
import { parseCopy } from "../staged/record.ts";
import { isGitsOwn, rowOf } from "./apart.ts";
import { applyHunks, parseDifferences } from "./hunks.ts";
import { type Journal, parseJournal } from "./journal.ts";
import { parseNumbers } from "./selection.ts";

const object = "0".repeat(40);
const journal: Journal = {
  direction: "forward",
  digest: "d",
  accepted: ["a", "b#1"],
  files: [
    { root: "/work", path: "a", before: undefined, after: { kind: "file", object, mode: 0o644 } },
    { root: "/work", path: "b", before: { kind: "symlink", object, mode: 0 }, after: undefined },
  ],
  made: ["x"],
  emptied: [],
  repositories: [
    {
      own: "/work/.git",
      common: "/work/.git",
      references: [{ name: "refs/heads/a", before: undefined, after: object }],
      head: undefined,
      index: { prepared: "/p", old: undefined, before: "b", after: "a" },
    },
  ],
};

test("a journal is read back as it was written, and one with a piece of another kind is none", () => {
  const text = JSON.stringify({ version: 1, ...journal });
  assert.deepEqual(JSON.parse(JSON.stringify(parseJournal(text))), JSON.parse(JSON.stringify(journal)));
  const cut = fc.nat({ max: text.length - 1 });
  fc.assert(fc.property(cut, (at) => assert.equal(parseJournal(text.slice(0, at)), undefined)));
  const keys = Object.keys(journal).filter((key) => key !== "version");
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
      const parsed = parseJournal(JSON.stringify({ version: 1, ...journal, [key]: value }));
      if (parsed !== undefined) assert.equal(typeof parsed.digest, "string");
    }),
  );
});

test("random text is no journal, no record, no difference", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.equal(parseJournal(text), undefined);
      assert.equal(parseCopy(text, "/x"), undefined);
      for (const difference of parseDifferences(text).values()) assert.ok(difference.kind);
      parseReferences(text.split("\n"));
      parseNumbers(text);
      rowOf(text);
    }),
  );
});

test("heads of differences with any figures are never written past the content", () => {
  const figures = fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(50));
  fc.assert(
    fc.property(figures, fc.array(fc.constantFrom(" a", "+b", "-c", "\\ No newline", "x")), ([a, b, c, d], lines) => {
      const text = ["diff --git a/0 b/0", `@@ -${a},${b} +${c},${d} @@`, ...lines].join("\n");
      const found = parseDifferences(text).get(0);
      if (found?.kind === "hunks") applyHunks("a\nc\n", found.hunks);
    }),
  );
});

test("names of references that could lead elsewhere are none", () => {
  const bad = [
    "refs/heads/../x",
    "refs/heads/a.lock",
    "refs//a",
    "refs/heads/.a",
    "refs/heads/-a",
    "heads/a",
    "refs/heads/a b",
    "refs/a\n",
    "refs/heads/a@{1}",
    "refs/heads/",
  ];
  for (const name of bad) assert.equal(isReferenceName(name), false, name);
  for (const name of ["refs/heads/main", "refs/heads/feature/x-1", "refs/stash", "refs/tags/v1.0"])
    assert.equal(isReferenceName(name), true, name);
});

test("a directory of git's own is known by every spelling, and nothing else is", () => {
  for (const path of [
    ".git/x",
    "a/.GIT",
    "a/git~1/b",
    ".git ",
    ".git...",
    ".g\u200cit",
    ".git::$INDEX_ALLOCATION",
    "ﬁ/.gıt/../.git",
  ])
    assert.equal(isGitsOwn(path), true, path);
  for (const path of [".gitignore", ".github/x", "git", "x.git/y", ".gitattributes", "git~10"])
    assert.equal(isGitsOwn(path), false, path);
});

test("a path is a control file by any directory above it, but not below node_modules", () => {
  for (const path of [
    ".husky/pre-commit",
    "a/.vscode/x/y",
    ".CLAUDE/settings.json",
    "pkg/AGENTS.md",
    ".claude",
    ".envrc",
  ])
    assert.ok(rowOf(path), path);
  for (const path of ["node_modules/x/.vscode/y", "src/claude.ts", "vscode/x"])
    assert.equal(rowOf(path), undefined, path);
});
