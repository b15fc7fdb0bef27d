// A git that was killed while it landed something leaves its lock. The next one takes it away and lands the rest; a lock
// that is somebody else's stays, and then nothing of the landing does.

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Fault } from "../../src/domain/fault.ts";
import { type Journal, writeJournal } from "../../src/review/landing/journal.ts";
import { type Landed, resumeLanding } from "../../src/review/landing/land.ts";
import { git, gitInCopy, history, type Laid, listing, openDesk, put, readyJournal, stage } from "./landing-desk.ts";

interface Cut {
  readonly laid: Laid;
  readonly journal: Journal;
}

/** A landing of a commit, a branch, a tag and HEAD, begun and no further. */
async function cutShort(): Promise<Cut> {
  const laid = await stage(openDesk({ "a.txt": "one\n" }));
  put(laid.tree, "a.txt", "two\n");
  for (const words of ["checkout -q -b feature", "add -A", "commit -q -m second", "tag mark"])
    gitInCopy(laid, words.split(" "));
  const journal = await readyJournal(laid, ["all"]);
  writeJournal(laid.copy, journal);
  return { laid, journal };
}

function kindOf(landed: Landed | Fault | undefined): string {
  if (landed instanceof Fault) return `fault: ${landed.message}`;
  return landed?.kind ?? "nothing to resume";
}

const lockFiles = ["refs/heads/feature.lock", "refs/tags/mark.lock", "HEAD.lock"];

for (const name of lockFiles)
  test(`the ${name} of a git that was killed is taken away, and the rest lands`, async () => {
    const { laid } = await cutShort();
    using _ = laid;
    const lock = join(laid.work, ".git", name);
    writeFileSync(lock, "");
    assert.equal(kindOf(await resumeLanding(laid.copy)), "landed");
    assert.equal(existsSync(lock), false);
    assert.equal(readFileSync(join(laid.work, ".git/HEAD"), "utf8"), "ref: refs/heads/feature\n");
    assert.equal(git(laid.work, ["rev-parse", "mark"]), git(laid.work, ["rev-parse", "feature"]));
    assert.equal(git(laid.work, ["status", "--porcelain"]), "");
  });

test("a lock from before the landing stays, and everything is as before", async () => {
  const { laid } = await cutShort();
  using _ = laid;
  const [before, past] = [listing(laid.work), history(laid.work)];
  const lock = join(laid.work, ".git/refs/tags/mark.lock");
  writeFileSync(lock, "");
  utimesSync(lock, new Date(0), new Date(0));
  assert.equal(kindOf(await resumeLanding(laid.copy)), "taken-back");
  assert.equal(existsSync(lock), true);
  assert.deepEqual([listing(laid.work), history(laid.work)], [before, past]);
});

test("a lock somebody works with is not taken away", async () => {
  const { laid } = await cutShort();
  using _ = laid;
  const [before, past] = [listing(laid.work), history(laid.work)];
  const lock = join(laid.work, ".git/refs/heads/feature.lock");
  writeFileSync(lock, "");
  const landed = resumeLanding(laid.copy);
  await pause(1000);
  writeFileSync(lock, "theirs");
  assert.equal(kindOf(await landed), "taken-back");
  assert.equal(readFileSync(lock, "utf8"), "theirs");
  assert.deepEqual([listing(laid.work), history(laid.work)], [before, past]);
});

test("half moved and locked, it is told as neither landed nor taken back, and ends once the lock is gone", async () => {
  const { laid, journal } = await cutShort();
  using _ = laid;
  const [before, past] = [listing(laid.work), history(laid.work)];
  const feature = journal.repositories[0]?.references.find(({ name }) => name === "refs/heads/feature")?.after ?? "";
  git(laid.work, ["update-ref", "refs/heads/feature", feature]);
  const [mark, packed] = ["refs/tags/mark.lock", "packed-refs.lock"].map((name) => join(laid.work, ".git", name));
  for (const lock of [mark, packed]) {
    writeFileSync(lock ?? "", "");
    utimesSync(lock ?? "", new Date(0), new Date(0));
  }
  assert.match(kindOf(await resumeLanding(laid.copy)), /^fault: the landing can be taken neither on nor back/);
  assert.equal(existsSync(`${laid.copy.directory}/landing.json`), true);
  for (const lock of [mark, packed]) rmSync(lock ?? "");
  assert.equal(kindOf(await resumeLanding(laid.copy)), "taken-back");
  assert.deepEqual([listing(laid.work), history(laid.work)], [before, past]);
});

test("turned round and killed again, the locks are still those of its own git", async () => {
  const { laid, journal } = await cutShort();
  using _ = laid;
  const [before, past] = [listing(laid.work), history(laid.work)];
  const feature = journal.repositories[0]?.references.find(({ name }) => name === "refs/heads/feature")?.after ?? "";
  git(laid.work, ["update-ref", "refs/heads/feature", feature]);
  const lock = join(laid.work, ".git/refs/heads/feature.lock");
  writeFileSync(lock, "");
  await pause(50);
  writeJournal(laid.copy, { ...journal, direction: "back" });
  assert.equal(kindOf(await resumeLanding(laid.copy)), "taken-back");
  assert.equal(existsSync(lock), false);
  assert.deepEqual([listing(laid.work), history(laid.work)], [before, past]);
});
