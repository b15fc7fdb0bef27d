// What is kept, and where: whatever is wrong with it makes it nothing, and it is nobody else's to read.

import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openKeptPlace } from "./kept-place.ts";
import { sweepPlaces } from "./kept-rest.ts";
import { build, digest, exists, files, Ground, isAsAnew, said, session, textOf } from "./made-sessions.ts";

test("what cannot be opened, or is not one's own, is not there; all is read anew, and kept again", async () => {
  const spoil: Readonly<Record<string, (path: string, ground: Ground) => void>> = {
    flipped: (path) => {
      const octets = readFileSync(path);
      octets[Math.floor(octets.length / 2)] = (octets[Math.floor(octets.length / 2)] ?? 0) ^ 1;
      writeFileSync(path, octets);
    },
    "cut off": (path) => truncateSync(path, statSync(path).size - 5),
    empty: (path) => truncateSync(path, 0),
    "of another version": (path) => {
      const octets = readFileSync(path);
      octets[0] = 2;
      writeFileSync(path, octets);
    },
    "readable by others": (path) => chmodSync(path, 0o640),
    "a link": (path) => {
      renameSync(path, `${path}.there`);
      symlinkSync(`${path}.there`, path);
    },
    "known by a second name": (path, ground) => linkSync(path, join(ground.top, digest(path))),
    "in another's place": (path, ground) => {
      const all = ground.kept();
      const other = all[(all.indexOf(path) + 1) % all.length] ?? path;
      cpSync(other, path);
    },
    "without its key": (_, ground) => rmSync(join(ground.state, "vault/sources.key"), { force: true }),
    "under a key that is none": (_, ground) => writeFileSync(join(ground.state, "vault/sources.key"), "short"),
  };
  for (const [what, how] of Object.entries(spoil)) {
    using ground = new Ground({ "a.ts": textOf(1), "b.ts": textOf(2), "src/c.ts": textOf(3) });
    const roots = [ground.root()];
    await session(roots, ground.place());
    assert.ok(ground.kept().length > 1, what);
    for (const path of ground.kept()) if (exists(path)) how(path, ground);
    const second = await session(roots, ground.place());
    assert.equal(second.read, 3, what);
    await isAsAnew(second, roots, ground.place(), [textOf(1), textOf(2), textOf(3)]);
    assert.equal((await session(roots, ground.place())).read, 0, what);
  }
});

test("of another build, another checkout and another user nothing is taken; of a private copy nothing is kept", async () => {
  using ground = new Ground({ "a.ts": textOf(1) });
  await session([ground.root()], ground.place());
  const other = { ...ground.place(), build: "c".repeat(64) };
  assert.equal((await session([ground.root()], other)).read, 1);
  assert.equal((await session([ground.root()], ground.place())).read, 1);
  using elsewhere = new Ground({ "a.ts": textOf(1) });
  assert.equal((await session([elsewhere.root()], ground.place())).read, 1);
  // nor does the one push out what is kept of the other
  assert.equal((await session([ground.root()], ground.place())).read, 0);
  using copied = new Ground({ "a.ts": textOf(1) });
  const copy = copied.root({ checkout: join(copied.top, "its checkout") });
  await session([copy], copied.place());
  assert.deepEqual(copied.kept(), []);
  const euid = process.geteuid;
  assert.ok(euid !== undefined);
  process.geteuid = () => euid() + 1;
  try {
    assert.equal(openKeptPlace(ground.state, build), undefined);
  } finally {
    process.geteuid = euid;
  }
});

test("what is kept is its owner's alone, holds no content and no name, and does not grow", async () => {
  using ground = new Ground(files);
  await session([ground.root()], ground.place());
  const before = ground.kept();
  for (const path of [...before, join(ground.state, "vault/sources.key")])
    assert.equal(statSync(path).mode & 0o777, 0o600);
  for (const path of [...new Set(before.map(dirname)), join(ground.state, "sources"), join(ground.state, "vault")])
    assert.equal(statSync(path).mode & 0o777, 0o700);
  const all = Buffer.concat(before.map((path) => readFileSync(path)));
  for (const word of ["src/a.ts", "export function", "ledger", ground.tree]) {
    assert.equal(all.includes(Buffer.from(word)), false);
    assert.equal(all.includes(Buffer.from(word, "utf16le")), false);
    assert.equal(
      before.some((path) => path.slice(ground.state.length).includes(word)),
      false,
    );
  }
  rmSync(ground.at("src"), { recursive: true });
  await session([ground.root()], ground.place());
  await session([ground.root()], ground.place());
  assert.deepEqual(ground.kept().length, before.length);
  assert.ok(Buffer.concat(ground.kept().map((path) => readFileSync(path))).length < all.length);
});

test("a session that read nothing that is kept writes nothing", async () => {
  using ground = new Ground(files);
  const lying = () => ground.kept().map((path) => [path, statSync(path).ino]);
  await session([ground.root()], ground.place());
  const before = lying();
  // its lock file it reads
  assert.equal((await session([ground.root()], ground.place())).read, 1);
  assert.deepEqual(lying(), before);
});

test("where nothing can be written a session is as it was before there was anything kept", async () => {
  using ground = new Ground({ "a.ts": textOf(1) });
  const place = ground.place();
  rmSync(place.directory, { recursive: true });
  writeFileSync(place.directory, "");
  assert.equal(openKeptPlace(ground.state, build), undefined);
  const one = await session([ground.root()], place);
  assert.equal(said(one, textOf(1)).lines.length, 1);
});

test("what nobody used for a month goes, and what a session left unfinished; nothing else does", async () => {
  using ground = new Ground({ "a.ts": textOf(1) });
  await session([ground.root()], ground.place());
  const { directory } = ground.place();
  const [kept = ""] = readdirSync(directory);
  const part = ground.kept()[0] ?? "";
  const unfinished = `${part}.0123456789abcdef.next`;
  for (const name of ["not-ours", "f".repeat(32)]) mkdirSync(join(directory, name));
  writeFileSync(unfinished, "");
  const old = new Date(Date.now() - 31 * 24 * 3_600_000);
  for (const path of [unfinished, join(directory, "not-ours"), join(directory, "f".repeat(32))])
    utimesSync(path, old, old);
  sweepPlaces(directory);
  assert.deepEqual(readdirSync(directory).sort(), [kept, "not-ours"].sort());
  assert.deepEqual([exists(unfinished), exists(part)], [false, true]);
  utimesSync(join(directory, kept), old, old);
  // a session is there again
  assert.equal((await session([ground.root()], ground.place())).read, 0);
  assert.equal(exists(part), true);
  sweepPlaces(directory, Date.now() + 31 * 24 * 3_600_000);
  assert.equal(exists(part), false);
});

test("of more than is kept in all what was used longest ago goes", async () => {
  using ground = new Ground(files);
  using other = new Ground({ "a.ts": textOf(1) });
  await session([ground.root()], ground.place());
  const before = ground.kept();
  await session([other.root()], ground.place());
  const fresh = ground.kept().filter((path) => !before.includes(path));
  const [one = "", two = ""] = [before[0], fresh[0]].map((path) => dirname(path ?? ""));
  utimesSync(one, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  const size = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + statSync(path).size, 0);
  const { directory } = ground.place();
  sweepPlaces(directory, Date.now(), size(ground.kept()));
  assert.deepEqual([exists(one), exists(two)], [true, true]);
  sweepPlaces(directory, Date.now(), size(ground.kept()) - 1);
  assert.deepEqual([exists(one), exists(two)], [false, true]);
});

test("sessions at the same time: whoever writes last is there, and what is there is whole", async () => {
  using ground = new Ground(files);
  const roots = [ground.root()];
  await Promise.all(Array.from({ length: 6 }, () => session(roots, ground.place())));
  const last = await session(roots, ground.place());
  assert.equal(last.read, 1);
  await isAsAnew(last, roots, ground.place(), Object.values(files));
  assert.equal(
    ground.kept().some((path) => path.endsWith(".next")),
    false,
  );
});
