// A tree is copied while somebody still works in it: a directory that gives way to a link in the middle leads the copy nowhere,
// neither to read nor to write.

import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { copyTree } from "./copy.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-copy-"));

  constructor() {
    for (const path of ["from/d/e", "person/e"]) mkdirSync(join(this.root, path), { recursive: true });
    for (const name of ["1", "2", "e/3"]) {
      writeFileSync(join(this.root, "from/d", name), "the tool's", { mode: 0o644 });
      writeFileSync(join(this.root, "person", name), "the person's", { mode: 0o600 });
    }
  }

  /** Once the first name of the directory is looked at. */
  copy(turned: string): void {
    const place = join(this.root, turned);
    let done = false;
    copyTree(join(this.root, "from"), join(this.root, "to"), {
      skip: (path) => {
        if (path.startsWith("d/") && !done) {
          done = true;
          renameSync(place, `${place}.away`);
          symlinkSync(join(this.root, "person"), place);
        }
        return false;
      },
    });
    assert.ok(done);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

test("what is read is the directory that was entered", () => {
  using bench = new Bench();
  bench.copy("from/d");
  for (const name of ["1", "2", "e/3"]) assert.equal(bench.read(`to/d/${name}`), "the tool's");
});

test("what is written goes into the directory that was made", () => {
  using bench = new Bench();
  for (const name of ["1", "2", "e"]) rmSync(join(bench.root, "person", name), { recursive: true });
  const mode = statSync(join(bench.root, "person")).mode;
  bench.copy("to/d");
  assert.deepEqual(readdirSync(join(bench.root, "person")), []);
  assert.equal(statSync(join(bench.root, "person")).mode, mode);
  for (const name of ["1", "2", "e/3"]) assert.equal(bench.read(`to/d.away/${name}`), "the tool's");
});

test("permissions and times are kept", () => {
  using bench = new Bench();
  copyTree(join(bench.root, "person"), join(bench.root, "to"));
  const [one, other] = ["person/e/3", "to/e/3"].map((path) => statSync(join(bench.root, path)));
  assert.equal(other?.mode, one?.mode);
  assert.equal(Math.round(other?.mtimeMs ?? 0), Math.round(one?.mtimeMs ?? 1));
});
