// Needs bubblewrap, user namespaces, nftables. An ordinary user where /proc is covered in part and the kernel gives no fresh
// one: the same walls, and nothing of this system's processes inside. Judged by the host's view of the tool.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { asInDocker, dockersRoot, enterCovered } from "./covered-room.ts";
import { findCovers } from "./covers.ts";
import { childrenOf } from "./doors/owners.ts";
import { openFolder } from "./trial.ts";

const house = fileURLToPath(new URL("./", import.meta.url));
const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
const environment = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", HOME: "/nonexistent" };

/** On the command line of a process outside the walls, in the process namespace that the covered /proc shows. */
const canary = "canary-8c1f";

/** Writes down all it finds out about processes, says so, and waits. */
const nosy = `ls -A /proc >/ws/names; cat /proc/[0-9]*/cmdline /proc/*/*/cmdline >/ws/found 2>/dev/null
for f in /proc/self/fd /dev/fd /dev/stdin /proc/net /proc/mounts; do test -e $f && echo $f >>/ws/names; done
for d in {0..255}; do ls /dev/fd/$d/ /proc/self/fd/$d/ >>/ws/names 2>/dev/null; done; touch /ws/done; sleep 1000`;

interface Sight {
  /** Processes inside. */
  readonly count: number;
  /** Roots, in the file system they are from, of everything mounted inside that is of some /proc. */
  readonly roots: readonly string[];
  /** Of every process inside: descriptors that lead into a /proc. */
  readonly descriptors: readonly string[];
  readonly names: readonly string[];
  readonly found: string;
}

/** A session of an ordinary user in a covered place, as the host sees it. */
async function look(more: readonly string[] = []): Promise<Sight> {
  using folder = openFolder();
  const workspace = join(folder.path, "ws");
  mkdirSync(workspace);
  for (const path of [folder.path, workspace]) chmodSync(path, 0o777);
  const script = `import { bash } from "${house}trial.ts";
await bash(${JSON.stringify(nosy)}, { mounts: [{ kind: "write", path: "/ws", from: "${workspace}" }] });`;
  const [program, ...words] = [...enterCovered(more), ...node, "--input-type=module-typescript", "-e", script, canary];
  const room = spawn(program, words, { stdio: ["ignore", "ignore", "inherit"], env: environment });
  try {
    while (!existsSync(join(workspace, "done")) && room.exitCode === null) await setTimeout(20);
    assert.equal(room.exitCode, null, "the session lives");
    const all = below(room.pid ?? 0);
    const inside = all.filter((pid) => readMounts(pid).some(({ point }) => point === "/ws"));
    const procs = new Set(
      all.flatMap((pid) => readMounts(pid).flatMap(({ kind, device }) => (kind === "proc" ? device : []))),
    );
    const read = (name: string): string => readFileSync(join(workspace, name), "utf8");
    const open = inside.map(openOf).filter((one) => one.length > 0);
    return {
      count: open.length,
      roots: readMounts(inside.at(-1) ?? 0).flatMap(({ kind, root }) => (kind === "proc" ? root : [])),
      descriptors: open.flat().flatMap(({ path, device }) => (procs.has(device) ? path : [])),
      names: read("names").trim().split("\n"),
      found: read("found"),
    };
  } finally {
    await end(room);
  }
}

async function end(room: ChildProcess): Promise<void> {
  const ended = once(room, "exit");
  room.kill("SIGKILL");
  if (room.exitCode === null) await ended;
}

const below = (pid: number): readonly number[] => childrenOf("/proc", pid).flatMap((child) => [child, ...below(child)]);

interface Mounted {
  readonly device: number;
  readonly root: string;
  readonly point: string;
  readonly kind: string;
}

/** Empty where it has just ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** mountinfo, proc(5). */
function readMounts(pid: number): readonly Mounted[] {
  const lines = textOf(`/proc/${pid}/mountinfo`).trim().split("\n");
  return lines.map((line) => {
    const [, , device = "", root = "", point = ""] = line.split(" ");
    const [major = 0, minor = 0] = device.split(":").map(Number);
    return { device: major * 256 + minor, root, point, kind: line.split(" - ")[1]?.split(" ")[0] ?? "" };
  });
}

interface Open {
  readonly path: string;
  readonly device: number;
}

/** Whatever a process has open, stands in or runs; empty where it has just ended. */
function openOf(pid: number): readonly Open[] {
  const open = namesIn(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
  return [...open, `/proc/${pid}/cwd`, `/proc/${pid}/root`, `/proc/${pid}/exe`].flatMap((path) => {
    const seen = statSync(path, { throwIfNoEntry: false });
    return seen === undefined ? [] : [{ path, device: seen.dev }];
  });
}

/** Inside, a /proc with this root would lead to processes: whole, or a process's own, or a link to one. */
const leadsToProcesses = (root: string): boolean => /^\/(?:$|\d|self|thread-self|net|mounts|tty|fs)/.test(root);

test("real boundary, covered /proc: nothing inside leads to a process of the outside", {
  timeout: 60_000,
}, async () => {
  for (const more of [[], asInDocker]) {
    const { count, roots, descriptors, names, found } = await look(more);
    assert.ok(count >= 2);
    assert.deepEqual(roots.filter(leadsToProcesses), []);
    assert.ok(roots.includes("/meminfo") && roots.includes("/sys/kernel"));
    assert.deepEqual(descriptors, []);
    assert.deepEqual(names, ["cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "sys", "uptime", "version"]);
    assert.equal(found, "");
  }
});

test("real boundary, covered /proc: were this system's own bound inside, the test above would see it", {
  timeout: 60_000,
}, async () => {
  using folder = openFolder();
  chmodSync(folder.path, 0o755);
  const guard = `${house}view/proc.ts`;
  const text = readFileSync(guard, "utf8");
  const planted = text.replace(
    'args.add("--perms", "0555", "--tmpfs", "/proc");',
    'return args.add("--ro-bind", outerProc, "/proc");',
  );
  assert.notEqual(planted, text);
  writeFileSync(join(folder.path, "planted.ts"), planted);
  const { roots, names, found } = await look(["--ro-bind", join(folder.path, "planted.ts"), guard]);
  assert.ok(roots.some(leadsToProcesses));
  assert.ok(names.includes("1"));
  assert.match(found, new RegExp(canary));
});

/** In a covered place: what a short script of the boundary's own says. */
function say(script: string, place: readonly string[]): unknown {
  const [program, ...words] = [...place, ...node, "--input-type=module-typescript", "-e", script];
  const said = execFileSync(program, words, {
    encoding: "utf8",
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(said);
}

test("real boundary, covered /proc: what is lacking is said, and nothing else is lacking", { timeout: 60_000 }, () => {
  const script = `import { enterBoundary } from "${house}enter.ts"; import { plan, bash } from "${house}trial.ts";
const listen = "import socket; s=socket.socket(); s.bind(('127.0.0.1',443)); print('low')";
const { exit, caught, said } = await bash(\`python3 -c "\${listen}" 2>&1 | tail -n 1; curl -s http://203.0.113.7:2525/; getent hosts a.test; exit 3\`);
await using walls = await enterBoundary(plan());
console.log(JSON.stringify({ exit, caught, said, grade: walls.grade, lacks: walls.lacks }));`;
  const caught = [
    { door: "tcp", to: "203.0.113.7 2525", by: "/usr/bin/curl" },
    { door: "dns", to: "100.64.0.53 53", by: "/usr/bin/getent" },
  ];
  const exit = { code: 3, byTool: true };
  const whole = { exit, caught, grade: "full" };
  assert.partialDeepStrictEqual(say(script, enterCovered()), { ...whole, lacks: ["proc"], said: "low\n" });
  const docker = say(script, enterCovered(asInDocker));
  assert.partialDeepStrictEqual(docker, {
    ...whole,
    lacks: ["proc", "low-ports"],
    said: "PermissionError: [Errno 13] Permission denied\n",
  });
});

const root = process.getuid?.() === 0;

test("real boundary, covered /proc, root that may not mount (needs root): no setting of the machine can be written", {
  timeout: 60_000,
  skip: root ? false : "NOT TRIED: not root",
}, () => {
  const core = "/proc/sys/kernel/core_pattern";
  const before = readFileSync(core, "utf8");
  const tries = `find /proc -type f | while read f; do (: >>$f) 2>/dev/null && echo OPEN $f; done; echo x >${core}; chmod 666 /proc/version`;
  const script = `import { bash } from "${house}trial.ts"; console.log(JSON.stringify(await bash(${JSON.stringify(tries)})));`;
  for (const more of [[], asInDocker]) {
    const { said } = say(script, enterCovered(more, dockersRoot)) as { said: string };
    assert.doesNotMatch(said, /OPEN/);
    assert.match(said, /core_pattern: Read-only file system\n.*Read-only file system/);
    assert.equal(readFileSync(core, "utf8"), before);
  }
});

const battery = ["walls", "reach", "ground", "handles", "terminal/terminal"].map((name) => `${house}${name}.test.ts`);
const already = !root && findCovers().length > 0 && "runs in such a place already";

test("real boundary, covered /proc: the tests of this room once more", { timeout: 300_000, skip: already }, () => {
  const [program = "", ...words] = [...enterCovered(), ...node, "--test", "--test-reporter=tap", ...battery];
  const { stdout, stderr } = spawnSync(program, words, { encoding: "utf8", env: environment });
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1]);
  assert.deepEqual([count("fail"), count("cancelled")], [0, 0], `${stdout}${stderr}`);
  assert.ok(count("pass") >= 25, stdout);
  const skipped = [...stdout.matchAll(/^ok \d+ - (.*) # SKIP/gm)].map(([, name = ""]) => name);
  assert.deepEqual(
    skipped.filter((name) => !/needs \/proc inside|as an ordinary user/.test(name)),
    [],
  );
});
