// Sockets are found wherever they lie.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findSockets } from "./sockets.ts";

const base = mkdtempSync(join(tmpdir(), "postern-sockets-"));
after(() => rmSync(base, { recursive: true }));

/** A socket left behind by a process that is gone is one all the same. */
function leaveSocket(path: string): void {
  const script =
    "const s=require('node:net').createServer().listen(process.argv[1],()=>process.kill(process.pid,'SIGKILL'))";
  spawnSync(process.execPath, ["-e", script, path]);
}

test("near the top, deep below, and the path itself", () => {
  mkdirSync(join(base, "tree/a/b"), { recursive: true });
  writeFileSync(join(base, "tree/file"), "");
  leaveSocket(join(base, "tree/s"));
  leaveSocket(join(base, "tree/a/b/s"));
  symlinkSync("/", join(base, "tree/loop"));
  assert.deepEqual(findSockets(join(base, "tree")).paths.toSorted(), [join(base, "tree/a/b/s"), join(base, "tree/s")]);
  assert.deepEqual(findSockets(join(base, "tree/s")).paths, [join(base, "tree/s")]);
  assert.deepEqual(findSockets(join(base, "tree/file")), { paths: [], truncated: undefined });
  symlinkSync(join(base, "tree/a"), join(base, "granted"));
  assert.deepEqual(findSockets(join(base, "granted")).paths, [join(base, "granted/b/s")]);
  symlinkSync(join(base, "tree/s"), join(base, "granted-socket"));
  assert.deepEqual(findSockets(join(base, "granted-socket")).paths, [join(base, "granted-socket")]);
  assert.deepEqual(findSockets(join(base, "missing")), { paths: [], truncated: undefined });
});

const other = 54_321;

/** As somebody whom permissions hold back; root becomes such a person for a moment. */
function asOrdinary<Value>(work: () => Value): Value {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(other);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

for (const [what, mode] of [
  ["gone through", 0o311],
  ["opened again with chmod", 0o000],
] as const) {
  test(`a directory that cannot be listed but ${what} is not passed over`, () => {
    const tree = join(base, "hiding");
    const directory = join(tree, "inner");
    mkdirSync(directory, { recursive: true });
    leaveSocket(join(directory, "s"));
    chmodSync(directory, mode);
    chmodSync(base, 0o755);
    if (process.getuid?.() === 0) chownSync(directory, other, other);
    const told = asOrdinary(() => findSockets(tree));
    chmodSync(directory, 0o755);
    rmSync(tree, { recursive: true });
    assert.deepEqual(told, { paths: [], truncated: `${directory} cannot be listed` });
  });
}

test("a directory that is shut for this person is shut for the tool (needs root to make one)", {
  skip: process.getuid?.() === 0 ? false : "not root: nothing here is shut for its owner",
}, () => {
  const directory = join(base, "theirs/inner");
  mkdirSync(directory, { recursive: true });
  chmodSync(base, 0o755);
  chmodSync(directory, 0o711);
  assert.equal(asOrdinary(() => findSockets(join(base, "theirs"))).truncated, `${directory} cannot be listed`);
  chmodSync(directory, 0o700);
  assert.deepEqual(
    asOrdinary(() => findSockets(join(base, "theirs"))),
    { paths: [], truncated: undefined },
  );
});
