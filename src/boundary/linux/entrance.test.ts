import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findCovers } from "./covers.ts";
import { chooseEntrance } from "./entrance.ts";
import { limits } from "./limits.ts";
import { findPrograms } from "./programs.ts";

const table = "/proc/sys/net/ipv4/tcp_ehash_entries";

void test("the inside's connections stand in a table of their own, looked through in microseconds (needs namespaces)", async (t) => {
  const programs = findPrograms();
  assert.ok("unshare" in programs);
  if (findCovers().length > 0) return t.skip("/proc is covered here, where root comes in without a user namespace");
  const {
    command: [program, ...flags],
  } = await chooseEntrance(programs);
  const inside = spawnSync(program, [...flags, "cat", table], { env: { PATH: "/usr/bin:/bin" }, encoding: "utf8" });
  // the kernel says a negative number where a namespace shares the host's table
  assert.deepEqual([inside.status, inside.stdout], [0, `${limits.connectionBuckets}\n`], inside.stderr);
  assert.notEqual(readFileSync(table, "utf8"), inside.stdout);
});
