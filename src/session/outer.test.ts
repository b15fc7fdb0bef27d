// What leads inside a place that somebody else built is none of the tool's.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { objectToEntering } from "./outer.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-entering-")));
after(() => rmSync(base, { recursive: true }));

test("a program in a tree of the tool's, by itself or by a link; with a terminal, too", () => {
  const [work, bin] = [join(base, "work"), join(base, "bin")];
  for (const path of [work, bin]) mkdirSync(path);
  writeFileSync(join(work, "enter"), "");
  symlinkSync(join(work, "enter"), join(bin, "enter"));
  const said = (enter: string, terminal = "/bin/sh") =>
    objectToEntering({ name: "work", enter: [enter, "x"], terminal: [terminal] }, [work])?.message ?? "nothing";
  for (const program of [join(work, "enter"), join(bin, "enter")]) {
    assert.match(said(program), /lies where the tool may write, in .*work$/);
    assert.match(said("/bin/sh", program), /lies where the tool may write/);
  }
  assert.equal(said("/bin/sh"), "nothing");
});
