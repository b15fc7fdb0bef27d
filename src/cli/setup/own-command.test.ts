// How scripts elsewhere start this Postern: from a checkout by its launcher, installed by the Node that runs it.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { ownCommand } from "./own-command.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-own-")));
after(() => rmSync(base, { recursive: true }));

function put(path: string): string {
  const file = join(base, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
  return file;
}

test("a checkout: its launcher, which knows its own Node", () => {
  const launcher = put("checkout/postern");
  const own = ownCommand(put("checkout/src/cli/main.ts"), "/node");
  assert.deepEqual(own, { words: [launcher], needs: [launcher] });
});

test("an installation: the file behind the link in PATH, and the Node that runs it", () => {
  const file = put("lib/node_modules/postern/dist/postern.cjs");
  mkdirSync(join(base, "bin"));
  symlinkSync("../lib/node_modules/postern/dist/postern.cjs", join(base, "bin/postern"));
  const own = ownCommand(join(base, "bin/postern"), "/opt/node/bin/node");
  assert.deepEqual(own.words, ["/opt/node/bin/node", "--disable-warning=ExperimentalWarning", file]);
  assert.deepEqual(own.needs, ["/opt/node/bin/node", file]);
});

test("one that npx fetched for this command would be gone tomorrow", () => {
  const file = put(".npm/_npx/0a1b/node_modules/postern/dist/postern.cjs");
  assert.throws(() => ownCommand(file, "/node"), /was fetched for one command/);
});
