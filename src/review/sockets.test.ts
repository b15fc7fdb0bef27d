// Sockets are found wherever they lie.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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
