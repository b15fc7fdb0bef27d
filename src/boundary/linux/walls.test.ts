// Needs bubblewrap, user namespaces, nftables. What the walls forbid, exit codes, and that nothing outlives them.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Fault } from "../../domain/fault.ts";
import { diagnose } from "./diagnose.ts";
import { childrenOf } from "./doors/owners.ts";
import { enterBoundary } from "./enter.ts";
import { type Life, lifeOf, waitUntilGone } from "./life.ts";
import { attempt, bash, openFolder, plan, watch, withoutProc } from "./trial.ts";
import { bystander } from "./watch/bystander.ts";

test("real boundary: descriptors, privileges, namespaces, as the host sees them", { timeout: 60_000 }, async () => {
  const kinds = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];
  const spaces = (of: number | "self") => kinds.map((kind) => readlinkSync(`/proc/${of}/ns/${kind}`));
  const { status, open, own, mounts } = await watch((pid) => ({
    status: readFileSync(`/proc/${pid}/status`, "utf8"),
    open: readdirSync(`/proc/${pid}/fd`),
    own: spaces(pid),
    mounts: readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n"),
  }));
  for (const line of [/^NoNewPrivs:\t1$/m, /^Seccomp:\t2$/m, /^NSpid:\t(?:\d+\t)+[2-5]$/m]) assert.match(status, line);
  for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"])
    assert.match(status, new RegExp(`^Cap${set}:\t0{16}$`, "m"), set);
  assert.deepEqual(open, ["0", "1", "2"]);
  const settings = mounts.filter((line) => line.split(" ")[4]?.startsWith("/proc/sys"));
  assert.ok(settings.length > 0);
  for (const line of settings)
    assert.match(line, /^\S+ \S+ \S+ \S+ \S+ ro,/, "to the real root's id they would be writable");
  assert.deepEqual(
    spaces("self").filter((space) => own.includes(space)),
    [],
  );
});

const core = "/proc/sys/kernel/core_pattern";

test("real boundary: who it is, its limits, and nothing of the machine to write", { timeout: 60_000 }, async () => {
  const before = readFileSync(core, "utf8");
  const { said } = await bash(
    `id -u; hostname; ls /sys 2>&1; : >> ${core}; ulimit -c; ulimit -Hn; ls -A /home /root /mnt 2>&1 | wc -l`,
  );
  const lines = said.split("\n");
  assert.deepEqual(lines.slice(0, 2), ["1000", "postern"]);
  assert.match(said, /'\/sys': No such file/);
  assert.match(said, /core_pattern: (?:Read-only file system|Permission denied)/);
  assert.ok(Number(lines.at(-3)) <= 65_536 && lines.at(-4) === "0");
  assert.equal(readFileSync(core, "utf8"), before);
});

test("real boundary (needs /proc inside): only its own processes are there, and no file of it can be written", {
  timeout: 60_000,
  skip: withoutProc,
}, async () => {
  const script = `ls /proc | grep -E '^[0-9]+$' | wc -l; cat /proc/1/environ | tr '\\0' '\\n'
find /proc -path '/proc/[0-9]*' -prune -o -type f -writable -print 2>/dev/null | while read f; do (: >> $f) 2>/dev/null && echo OPEN $f; done`;
  const { said } = await bash(script);
  assert.match(said, /^[1-6]\n/);
  assert.doesNotMatch(said, /OPEN/);
});

test("real boundary: the kernel refuses what the seccomp rules name", { timeout: 60_000 }, async () => {
  const python = `import ctypes,os,platform,socket
l=ctypes.CDLL(None,use_errno=True); x=platform.machine()=="x86_64"
def c(name,a,b,*args):
  r=l.syscall(a if x else b,*args); print(name, os.strerror(ctypes.get_errno()) if r<0 else "ALLOWED")
c("unshare",272,97,0x10000000); c("clone3",435,435,0,0); c("setns",308,268,0,0); c("mount",165,40,0,0,0,0,0); c("chroot",161,51,b"/")
c("io_uring",425,425,1,0); c("bpf",321,280,0,0,0); c("perf",298,241,0,0,0,0,0); c("uffd",323,282,0); c("keyctl",250,219,0,0); c("ptrace",101,117,0,0,0,0)
c("vm_readv",310,270,1,0,0,0,0,0); c("handle",304,265,-1,0,0); c("open_tree",428,428,-1,b"/",0); c("future",470,470)
if x: c("x32",0x40000000+39,0)
for n,a in (("raw",(2,3,1)),("packet",(17,3,0)),("vsock",(40,1,0)),("alg",(38,5,0)),("sctp",(2,1,132)),("mptcp",(2,1,262)),("udplite",(2,2,136)),("ping",(2,2,1)),("netfilter",(16,3,12))):
  try: socket.socket(*a); print(n,"ALLOWED")
  except OSError as e: print(n,e.strerror)
import fcntl
for n,m in (("setuid",0o4755),("setgid",0o2755),("plain",0o755)):
  try: os.chmod(os.open("/tmp/f",os.O_CREAT),m); print(n,"ALLOWED")
  except OSError as e: print(n,e.strerror)
try: fcntl.ioctl(0,0x5412,b"x"); print("tiocsti ALLOWED")
except OSError as e: print("tiocsti",e.strerror)
s=socket.socketpair(); socket.socket(socket.AF_UNIX); socket.socket(16,3,0); print("own", len(socket.if_nameindex()))`;
  const { said } = await attempt(["/usr/bin/python3", "-c", python]);
  const no = "Operation not permitted";
  const answers = Object.fromEntries(
    said
      .trim()
      .split("\n")
      .map((line) => [line.split(" ")[0], line.replace(/^\S+ /, "")]),
  );
  for (const name of [
    "unshare",
    "setns",
    "mount",
    "chroot",
    "bpf",
    "perf",
    "uffd",
    "keyctl",
    "ptrace",
    "vm_readv",
    "handle",
    "open_tree",
    "raw",
    "setuid",
    "setgid",
    "tiocsti",
  ]) {
    assert.equal(answers[name], no, `${name} ${said}`);
  }
  for (const name of ["clone3", "io_uring", "future", ...(process.arch === "x64" ? ["x32"] : [])]) {
    assert.equal(answers[name], "Function not implemented", name);
  }
  for (const name of ["packet", "vsock", "alg"])
    assert.equal(answers[name], "Address family not supported by protocol", name);
  for (const name of ["sctp", "mptcp", "udplite", "ping", "netfilter"])
    assert.equal(answers[name], "Protocol not supported", name);
  assert.deepEqual([answers["own"], answers["plain"]], ["1", "ALLOWED"]);
});

test("real boundary: exit codes", { timeout: 60_000 }, async () => {
  const codes = async (...command: string[]): Promise<unknown> => (await attempt(command)).exit;
  assert.deepEqual(await codes("/bin/sh", "-c", "exit 7"), { code: 7, byTool: true });
  assert.deepEqual(await codes("/bin/sh", "-c", "kill -TERM $$"), { code: 143, byTool: true });
  assert.deepEqual(await codes("no-such-command"), { code: 127, byTool: true });
  assert.deepEqual(await codes("/etc/passwd"), { code: 126, byTool: true });
  await assert.rejects(
    attempt(["true"], { directory: "/nowhere" }),
    (error) => error instanceof Fault && error.code === "no-mount",
  );
});

test("real boundary: left unused, used twice, signalled, killed", { timeout: 60_000 }, async () => {
  await (await enterBoundary(plan()))[Symbol.asyncDispose]();
  {
    await using walls = await enterBoundary(plan());
    const running = walls.run(
      [
        "/bin/bash",
        "-c",
        "exec 3<>/dev/tcp/203.0.113.1/1; trap 'exit 5' USR1; echo up >&3; while :; do sleep 0.05; done",
      ],
      bystander(),
    );
    await new Promise<void>((up) => walls.doors.onArrival(({ stream }) => stream.once("data", () => up())));
    await assert.rejects(walls.run(["true"], bystander()), /used already/);
    walls.signal("SIGUSR1");
    assert.deepEqual(await running, { code: 5, byTool: true });
    walls.signal("SIGUSR1");
    walls.kill();
  }
  await using walls = await enterBoundary(plan());
  walls.doors.onArrival(() => walls.kill());
  const exit = await walls.run(
    ["/bin/bash", "-c", "setsid sleep 1000 & echo > /dev/tcp/203.0.113.1/1; sleep 1000"],
    bystander(),
  );
  assert.deepEqual(exit, { code: 137, byTool: false });
});

const house = fileURLToPath(new URL("./", import.meta.url));
const resident = `import { enterBoundary } from "${house}enter.ts"; import { plan } from "${house}trial.ts"; import { bystander } from "${house}watch/bystander.ts";
await using walls = await enterBoundary(plan());
walls.doors.onArrival(() => console.log("up"));
const broken = walls.broken.catch(() => "broken");
console.log(JSON.stringify(await walls.run(["/bin/bash", "-c", "setsid -f sleep 1000; sleep 1000 & (echo > /dev/tcp/203.0.113.1/1); sleep 1000"], bystander())));
console.log(await Promise.race([broken, "whole"]));`;

test("real boundary: what the CLI inherited does not reach the tool", { timeout: 60_000 }, () => {
  const code = `import { watch } from "${house}trial.ts"; import { readdirSync } from "node:fs";
console.log((await watch((pid) => readdirSync("/proc/" + pid + "/fd"))).join());`;
  const start = 'exec 40</dev/null 41</dev/null; exec "$0" --input-type=module-typescript -e "$1"';
  const said = execFileSync("/bin/bash", ["-c", start, process.execPath, code], { encoding: "utf8" });
  assert.equal(said, "0,1,2\n");
});

/** Everything below a process, from the host. */
function below(pid: number): readonly Life[] {
  const life = lifeOf(pid);
  return [...(life ? [life] : []), ...childrenOf("/proc", pid).flatMap(below)];
}

for (const victim of ["cli", "unshare", "helper", "bubblewrap", "first process inside"]) {
  test(`real boundary: SIGKILL of ${victim} leaves nothing`, { timeout: 60_000 }, async () => {
    const cli = spawn(process.execPath, ["--input-type=module-typescript", "-e", resident], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said = listen(cli);
    while (!said().includes("up")) await once(cli.stdout, "data");
    const family = below(cli.pid ?? 0);
    assert.ok(family.length >= 8, `${family.length}`);
    const place = ["cli", "unshare", "helper", "bubblewrap", "first process inside"].indexOf(victim);
    const ended = once(cli, "exit");
    process.kill(family[place]?.pid ?? 0, "SIGKILL");
    await ended;
    await Promise.all(family.map(waitUntilGone));
    assert.deepEqual(
      family.filter((life) => lifeOf(life.pid)?.began === life.began),
      [],
    );
    if (victim === "first process inside") assert.match(said(), /"code":137/);
    else if (victim !== "cli") assert.match(said(), /"code":137,"byTool":false}\nbroken/);
  });
}

test("real boundary: SIGKILL while it is being built leaves nothing", { timeout: 60_000 }, async () => {
  for (let turn = 0; turn < 6; turn += 1) {
    const cli = spawn(process.execPath, ["--input-type=module-typescript", "-e", resident], { stdio: "ignore" });
    const ended = once(cli, "exit");
    const family = new Map<number, Life>();
    // kill when so many processes exist: a different moment each time
    while (family.size < 2 + (turn % 6) && cli.exitCode === null) {
      for (const life of below(cli.pid ?? 0)) family.set(life.pid, life);
      await setImmediate();
    }
    for (const life of below(cli.pid ?? 0)) family.set(life.pid, life);
    cli.kill("SIGKILL");
    await ended;
    await Promise.all([...family.values()].map(waitUntilGone));
    assert.deepEqual(
      [...family.values()].filter((life) => lifeOf(life.pid)?.began === life.began),
      [],
    );
  }
});

function listen(child: ChildProcess): () => string {
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return () => said;
}

test("real boundary: the doctor finds nothing missing where the others pass", { timeout: 60_000 }, async () => {
  const checks = await diagnose();
  assert.deepEqual(
    checks.filter((check) => !check.ok),
    [],
  );
  assert.equal(
    checks.some(({ name, remedy }) => name === "/proc inside" && remedy !== undefined),
    withoutProc !== false,
  );
});

const alone = process.getuid?.() === 0 ? false : "runs as one already";
test("real boundary as an ordinary user", { skip: alone }, () => {
  using folder = openFolder();
  execFileSync("chmod", ["755", folder.path]);
  const root = resolve(house, "../../..");
  cpSync(join(root, "src"), join(folder.path, "src"), {
    recursive: true,
    filter: (path) => /src($|\/(domain|boundary))/.test(path),
  });
  const modules = join(folder.path, "node_modules");
  mkdirSync(modules);
  for (const name of ["koffi", "@koromix"]) {
    if (existsSync(join(root, "node_modules", name)))
      cpSync(join(root, "node_modules", name), join(modules, name), { recursive: true });
  }
  writeFileSync(join(folder.path, "package.json"), '{"type":"module"}');
  const node = join(folder.path, "node");
  try {
    // through a shell: setpriv itself may still pass where only root may
    const words = ["sh", "-c", 'exec "$0" -e 0', process.execPath];
    execFileSync("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", ...words], { stdio: "ignore" });
    symlinkSync(process.execPath, node);
  } catch {
    copyFileSync(process.execPath, node);
  }
  writeFileSync(
    join(folder.path, "go.ts"),
    `import { attempt, bash } from "./src/boundary/linux/trial.ts";
const { exit, caught, said } = await bash("id -u; curl -s http://203.0.113.7:2525/; curl -s 'http://[2001:db8::7]/'; getent hosts a.test; exit 3", { identity: { uid: 1234, gid: 1234, name: "dev", home: "/tmp", shell: "/bin/sh" } });
console.log(JSON.stringify({ exit, caught, said }));`,
  );
  const answer: unknown = JSON.parse(
    execFileSync(
      "setpriv",
      ["--reuid", "65534", "--regid", "65534", "--clear-groups", node, join(folder.path, "go.ts")],
      {
        encoding: "utf8",
        cwd: dirname(node),
      },
    ),
  );
  assert.partialDeepStrictEqual(answer, {
    exit: { code: 3, byTool: true },
    said: "1234\n",
    caught: [
      { door: "tcp", to: "203.0.113.7 2525", by: "/usr/bin/curl" },
      { door: "tcp", to: "2001:db8::7 80", by: "/usr/bin/curl" },
      { door: "dns", to: "100.64.0.53 53", by: "/usr/bin/getent" },
    ],
  });
});
