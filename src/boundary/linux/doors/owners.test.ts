import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { limits } from "../limits.ts";
import { openFolder } from "../trial.ts";
import { openOwners, parseArguments, parseInsidePid } from "./owners.ts";

function addProcess(proc: string, pid: number, children: readonly number[], inode?: number): void {
  mkdirSync(join(proc, `${pid}/task/${pid}`), { recursive: true });
  mkdirSync(join(proc, `${pid}/fd`), { recursive: true });
  writeFileSync(join(proc, `${pid}/task/${pid}/children`), children.map((child) => `${child} `).join(""));
  writeFileSync(join(proc, `${pid}/status`), `Name:\tx\nNSpid:\t${pid}\t9\t${pid - 100}\n`);
  writeFileSync(join(proc, `${pid}/cmdline`), "curl\0-s\0");
  symlinkSync("/usr/bin/curl (deleted)", join(proc, `${pid}/exe`));
  if (inode !== undefined) symlinkSync(`socket:[${inode}]`, join(proc, `${pid}/fd/7`));
}

test("the owner is found among the descendants only, and is gone when it is", async () => {
  using folder = openFolder();
  addProcess(folder.path, 101, [102]);
  addProcess(folder.path, 102, [103, 104]);
  addProcess(folder.path, 103, [102], 55);
  addProcess(folder.path, 900, [], 66);
  const owners = openOwners(101, folder.path);
  const curl = {
    kind: "process",
    pid: 103,
    insidePid: 3,
    executable: "/usr/bin/curl (deleted)",
    arguments: ["curl", "-s"],
  };
  assert.deepEqual(await owners.find(55), curl);
  assert.deepEqual(await owners.find(55), curl);
  for (const inode of [66, 0, -1]) assert.deepEqual(await owners.find(inode), { kind: "gone" });
  rmSync(join(folder.path, "103"), { recursive: true });
  assert.deepEqual(await owners.find(55), { kind: "gone" });
});

test("what a process says of itself is bounded", () => {
  assert.deepEqual(parseArguments(""), [""]);
  assert.equal(parseInsidePid("Name:\tNSpid:\t1\nNSpid:\t12\t3\n"), 3);
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 200 }), fc.string(), (words, status) => {
      const kept = parseArguments(words.join("\0"));
      assert.ok(kept.length <= limits.argumentCount && kept.join("").length <= limits.argumentBytes);
      parseInsidePid(status);
    }),
  );
});
