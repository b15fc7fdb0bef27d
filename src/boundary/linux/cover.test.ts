// Needs bubblewrap, user namespaces, nftables, nsenter. What comes while the tool runs is covered; and whatever the tool lays in
// the way, nothing of its own is begun outside for it. Judged by files of the host.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { become, enterAs, enterCovered } from "./covered-room.ts";
import { type Covered, cover } from "./covering.ts";

const plain = ["echo secret >/ws/x", ["/ws/x"]] as const;
const root = process.getuid?.() === 0;
const timeout = 60_000;

/** The same by somebody else. */
function coverAs([program = "", ...by]: readonly string[]): Covered {
  const script = `import { cover } from ${JSON.stringify(new URL("covering.ts", import.meta.url).pathname)};
process.stdout.write(JSON.stringify(await cover(${JSON.stringify(plain[0])}, ${JSON.stringify(plain[1])})));`;
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e"];
  const env = { PATH: process.env["PATH"], HOME: "/nonexistent" };
  return JSON.parse(execFileSync(program, [...by, ...node, script], { encoding: "utf8", env, timeout: 50_000 }));
}

const hidden: Covered = { covered: ["now"], read: "", began: false };

test("real boundary: what has come is covered", { timeout }, async () => {
  assert.deepEqual(await cover(...plain), hidden);
});

test("real boundary: for an ordinary user too", {
  timeout,
  skip: root ? false : "NOT TRIED: not root, so the one before was an ordinary user",
}, () => {
  assert.deepEqual(coverAs(enterAs(become(12_345))), hidden);
});

test("real boundary: where /proc is covered, too", { timeout }, () => {
  assert.deepEqual(coverAs(enterCovered()), hidden);
});

test("real boundary: a tool that lays its own program in the way begins nothing outside", { timeout }, async () => {
  const own = "#!/bin/sh\\necho >/ws/began\\n";
  // what is laid over, by another thing of its own; and what is run for it, covered by way of a link
  const script = `mv /run/postern /run/old; mkdir -p /tmp/m/blank; ln -s /tmp/m /run/postern; ln -s /tmp/m/blank /run/postern/blank
printf '${own}' >/tmp/m/blank/file; chmod 755 /tmp/m/blank/file
mkdir /ws/d; ln -s /usr/bin/mount /ws/d/a; echo secret >/ws/d/b`;
  const { covered, read, began } = await cover(script, ["/ws/d/a", "/ws/d/b"]);
  assert.equal(began, false);
  assert.deepEqual([covered[1], read], ["now", ""]);
});
