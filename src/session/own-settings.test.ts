// What a tool set in its copy of a git configuration is taken over into the file that lay there when the session began, and
// into no other.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "../review/control-files.ts";
import { openOwnSettings } from "./own-settings.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-settings-"));
  readonly other = this.at("other/.git/config");

  constructor() {
    for (const path of ["work/sub", "other"]) {
      mkdirSync(this.at(path), { recursive: true });
      execFileSync("git", ["init", "-q", this.at(path)]);
    }
  }

  at(path: string): string {
    return join(this.root, path);
  }

  /** What the tool does in its copy, and then in the checkout. */
  async settle(unheld: boolean, leave: () => void) {
    const own = openOwnSettings(findControlFiles(this.at("work")), {
      directory: this.at("settings"),
      number: 0,
      concealed: [],
    });
    appendFileSync(this.at("settings/0/config"), '[branch "new"]\n\tremote = .\n\tmerge = refs/heads/main\n');
    leave();
    return own.settle(unheld);
  }

  read(path: string): string {
    return readFileSync(this.at(path), "utf8");
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

test("a branch that was tracked is tracked outside", async () => {
  using bench = new Bench();
  assert.deepEqual(await bench.settle(false, () => undefined), []);
  assert.match(bench.read("work/sub/.git/config"), /\[branch "new"\]\n\tremote = \.\n/);
});

test("what is hidden or masked is in no copy of what husky generated", () => {
  using bench = new Bench();
  for (const path of ["pre-commit", "key.pem", "deep/key.pem"]) {
    mkdirSync(join(bench.at(`work/.husky/_/${path}`), ".."), { recursive: true });
    writeFileSync(bench.at(`work/.husky/_/${path}`), "x");
  }
  const concealed = ["key.pem", "deep"].map((path) => bench.at(`work/.husky/_/${path}`));
  const { mounts } = openOwnSettings(findControlFiles(bench.at("work")), {
    directory: bench.at("settings"),
    number: 0,
    concealed,
  });
  const copy = mounts.flatMap((mount) => (mount.path.endsWith("/.husky/_") && "from" in mount ? [mount.from] : []));
  assert.deepEqual(
    copy.map((place) => readdirSync(place)),
    [["pre-commit"]],
  );
  assert.deepEqual(readdirSync(bench.at("work/.husky/_")).sort(), ["deep", "key.pem", "pre-commit"]);
});

const ways: readonly (readonly [what: string, leave: (bench: Bench) => void])[] = [
  [
    "a link to another repository in its directory's place",
    (bench) => symlinkSync(bench.at("other"), bench.at("work/sub")),
  ],
  [
    "a link to another repository's configuration in its place",
    (bench) => {
      mkdirSync(bench.at("work/sub/.git"), { recursive: true });
      symlinkSync(bench.other, bench.at("work/sub/.git/config"));
    },
  ],
];

for (const [what, leave] of ways)
  for (const unheld of [false, true])
    test(`nothing is written through ${what}${unheld ? ", where nothing was held" : ""}`, async () => {
      using bench = new Bench();
      const was = bench.read("other/.git/config");
      const left = await bench.settle(unheld, () => {
        renameSync(bench.at("work/sub"), bench.at("work/away"));
        leave(bench);
      });
      assert.equal(bench.read("other/.git/config"), was);
      assert.deepEqual(
        left.map(({ path }) => path),
        ["sub/.git/config"],
      );
    });
