// Needs bubblewrap, user namespaces, nftables. Everything inside fills what it can: bounded at what was said, as seen from outside; the
// doors are attended meanwhile, the bound is told, and nothing is left afterwards.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { become, enterAs } from "../covered-room.ts";
import { watch } from "../trial.ts";
import { amountsOf } from "./amounts.ts";
import { openCgroup, readStanding } from "./cgroup.ts";
import { countBomb, type Filled, fill } from "./filling.ts";

const MiB = 2 ** 20;
const amounts = { scratch: 24 * MiB, scratchFiles: 1_500 };

test("real boundary: temporary directories are bounded together, and being full is told", {
  timeout: 60_000,
}, async () => {
  const script = ["/tmp", "/var/tmp", "/dev/shm"].map((path) => `cat /dev/zero >${path}/full`).join("; ");
  const { seen, told, left } = await fill(`${script}; cat /dev/zero >/dev/full-of-it`, amounts, (pid) =>
    ["/tmp", "/var/tmp", "/dev/shm", "/run", "/dev"].map((path) => {
      const { type, bsize, blocks, bfree } = statfsSync(`/proc/${pid}/root${path}`);
      const ro = readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n");
      const mount = ro.find((line) => line.split(" ")[4] === path)?.split(" ");
      return {
        tmpfs: type === 0x01021994,
        bytes: (blocks - bfree) * bsize,
        where: mount?.[2],
        how: mount?.[5]?.slice(0, 2),
      };
    }),
  );
  const [first, ...more] = seen;
  assert.ok(first?.tmpfs);
  assert.equal(first.bytes, amounts.scratch, "it is full to the byte");
  for (const { where } of more.slice(0, 3)) assert.equal(where, first.where, "one file system for all of them");
  assert.equal(more[3]?.how, "ro", "and nothing else to fill");
  assert.deepEqual(told, ["scratch"]);
  assert.ok(!left);
});

test("real boundary: as many files as were said, and no more", { timeout: 60_000 }, async () => {
  const script = "for i in {1..2000}; do : >/tmp/$i || break; done";
  const { seen, told, left } = await fill(script, amounts, (pid) => readdirSync(`/proc/${pid}/root/tmp`).length);
  assert.ok(seen > 1_400 && seen <= amounts.scratchFiles, String(seen));
  assert.deepEqual(told, ["scratch-files"]);
  assert.ok(!left);
});

const root = process.getuid?.() === 0;

test("real boundary: an ordinary user's processes are bounded together, seen from outside", {
  timeout: 60_000,
}, async () => {
  if (!root) return judgeBomb(await countBomb());
  const script = `import { countBomb } from ${JSON.stringify(new URL("filling.ts", import.meta.url).pathname)};
process.stdout.write(JSON.stringify(await countBomb()));`;
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e"];
  const [program, ...words] = [...enterAs(become(12_345)), ...node, script];
  const environment = { PATH: process.env["PATH"], HOME: "/nonexistent" };
  const said = execFileSync(program, words, { encoding: "utf8", env: environment, timeout: 50_000 });
  judgeBomb(JSON.parse(said) as Filled<number>);
});

function judgeBomb({ seen, left }: Filled<number>): void {
  assert.ok(seen > 60 && seen < 120, `${seen} processes`);
  assert.ok(!left);
}

test("real boundary: when the machine runs out of memory what is inside goes first", { timeout: 60_000 }, async () => {
  const score = (pid: number | "self"): number => Number(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8"));
  const before = score("self");
  const inside = await watch(score);
  assert.equal(inside, 500);
  assert.equal(score("self"), before);
});

test("a group of its own is made in the nearest place that hands out memory and processes, and taken away", async () => {
  const mount = mkdtempSync(join(tmpdir(), "postern-cgroup-"));
  try {
    // files of a directory that plays the hierarchy: what is written can be read, and nothing is moved
    const group = (path: string, controllers: string, given: string): void => {
      mkdirSync(join(mount, path), { recursive: true });
      writeFileSync(join(mount, path, "cgroup.controllers"), controllers);
      writeFileSync(join(mount, path, "cgroup.subtree_control"), given);
    };
    group("/", "cpu memory pids", "cpu memory pids");
    group("/a", "cpu memory pids", "");
    group("/a/b", "cpu", "cpu");
    const standing = { mount, path: "/a/b/ours" };
    // empty: one of a session that is only about to enter it, one of a session that was killed
    const of = (pid: number): string => join(mount, `a/postern-${pid}-other`);
    const [alive, dead] = [process.pid, 2 ** 30];
    for (const pid of [alive, dead]) mkdirSync(of(pid));
    const made = await openCgroup({ memory: 1_000, processes: 7 }, "/bin/sh", standing);
    assert.ok("procs" in made);
    assert.deepEqual([existsSync(of(alive)), existsSync(of(dead))], [true, false]);
    assert.match(made.procs, new RegExp(`^${mount}/a/postern-${process.pid}-[a-z0-9]+/cgroup\\.procs$`));
    const read = (name: string): string => readFileSync(join(made.procs, "..", name), "utf8");
    assert.deepEqual([read("memory.max"), read("pids.max"), read("cgroup.procs")], ["1000", "7", "0\n"]);
    assert.equal(readFileSync(join(mount, "a/cgroup.subtree_control"), "utf8"), "+memory +pids");
    writeFileSync(join(made.procs, "../memory.events"), "oom 3\noom_kill 2\noom_group_kill 0\n");
    writeFileSync(join(made.procs, "../pids.events"), "max 0\n");
    assert.deepEqual(made.reached(), [{ bound: "memory", times: 2 }]);
    // the inside is led out of what stands around us, and takes its bounds along
    mkdirSync(join(mount, "a/b/ours"));
    writeFileSync(join(mount, "a/b/ours/memory.max"), "600\n");
    writeFileSync(join(mount, "a/b/ours/pids.max"), "max\n");
    writeFileSync(join(mount, "a/b/pids.max"), "5\n");
    writeFileSync(join(mount, "a/memory.max"), "9\n");
    // only some kernels count swap
    writeFileSync(join(made.procs, "../memory.swap.max"), "max\n");
    made.bound({ memory: 1_000, processes: 7 });
    assert.deepEqual([read("memory.max"), read("pids.max"), read("memory.swap.max")], ["600", "5", "0"]);
    made.bound({ memory: 500, processes: 3 });
    assert.deepEqual([read("memory.max"), read("pids.max")], ["500", "3"]);
    const none = await openCgroup(amountsOf(), "/bin/sh", { mount, path: "/" });
    assert.ok("procs" in none, "at the top of the machine's own, beside the processes there");
    group("/", "cpuset", "");
    assert.deepEqual(await openCgroup(amountsOf(), "/bin/sh", { mount, path: "/" }), {
      seen: `${mount} has no controller for memory and pids`,
    });
  } finally {
    rmSync(mount, { recursive: true, force: true });
  }
});

const standing = readStanding();

test("real cgroup (needs root, cgroups of version 2): entered from another user namespace, and ended with all in it", {
  timeout: 60_000,
  skip: root && standing !== undefined ? false : "NOT TRIED: not root, or no cgroups of version 2 here",
}, async () => {
  const mount = standing?.mount ?? "";
  const above = `/postern-test-${process.pid}`;
  mkdirSync(`${mount}${above}/own`, { recursive: true });
  try {
    const made = await openCgroup(amountsOf(), "/bin/sh", { mount, path: `${above}/own`, controllers: [] });
    assert.ok("procs" in made, JSON.stringify(made));
    const words = [
      "--user",
      "--map-root-user",
      "--mount",
      "sh",
      "-c",
      'echo 0 >"$1"; exec sleep 600',
      "sh",
      made.procs,
    ];
    const child = spawn("unshare", words, { stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    const members = (): readonly string[] => readFileSync(made.procs, "utf8").split("\n").filter(Boolean);
    while (members().length === 0 && child.exitCode === null) await setTimeout(10);
    assert.deepEqual(members(), [String(child.pid)]);
    await made.end();
    assert.equal(await ended, "SIGKILL");
    assert.deepEqual(
      readdirSync(`${mount}${above}`).filter((name) => name.startsWith("postern-")),
      [],
    );
  } finally {
    rmdirSync(`${mount}${above}/own`);
    rmdirSync(`${mount}${above}`);
  }
});

test("amounts are a part of the machine's memory, and never too little for a build", () => {
  const GiB = 2 ** 30;
  assert.deepEqual(
    [2, 8, 64].map((size) => amountsOf(size * GiB).memory / GiB),
    [4, 6, 48],
  );
  assert.deepEqual([amountsOf(2 * GiB).scratch, amountsOf(2 * GiB).scratchFiles], [GiB, 131_072]);
});
