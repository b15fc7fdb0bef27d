// A tool's own index, and `.git` files that say one thing to us and another to git: nothing of a repository it made is started
// by us, and none of them counts as harmless.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { findControlFiles } from "./control-files.ts";
import { runGit } from "./git.ts";
import { makeStore, type ObjectStore, placeOf } from "./object-store.ts";
import { sweep } from "./sweep.ts";
import { capture } from "./undo-point.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-lies-"));
  readonly checkout = join(this.root, "checkout");
  /** Made by a filter, where one runs. */
  readonly canary = join(this.root, "ran");

  constructor() {
    mkdirSync(this.checkout);
    this.git(".", "init", "-q");
    writeFileSync(join(this.checkout, "a"), "a");
    this.git(".", "add", "-A");
  }

  get store(): ObjectStore {
    const store = makeStore(join(this.root, "state"), this.checkout);
    return store instanceof Fault ? assert.fail(store.message) : store;
  }

  git(at: string, ...words: readonly string[]): string {
    const who = ["-c", "user.name=tool", "-c", "user.email=tool@example.org"];
    return execFileSync("git", ["-C", join(this.checkout, at), ...who, ...words], { encoding: "utf8", stdio: "pipe" });
  }

  /** Whoever asks git how its files stand runs its filter. */
  plant(path: string): void {
    mkdirSync(join(this.checkout, path));
    this.git(path, "init", "-q");
    writeFileSync(join(this.checkout, path, "f"), "f");
    this.git(path, "add", "f");
    this.git(path, "commit", "-qm", "x");
    utimesSync(join(this.checkout, path, "f"), 2_000_000_000, 2_000_000_000);
    this.git(path, "config", "filter.x.clean", `touch '${this.canary}'; cat`);
    writeFileSync(join(this.checkout, path, ".git/info/attributes"), "* filter=x\n");
  }

  async point(): Promise<void> {
    const point = await capture(this.store, { found: findControlFiles(this.checkout) });
    assert.ok(!(point instanceof Fault), point instanceof Fault ? point.message : "");
  }

  async modes(): Promise<string> {
    return String(await runGit({ place: placeOf(this.store), arguments: ["ls-files", "--stage"] }));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

test("git runs the filter of a repository it is asked about: the control", () => {
  using bench = new Bench();
  bench.plant("sub");
  bench.git("sub", "status", "--porcelain=2");
  assert.ok(existsSync(bench.canary));
});

test("an index of the tool's that names a repository as a file starts nothing of it", async () => {
  using bench = new Bench();
  await bench.point();
  bench.plant("sub");
  const blob = bench.git(".", "hash-object", "-w", "a").trim();
  bench.git(".", "update-index", "--add", "--cacheinfo", `100644,${blob},sub`);
  writeFileSync(join(bench.checkout, ".gitignore"), "sub\n");
  await bench.point();
  assert.doesNotMatch(await bench.modes(), /^160000/m);
  await bench.point();
  assert.ok(!existsSync(bench.canary));
});

test("nor does a submodule in the store's own index, however it came there", async () => {
  using bench = new Bench();
  await bench.point();
  bench.plant("sub");
  const put = { place: placeOf(bench.store), arguments: ["update-index", "--add", "sub"] };
  assert.ok(!((await runGit(put)) instanceof Fault));
  assert.match(await bench.modes(), /^160000/m);
  await bench.point();
  assert.ok(!existsSync(bench.canary));
});

/** What git reads, and the decoy that we would. */
const lies: readonly (readonly [what: string, said: Buffer, real: Buffer, decoy: string, common: boolean])[] = [
  ["bytes that are no UTF-8", Buffer.from("../\xff", "latin1"), Buffer.from("\xff", "latin1"), "\ufffd", false],
  ["a blank at its end", Buffer.from("../real "), Buffer.from("real "), "real", true],
  ["a NUL", Buffer.from("../real\0/../decoy"), Buffer.from("real"), "decoy", true],
  ["`..` behind a link", Buffer.from("../link/../real"), Buffer.from(".git/kept/real"), "real", true],
];

for (const [what, said, real, decoy, common] of lies)
  test(`a place of git's with ${what} is no harmless one`, async () => {
    using bench = new Bench();
    const before = findControlFiles(bench.checkout);
    bench.plant("sub");
    const at = (name: Buffer | string): Buffer => Buffer.concat([Buffer.from(`${bench.checkout}/`), Buffer.from(name)]);
    execFileSync("cp", ["-r", join(bench.checkout, "sub/.git"), join(bench.root, "real")]);
    for (const key of ["filter.x.clean"]) bench.git("sub", "config", "--unset", key);
    rmSync(join(bench.checkout, "sub/.git/info/attributes"));
    renameSync(join(bench.checkout, "sub/.git"), at(decoy));
    if (common) rmSync(join(bench.root, "real/HEAD"));
    mkdirSync(join(bench.checkout, ".git/kept/below"), { recursive: true });
    if (what.startsWith("`..`")) execFileSync("ln", ["-s", ".git/kept/below", join(bench.checkout, "link")]);
    renameSync(join(bench.root, "real"), at(real));
    if (common) {
      mkdirSync(join(bench.checkout, "own"));
      writeFileSync(join(bench.checkout, "own/HEAD"), "ref: refs/heads/main\n");
      writeFileSync(join(bench.checkout, "own/commondir"), said);
    } else {
      writeFileSync(join(bench.checkout, "sub/.git"), "gitdir: ");
      appendFileSync(join(bench.checkout, "sub/.git"), said);
    }
    const { quarantined } = await sweep(before, join(bench.root, "quarantine"));
    const path = common ? "own/commondir" : "sub/.git";
    assert.deepEqual(
      quarantined.filter((each) => each.path === path).map((each) => each.path),
      [path],
    );
  });

for (const [what, said] of [
  ["from below", "../home/real"],
  ["by its full name", undefined],
] as const)
  test(`nor one that leads by a link out of the checkout, to where the tool keeps what is its own, ${what}`, async () => {
    using bench = new Bench();
    const before = findControlFiles(bench.checkout);
    bench.plant("sub");
    mkdirSync(join(bench.root, "home"));
    renameSync(join(bench.checkout, "sub/.git"), join(bench.root, "home/real"));
    symlinkSync(join(bench.root, "home"), join(bench.checkout, "home"));
    writeFileSync(join(bench.checkout, "sub/.git"), `gitdir: ${said ?? `${bench.checkout}/home/real`}\n`);
    const { quarantined } = await sweep(before, join(bench.root, "quarantine"));
    bench.git("sub", "status", "--porcelain=2");
    assert.ok(!existsSync(bench.canary));
    assert.deepEqual(
      quarantined.map(({ path }) => path),
      ["sub/.git"],
    );
  });

const ways: readonly (readonly [what: string, lead: (checkout: string) => string])[] = [
  [
    "a link in a directory's place",
    (checkout) => {
      renameSync(join(checkout, "a-home"), join(checkout, "was"));
      symlinkSync("../home", join(checkout, "a-home"));
      return "sub";
    },
  ],
  [
    "a move to beside a link",
    (checkout) => {
      mkdirSync(join(checkout, "below"));
      renameSync(join(checkout, "sub"), join(checkout, "below/sub"));
      symlinkSync("../../home", join(checkout, "below/a-home"));
      return "below/sub";
    },
  ],
];

for (const [what, lead] of ways)
  test(`a \`.git\` file that was harmless is none any more by ${what}`, async () => {
    using bench = new Bench();
    bench.plant("sub");
    for (const home of [join(bench.root, "home"), join(bench.checkout, "a-home")]) mkdirSync(home);
    execFileSync("cp", ["-r", join(bench.checkout, "sub/.git"), join(bench.root, "home/real")]);
    renameSync(join(bench.checkout, "sub/.git"), join(bench.checkout, "a-home/real"));
    writeFileSync(join(bench.checkout, "sub/.git"), "gitdir: ../a-home/real\n");
    bench.git("sub", "config", "--unset", "filter.x.clean");
    const before = findControlFiles(bench.checkout);
    assert.deepEqual((await sweep(before, join(bench.root, "quarantine"))).quarantined, []);
    const at = lead(bench.checkout);
    const { quarantined } = await sweep(before, join(bench.root, "quarantine"));
    bench.git(at, "status", "--porcelain=2");
    assert.ok(!existsSync(bench.canary));
    assert.ok(quarantined.some(({ path }) => path === `${at}/.git`));
  });
