// A directory that gives way to a link: captured, listed, and taken back; and nothing behind the link is looked at.

import assert from "node:assert/strict";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { changesBetween } from "./changes.ts";
import { findControlFiles } from "./control-files.ts";
import { openObjectStore } from "./object-store.ts";
import { undo } from "./undo.ts";
import { capture } from "./undo-point.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-sift-")));
after(() => rmSync(base, { recursive: true }));

function good<Value>(value: Value | Fault): Value {
  if (value instanceof Fault) assert.fail(value.message);
  return value;
}

for (const ignored of [false, true]) {
  test(`a link in a directory's place${ignored ? ", ignored" : ""}`, async () => {
    const root = mkdtempSync(join(base, "one-"));
    const [workspace, outside] = [join(root, "work"), join(root, "outside")];
    mkdirSync(join(workspace, "dir/deep"), { recursive: true });
    mkdirSync(outside);
    writeFileSync(join(outside, "f"), "precious");
    writeFileSync(join(workspace, "dir/f"), "one");
    writeFileSync(join(workspace, "dir/deep/g"), "two");
    if (ignored) writeFileSync(join(workspace, ".gitignore"), "/dir\n");
    else writeFileSync(join(workspace, "other"), "three");
    const store = good(openObjectStore(join(root, "state"), workspace));
    const point = (since?: Awaited<ReturnType<typeof take>>) => take(since);
    const take = async (since: Parameters<typeof capture>[1]["since"]) =>
      good(await capture(store, { found: findControlFiles(workspace), ...(since === undefined ? {} : { since }) }));
    const before = await point();
    rmSync(join(workspace, "dir"), { recursive: true });
    symlinkSync(outside, join(workspace, "dir"));
    writeFileSync(join(workspace, "new"), "n");
    const later = await point(before);
    const changes = good(await changesBetween(store, before, later)).map(({ change, path }) => `${change} ${path}`);
    assert.ok(changes.includes("added new"), changes.join());
    if (ignored) return;
    assert.deepEqual(changes.toSorted(), ["added dir", "added new", "deleted dir/deep/g", "deleted dir/f"]);
    const undone = good(await undo(store, { before, after: later }));
    assert.deepEqual(undone.failed, []);
    assert.equal(lstatSync(join(workspace, "dir")).isDirectory(), true);
    assert.equal(readFileSync(join(workspace, "dir/deep/g"), "utf8"), "two");
    assert.deepEqual(readdirSync(outside), ["f"]);
    assert.equal(readFileSync(join(outside, "f"), "utf8"), "precious");
  });
}
