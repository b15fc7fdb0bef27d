// What a tool makes unlistable or unwritable for the person is found and put away all the same; what was so before is left.

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { Lookout } from "./lookout.ts";
import { sweep } from "./sweep.ts";

const other = 54_321;

/** As somebody whom permissions hold back; root becomes such a person until it is disposed. */
class Person implements Disposable {
  readonly #root = process.getuid?.() === 0;
  readonly base = mkdtempSync(join(tmpdir(), "postern-shut-"));
  readonly checkout = join(this.base, "checkout");
  readonly quarantine = join(this.base, "quarantine");

  constructor() {
    mkdirSync(this.checkout);
    for (const path of this.#root ? [this.base, this.checkout] : []) lchownSync(path, other, other);
    if (this.#root) process.seteuid?.(other);
  }

  /** Files by path, then modes of directories. */
  lay(files: readonly string[], modes: Readonly<Record<string, number>> = {}): void {
    for (const path of files) {
      mkdirSync(join(this.checkout, path, ".."), { recursive: true });
      writeFileSync(join(this.checkout, path), "#!/bin/sh\n", { mode: 0o755 });
    }
    for (const [path, mode] of Object.entries(modes)) chmodSync(join(this.checkout, path), mode);
  }

  [Symbol.dispose](): void {
    if (this.#root) process.seteuid?.(0);
    rmSync(this.base, { recursive: true });
  }
}

const repository = ["r/.git/HEAD", "r/.git/objects/x", "r/.git/refs/x", "r/.git/hooks/post-commit"];

for (const [what, modes] of [
  ["a directory that cannot be listed", { r: 0o311 }],
  ["one that can be listed and not entered", { r: 0o600 }],
  ["a git directory that cannot be listed", { "r/.git": 0o311 }],
  ["hooks that cannot be listed", { "r/.git/hooks": 0o311 }],
  ["one within another", { "r/.git/hooks": 0o311, "r/.git": 0o311, r: 0o311 }],
  ["hooks that cannot be changed", { "r/.git/hooks": 0o555, "r/.git": 0o555 }],
] as const)
  test(`a hook in ${what} is put away`, async () => {
    using person = new Person();
    const before = findControlFiles(person.checkout);
    person.lay(repository, modes);
    const { quarantined, failed } = await sweep(before, person.quarantine);
    assert.deepEqual(failed, []);
    assert.deepEqual(
      quarantined.map(({ path }) => path),
      ["r/.git/hooks/post-commit"],
    );
    assert.ok(!existsSync(join(person.checkout, "r/.git/hooks/post-commit")));
  });

test("a directory that cannot be changed is put away whole, from one that cannot be either", async () => {
  using person = new Person();
  const before = findControlFiles(person.checkout);
  person.lay([".husky/pre-commit"], { ".husky": 0o555, ".": 0o555 });
  const { quarantined, failed } = await sweep(before, person.quarantine);
  assert.deepEqual(failed, []);
  assert.deepEqual(
    quarantined.map(({ path }) => path),
    [".husky"],
  );
  assert.deepEqual(readdirSync(person.checkout), []);
});

test("while a session works too", { timeout: 20_000 }, async () => {
  using person = new Person();
  const { promise: taken, resolve } = Promise.withResolvers<string>();
  const sight = { quarantined: ({ path }: { path: string }) => resolve(path), failed: assert.fail };
  await using _lookout = new Lookout(findControlFiles(person.checkout), person.quarantine, sight);
  await new Promise((later) => setTimeout(later, 300));
  person.lay(["r/.envrc"], { r: 0o311 });
  assert.equal(await taken, "r/.envrc");
});

test("what could not be listed before is left so", async () => {
  using person = new Person();
  person.lay(["theirs/.envrc"], { theirs: 0o311 });
  const before = findControlFiles(person.checkout);
  const { quarantined, odd } = await sweep(before, person.quarantine);
  assert.deepEqual([quarantined, odd], [[], []]);
  assert.equal(statSync(join(person.checkout, "theirs")).mode & 0o777, 0o311);
});
