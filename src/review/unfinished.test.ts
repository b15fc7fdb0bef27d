import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { parseSessionId } from "../domain/brand.ts";
import { findControlFiles } from "./control-files.ts";
import { sweep } from "./sweep.ts";
import { clearUnfinished, listUnfinished, noteUnfinished, parseUnfinished } from "./unfinished.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-unfinished-")));
after(() => rmSync(base, { recursive: true }));
const [state, work] = [join(base, "state"), join(base, "work")];
for (const directory of [state, join(work, ".git/hooks"), join(work, ".vscode"), join(work, "empty")])
  mkdirSync(directory, { recursive: true });
writeFileSync(join(work, ".git/HEAD"), "ref: refs/heads/main\n");
writeFileSync(join(work, ".git/config"), "[core]\n\tbare = false\n");
writeFileSync(join(work, ".vscode/tasks.json"), "{}");
const session = parseSessionId("s-AAAAAAA1") ?? assert.fail();
const unfinished = { session, owner: "boot ns 1 2", found: findControlFiles(work) };

/** JSON has no undefined. */
function plain(value: typeof unfinished | undefined): unknown {
  const { found, ...rest } = value ?? assert.fail();
  const leaves = [...found.leaves];
  return JSON.parse(JSON.stringify({ ...rest, found: { ...found, leaves, entered: [...found.entered] } }));
}

test("what was found comes back as it was, until the end is noted", () => {
  assert.equal(noteUnfinished(state, unfinished), undefined);
  const [kept] = listUnfinished(state, work);
  assert.deepEqual(plain(kept), plain(unfinished));
  assert.deepEqual(listUnfinished(state, base), []);
  const [name = ""] = readdirSync(join(state, "unfinished"));
  assert.equal(statSync(join(state, "unfinished", name)).mode & 0o777, 0o600);
  clearUnfinished(state, work, session);
  assert.deepEqual(listUnfinished(state, work), []);
});

test("a sweep can be made from it: what came since is put away, what was there stays", async () => {
  noteUnfinished(state, unfinished);
  writeFileSync(join(work, ".mcp.json"), "{}");
  const [kept] = listUnfinished(state, work);
  const { quarantined } = await sweep(kept?.found ?? assert.fail(), join(state, "quarantine"));
  assert.deepEqual(
    quarantined.map(({ path }) => path),
    [".mcp.json"],
  );
});

test("a state directory that cannot be written is a fault with a hint", () => {
  writeFileSync(join(base, "file"), "");
  assert.match(noteUnfinished(join(base, "file"), unfinished)?.hint ?? "", /writable/);
});

test("any JSON: one or undefined, no throw", () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void parseUnfinished(text)));
  const whole = JSON.stringify({ version: 1, session, owner: "o", found: { workspace: work } });
  assert.equal(parseUnfinished(whole), undefined);
});
