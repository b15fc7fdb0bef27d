// Names that are no UTF-8: what makes something run below one is found, put away and given back, bytes and all.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parseSessionId } from "../domain/brand.ts";
import { findControlFiles } from "./control-files.ts";
import { Lookout } from "./lookout.ts";
import { listQuarantine, restore } from "./quarantine.ts";
import { isRaw, kernelPath, nameOf } from "./raw-names.ts";
import { sweep } from "./sweep.ts";
import { listUnfinished, noteUnfinished } from "./unfinished.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-raw-"));
  readonly checkout = join(this.root, "checkout");
  readonly quarantine = join(this.root, "quarantine");

  constructor() {
    mkdirSync(this.checkout);
  }

  at(name: string): Buffer {
    return bytes(`${this.checkout}/${name}`);
  }

  there(name: string): boolean {
    return lstatSync(this.at(name), { throwIfNoEntry: false }) !== undefined;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

const filter = '[filter "x"]\n\tclean = touch /tmp/ran\n[core]\n\tbare = false\n';

/** A git directory as a tool makes one by hand. */
function plant(bench: Bench, place: string): void {
  for (const part of ["", "/objects", "/refs"]) mkdirSync(bench.at(place + part), { recursive: true });
  writeFileSync(bench.at(`${place}/HEAD`), "ref: refs/heads/main\n");
  writeFileSync(bench.at(`${place}/config`), filter);
}

test("bytes are text and bytes again; what is text stays as it is", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }), (names) => {
      const all = names.map((name) => Buffer.from(name.map((byte) => (byte === 0 || byte === 0x2f ? 0xf0 : byte))));
      const path = all.map(nameOf).join("/");
      assert.equal(Buffer.from(kernelPath(path)).toString("hex"), all.map((each) => each.toString("hex")).join("2f"));
      assert.equal(isRaw(path), !all.every((each) => Buffer.from(each.toString()).equals(each)));
    }),
  );
  // the second half of this character is one of ours by itself
  assert.equal(kernelPath("a/\u{1f480}"), "a/\u{1f480}");
});

for (const [what, decoy] of [
  ["", undefined],
  [", beside a directory called as it reads", "\xef\xbf\xbd"],
] as const)
  test(`a git directory below such a name is put away at the end and given back${what}`, async () => {
    using bench = new Bench();
    const before = findControlFiles(bench.checkout);
    plant(bench, "\xff/g");
    if (decoy !== undefined) mkdirSync(bench.at(`${decoy}/g`), { recursive: true });
    const swept = await sweep(before, bench.quarantine);
    assert.deepEqual([swept.failed, bench.there("\xff/g/config")], [[], false]);
    const [item] = listQuarantine(bench.quarantine);
    assert.deepEqual([swept.quarantined.length, item?.path.toWellFormed()], [1, "\ufffd/g/config"]);
    assert.ok(swept.odd.some(({ path, what }) => path === "\udcff" && what === "name is not UTF-8"));
    restore(bench.quarantine, item?.id ?? "");
    assert.equal(readFileSync(bench.at("\xff/g/config"), "latin1"), filter);
  });

test("and while the session works; a directory made in it later is looked into too", { timeout: 20_000 }, async () => {
  using bench = new Bench();
  let { promise: taken, resolve } = Promise.withResolvers<string>();
  const sight = { quarantined: ({ path }: { path: string }) => resolve(path), failed: assert.fail };
  await using _lookout = new Lookout(findControlFiles(bench.checkout), bench.quarantine, sight);
  await new Promise((later) => setTimeout(later, 300));
  plant(bench, "\xff/g");
  assert.equal(await taken, "\udcff/g/config");
  ({ promise: taken, resolve } = Promise.withResolvers<string>());
  mkdirSync(bench.at("\xff/\xfe/.claude"), { recursive: true });
  writeFileSync(bench.at("\xff/\xfe/.claude/settings.local.json"), "{}");
  assert.equal(await taken, "\udcff/\udcfe/.claude/settings.local.json");
  assert.equal(bench.there("\xff/\xfe/.claude/settings.local.json"), false);
});

test("files so called in a control directory, of a pattern, and links where git would follow them", async () => {
  using bench = new Bench();
  execFileSync("git", ["init", "-q", bench.checkout]);
  const before = findControlFiles(bench.checkout);
  mkdirSync(bench.at(".claude/commands"), { recursive: true });
  writeFileSync(bench.at(".claude/commands/\xff.md"), "x");
  writeFileSync(bench.at("\xff.code-workspace"), "{}");
  mkdirSync(bench.at(".git/worktrees"));
  symlinkSync("/", bench.at(".git/worktrees/\xff"));
  plant(bench, ".git/modules/\xfe");
  const { quarantined, failed } = await sweep(before, bench.quarantine);
  assert.deepEqual(failed, []);
  assert.deepEqual(quarantined.map(({ path }) => path).toSorted(), [
    ".claude",
    ".git/modules/\udcfe/config",
    ".git/worktrees/\udcff",
    "\udcff.code-workspace",
  ]);
  assert.deepEqual(readdirSync(join(bench.checkout, ".git/worktrees")), []);
});

test("one that was there is not held, is let be, also after a kill, and is put away when it is changed", async () => {
  using bench = new Bench();
  plant(bench, "\xff/g");
  const session = parseSessionId("s-0123456A") ?? assert.fail();
  const found = findControlFiles(bench.checkout);
  assert.deepEqual([found.held, found.repositories, found.empty], [[], [], []]);
  assert.equal(noteUnfinished(bench.root, { session, owner: "nobody", found }), undefined);
  const noted = listUnfinished(bench.root, bench.checkout)[0]?.found ?? assert.fail();
  assert.deepEqual((await sweep(noted, bench.quarantine)).quarantined, []);
  writeFileSync(bench.at("\xff/g/config"), `${filter}[core]\n\tfsmonitor = touch /tmp/ran\n`);
  const { quarantined } = await sweep(noted, bench.quarantine);
  assert.deepEqual(
    quarantined.map(({ path }) => path),
    ["\udcff/g/config"],
  );
});
