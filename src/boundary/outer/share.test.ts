// What inside has put into the directory both sides see stops no session, and no number of its connections is kept.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { OuterPlace } from "../contract.ts";
import { openFolder } from "../linux/trial.ts";
import { reachInside } from "./hand.ts";
import { openShare } from "./share.ts";

const uid = process.getuid?.() ?? -1;

function placeAt(host: string, enter: readonly string[] = ["/bin/true"]): OuterPlace {
  const both = { host, inside: host };
  return { name: "one", enter, terminal: enter, door: both, workspace: both, node: "node", environment: {} };
}

test("directories in the place of files, left by inside, stop neither a start nor an end", async () => {
  using folder = openFolder();
  const dead = join(folder.path, "p0123456789abcdef");
  for (const kind of ["c", "d", "mjs", "bundle"]) mkdirSync(`${dead}.${kind}`);
  writeFileSync(`${dead}.authority`, "");
  const share = await openShare(placeAt(folder.path), uid);
  assert.ok(!existsSync(`${dead}.authority`), "what is a file is swept");
  const own = join(folder.path, share.name);
  rmSync(`${own}.mjs`);
  mkdirSync(`${own}.mjs`);
  share[Symbol.dispose]();
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.startsWith(share.name)),
    [`${share.name}.mjs`],
  );
});

test("once the program has come, whoever else does is cut off at once", async () => {
  using folder = openFolder();
  using share = await openShare(placeAt(folder.path), uid);
  const path = join(folder.path, `${share.name}.c`);
  const came = new Promise((resolve) => share.onControl(resolve));
  const program = connect({ path });
  program.write("\n");
  await came;
  const other = connect({ path }).on("error", () => undefined);
  await once(other.resume(), "close", { signal: AbortSignal.timeout(5_000) });
  program.destroy();
});

test("a word in single bytes is heard as one", async () => {
  using folder = openFolder();
  const script = `const name = process.argv.at(-1);
const socket = require("node:net").connect({ path: ${JSON.stringify(folder.path)} + "/" + name + ".c" });
const word = JSON.stringify({ kind: "here", port: 7, pid: 7, home: "/h".padEnd(2000, "x"), path: "", node: "v24" }) + "\\n";
const next = (at) => at < word.length && socket.write(word[at], () => setImmediate(next, at + 1));
next(0);`;
  await using hand = await reachInside({
    place: placeAt(folder.path, [process.execPath, "-e", script, "--"]),
    uid,
    relay: undefined,
  });
  assert.equal(hand.here.home.length, 2_000);
});
