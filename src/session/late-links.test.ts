// What a link of a checkout leads to, by every name for it, as it is at that moment.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kindAt, Links } from "./late-links.ts";

interface Ground extends Disposable {
  readonly root: string;
  readonly links: Links;
  readonly link: (to: string, at: string) => void;
}

function lay(): Ground {
  const base = mkdtempSync(join(tmpdir(), "postern-links-"));
  const root = join(base, "work");
  for (const path of ["c2", "c3/deep"]) mkdirSync(join(root, path), { recursive: true });
  // a root that is named by a link has its own place all the same
  symlinkSync(root, join(base, "named"));
  return {
    root,
    links: new Links(join(base, "named")),
    link: (to, at) => symlinkSync(to, join(root, at)),
    [Symbol.dispose]: () => rmSync(base, { recursive: true }),
  };
}

test("by one link, by two, by one that is nested in another", () => {
  using ground = lay();
  ground.link("l2", "config");
  assert.equal(ground.links.add("config", true), undefined, "it leads nowhere yet");
  ground.link("c3", "l2");
  ground.links.forget();
  assert.deepEqual(ground.links.namesOf("c3/key"), ["config/key"]);
  ground.link("../c2", "c3/in");
  assert.equal(ground.links.add("config/in", true), "c2");
  assert.deepEqual(ground.links.namesOf("c2/key"), ["config/in/key"]);
  assert.deepEqual(ground.links.namesOf("c22/key"), []);
  assert.deepEqual(ground.links.namesOf("c2"), ["config/in"]);
});

test("a link that was led elsewhere leads there, told or not", async () => {
  using ground = lay();
  ground.link("c2", "config");
  assert.equal(ground.links.add("config", false), "c2");
  assert.equal(ground.links.add("config", false), undefined, "nothing new");
  assert.equal(ground.links.add("config", true), "c2", "it has come again");
  unlinkSync(join(ground.root, "config"));
  renameSync(join(ground.root, "c2"), join(ground.root, "c4"));
  ground.link("c4", "config");
  await new Promise((later) => setTimeout(later, 150));
  assert.deepEqual(ground.links.namesOf("c4/key"), ["config/key"]);
});

test("out of the checkout no name leads, to itself each; more than are followed are told", () => {
  using ground = lay();
  ground.link("..", "out");
  ground.link(".", "here");
  assert.equal(ground.links.add("out", true), undefined);
  assert.equal(ground.links.add("here", true), "");
  assert.deepEqual(
    ["out", "here", "gone"].map((link) => ground.links.leadsOut(link)),
    [true, false, false],
  );
  assert.deepEqual(ground.links.namesOf("key"), ["here/key"]);
  for (let at = 0; at < 62; at += 1) ground.links.add(`none${at}`, true);
  assert.equal(ground.links.over, false);
  assert.equal(ground.links.add("one-more", true), undefined);
  assert.equal(ground.links.over, true);
});

test("what is laid over a link is of its end's kind", () => {
  using ground = lay();
  ground.link("c2", "config");
  ground.link("nowhere", "gone");
  writeFileSync(join(ground.root, "file"), "");
  const kinds = ["config", "c2", "file", "gone"].map((path) => kindAt(join(ground.root, path)));
  assert.deepEqual(kinds, ["directory", "directory", "file", "file"]);
});
