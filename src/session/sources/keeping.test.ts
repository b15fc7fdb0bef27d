// Sessions one after the other on the same checkout: what the next one knows is what one knows that has read all anew, and it reads
// no more than what changed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { anew, exists, files, Ground, isAsAnew, moment, type Session, said, session, textOf } from "./made-sessions.ts";

test("the next session reads what changed, and nothing else", async () => {
  using ground = new Ground(files);
  const roots = [ground.root()];
  const all = Object.keys(files).length;
  assert.equal((await session(roots, ground.place())).read, all);
  // a lock file is not worth its place
  const second = await session(roots, ground.place());
  assert.equal(second.read, 1);
  await isAsAnew(second, roots, ground.place(), Object.values(files));
  await pause(moment);
  ground.put("src/b.ts", textOf(20));
  ground.put("src/new.ts", textOf(21));
  const third = await session(roots, ground.place());
  assert.equal(third.read, 3);
  await isAsAnew(third, roots, ground.place(), [...Object.values(files), textOf(20), textOf(21)]);
  assert.equal((await session(roots, ground.place())).read, 1);
});

test("what is too much, or takes too long, to be read before anything is told is told file by file, and is known alike", async () => {
  using ground = new Ground(files);
  const roots = [ground.root()];
  const sizes: number[] = [];
  for (const gathering of [
    { time: Number.POSITIVE_INFINITY, octets: Number.POSITIVE_INFINITY },
    { time: Number.POSITIVE_INFINITY, octets: 1 },
    { time: -1, octets: Number.POSITIVE_INFINITY },
  ]) {
    const one = await session(roots, undefined, { key: ground.place().hashing, gathering });
    const together = one.told.flatMap((told) => (told.kind === "kept" ? told.files : [])).length;
    const alone = one.told.filter(({ kind }) => kind === "file").length;
    sizes.push(together, together + alone);
    await isAsAnew(one, roots, ground.place(), Object.values(files));
  }
  // what is not taken for source is told by itself, and what is a library's not at all
  assert.deepEqual(sizes, [3, 5, 0, 5, 0, 5]);
});

test("a file of the same size and time that says something else is read", async () => {
  using ground = new Ground(files);
  const roots = [ground.root()];
  await session(roots, ground.place());
  await pause(moment);
  edits["disguise"]?.(ground, "src/a.ts", "", "");
  assert.equal(statSync(ground.at("src/a.ts")).mtimeMs, 1_000_000);
  const second = await session(roots, ground.place());
  assert.equal(second.read, 2);
  await isAsAnew(second, roots, ground.place(), [textOf(1), readFileSync(ground.at("src/a.ts"), "latin1")]);
});

test("the very same file by way of a link is not taken for what was read", async () => {
  using ground = new Ground({ "src/a.ts": textOf(1) });
  const git = (...words: readonly string[]) => execFileSync("git", ["-C", ground.tree, ...words]);
  git("init", "-q");
  git("add", "-A");
  const roots = [ground.root()];
  assert.equal((await session(roots, ground.place())).read, 1);
  edits["lead"]?.(ground, "", "", "");
  // by its name in git's index it still lies in `src`; it moved, so what is there now was never read
  const second = await session(roots, ground.place());
  assert.deepEqual(
    said(second, textOf(1)).lines.map(({ file }) => file),
    [ground.at("led/a.ts")],
  );
  await isAsAnew(second, roots, ground.place(), [textOf(1)]);
});

type Edit = (ground: Ground, from: string, to: string, text: string) => void;

const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
const edits: Readonly<Record<string, Edit>> = {
  write: (ground, from, _, text) => writeFileSync(ground.at(from), text),
  delete: (ground, from) => rmSync(ground.at(from)),
  rename: (ground, from, to) => renameSync(ground.at(from), ground.at(to)),
  swap: (ground, from, to) => {
    if (from === to || !isFile(ground.at(to))) return;
    renameSync(ground.at(from), ground.at("x.tmp"));
    renameSync(ground.at(to), ground.at(from));
    renameSync(ground.at("x.tmp"), ground.at(to));
  },
  touch: (ground, from) => utimesSync(ground.at(from), 1_000, 2_000),
  // what a program does that would not be seen: the same size, the same time, the same file
  disguise: (ground, from) => {
    const { atime, mtime } = statSync(ground.at(from));
    const octets = readFileSync(ground.at(from));
    writeFileSync(ground.at(from), Buffer.from(octets).reverse());
    utimesSync(ground.at(from), atime, mtime);
  },
  link: (ground, from, to) => {
    if (!exists(ground.at(to))) linkSync(ground.at(from), ground.at(to));
  },
  // the very same file, by way of a link
  lead: (ground) => {
    if (lstatSync(ground.at("src")).isSymbolicLink()) return;
    renameSync(ground.at("src"), ground.at("led"));
    symlinkSync("led", ground.at("src"));
  },
};

const path = fc.constantFrom(...Object.keys(files), "src/f.ts", "g.ts", "vendor/h.ts");
const edit = fc.record(
  { kind: fc.constantFrom(...Object.keys(edits)), from: path, to: path, seed: fc.integer({ min: 1, max: 40 }) },
  { noNullPrototype: true },
);
const labelled = fc
  .boolean()
  .map((is) => (is ? [{ rule: "r", label: "restricted", globs: ["src/**", "g.ts", "*.json"] }] : []));

test("whatever is done between sessions, the next one knows what one knows that reads all anew", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(edit, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      labelled,
      async (rounds, labels) => {
        using ground = new Ground(files);
        const texts = [...Object.values(files), ...Array.from({ length: 4 }, (_, at) => textOf(at * 10 + 1))];
        await session([ground.root()], ground.place());
        for (const [nth, round] of rounds.entries()) {
          await pause(moment);
          for (const { kind, from, to, seed } of round) {
            texts.push(textOf(seed));
            if (isFile(ground.at(from))) edits[kind]?.(ground, from, to, textOf(seed));
            if (isFile(ground.at(to))) texts.push(readFileSync(ground.at(to), "latin1"));
          }
          const roots = [ground.root({ labels: nth % 2 === 0 ? labels : [] })];
          await isAsAnew(await session(roots, ground.place()), roots, ground.place(), texts);
        }
      },
    ),
    { numRuns: 25 },
  );
});

test("a file that was changed a moment before it was read is read again: it may have been changed once more", async () => {
  using ground = new Ground({ "a.ts": textOf(1), "b.ts": textOf(2) });
  const roots = [ground.root()];
  await session(roots, ground.place(), { now: Date.now });
  assert.equal((await session(roots, ground.place())).read, 2);
  assert.equal((await session(roots, ground.place())).read, 0);
});

test("what changes while a session runs is kept as it became", async () => {
  using ground = new Ground({ "a.ts": textOf(1), "b.ts": textOf(2), "c.ts": textOf(3) });
  const roots = [ground.root()];
  const again = async (): Promise<void> => {
    await pause(moment);
    ground.put("a.ts", textOf(11));
    rmSync(ground.at("b.ts"));
  };
  assert.equal((await session(roots, ground.place(), { again })).read, 4);
  const second = await session(roots, ground.place());
  assert.equal(second.read, 0);
  await isAsAnew(
    second,
    roots,
    ground.place(),
    [1, 2, 3, 11].map((seed) => textOf(seed)),
  );
});

test("of more files than are known the same are, in their order", async () => {
  using ground = new Ground({ "b.ts": textOf(1), "d.ts": textOf(2) });
  const roots = [ground.root()];
  const sessionOf = (most: number) => session(roots, ground.place(), { most });
  await sessionOf(9);
  for (const [nth, path] of ["a.ts", "c.ts", "e.ts"].entries()) ground.put(path, textOf(nth + 3));
  for (const most of [4, 3, 2, 1]) {
    const [one, other] = [await sessionOf(most), await anew(roots, ground.place(), most)];
    for (const seed of [1, 2, 3, 4, 5]) assert.deepEqual(said(one, textOf(seed)), said(other, textOf(seed)));
    assert.deepEqual([said(one, "").files, said(one, "").unread], [most, 5 - most]);
  }
});

test("what is kept says nothing of labels, nor of which trees are protected", async () => {
  using ground = new Ground({ "src/a.ts": textOf(1), "b.ts": textOf(2) });
  const restricted = [{ rule: "r", label: "restricted", globs: ["src/**"] }];
  const labelsOf = (one: Session) => said(one, textOf(1)).lines.map(({ labels, label }) => [label, labels]);
  await session([ground.root({ labels: restricted })], ground.place());
  const second = await session([ground.root()], ground.place());
  assert.deepEqual([second.read, labelsOf(second)], [0, [["workspace", []]]]);
  const third = await session([ground.root({ labels: restricted })], ground.place());
  assert.deepEqual([third.read, labelsOf(third)], [0, [["workspace", ["restricted"]]]]);
  const tree = ground.root({ label: "protected", below: [{ path: "", label: "theirs" }], from: [] });
  const fourth = await session([tree], ground.place());
  assert.deepEqual([fourth.read, labelsOf(fourth)], [2, [["protected", ["theirs"]]]]);
  // no tree any more: nothing of it is known
  const fifth = await session(
    [ground.root({ from: [], checkout: join(ground.top, "other"), tree: ground.state })],
    undefined,
  );
  assert.deepEqual(labelsOf(fifth), []);
});

test("a labelled file that is kept stays known as it was first, whatever it becomes in the session", async () => {
  using ground = new Ground({ "src/a.ts": textOf(1) });
  const roots = [ground.root({ labels: [{ rule: "r", label: "restricted", globs: ["src/**"] }] })];
  await session(roots, ground.place());
  const again = async (): Promise<void> => {
    await pause(moment);
    renameSync(ground.at("src/a.ts"), ground.at("b.ts"));
  };
  const second = await session(roots, ground.place(), { again });
  const [line] = said(second, textOf(1)).lines;
  assert.deepEqual([second.read, line?.labels], [1, ["restricted"]]);
});
