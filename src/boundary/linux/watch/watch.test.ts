// Needs bubblewrap, user namespaces, nftables, Python. Every way to start a program is told once with the file it is; what
// is refused does not begin; where the watch is gone nothing does.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { beginsWith, type Execution } from "../../../domain/execution.ts";
import { attempt, bash, openFolder, withoutProc } from "../trial.ts";

const python = realpathSync("/usr/bin/python3");
const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
const [execve, execveat] = process.arch === "x64" ? [59, 322] : [221, 281];

/** Each in a child of its own; `argv` says which. */
const ways = `
import ctypes,os,threading,shutil
l=ctypes.CDLL(None,use_errno=True)
env=(ctypes.c_char_p*1)(None)
def words(*w): return (ctypes.c_char_p*(len(w)+1))(*w,None)
def at(fd,path,name,flags=0): l.syscall(${execveat},fd,path,words(name),env,flags)
def fexec(n): at(os.open("/usr/bin/true",os.O_RDONLY),b"",n,0x1000)
def memfd(n):
  fd=os.memfd_create("m"); os.write(fd,open("/usr/bin/true","rb").read()); at(fd,b"",n,0x1000)
def proc_fd(n):
  fd=os.memfd_create("m"); os.write(fd,open("/usr/bin/true","rb").read()); os.execv("/proc/self/fd/%d"%fd,[n])
def dev_fd(n):
  fd=os.open("/usr/bin/true",os.O_RDONLY); os.set_inheritable(fd,True); os.execv("/dev/fd/%d"%fd,[n])
def proc_exe(n): os.execv("/proc/self/exe",[n,"-c",""])
def proc_root(n): os.execv("/proc/thread-self/root/usr/bin/true",[n])
def proc_cwd(n): os.chdir("/usr/bin"); os.execv("/proc/self/cwd/true",[n])
def link_to_exe(n): os.symlink("/proc/self/exe","/tmp/l1"); os.execv("/tmp/l1",[n,"-c",""])
def link_in_way(n): os.symlink("/proc/self/root/usr","/tmp/l2"); os.execv("/tmp/l2/bin/true",[n])
def directory(n): at(os.open("/usr/bin",os.O_RDONLY),b"true",n)
def relative(n): os.chdir("/usr/lib"); os.execv("../bin/true",[n])
def thread(n):
  t=threading.Thread(target=lambda: os.execv("/usr/bin/true",[n])); t.start(); t.join()
def vfork(n): os.posix_spawn("/usr/bin/true",[n],{}); os.wait()
def script(n):
  for p,t in (("/tmp/s1","#! /tmp/s2 arg\\n"),("/tmp/s2","#!/bin/sh -e\\n")):
    open(p,"w").write(t); os.chmod(p,0o755)
  os.execv("/tmp/s1",[n])
def deleted(n):
  shutil.copy("/usr/bin/true","/tmp/d"); fd=os.open("/tmp/d",os.O_RDONLY); os.unlink("/tmp/d"); os.execv("/proc/self/fd/%d"%fd,[n])
def none(n): l.syscall(${execve},b"/usr/bin/true",None,None)
for f in map(globals().get, os.environ["WAYS"].split()):
  if os.fork()==0:
    try: f(f.__name__.encode())
    except BaseException as e: print(f.__name__,e)
    os._exit(0)
  os.wait()
`;

test("real boundary: every way to start a program is told once, with its file and digest", {
  timeout: 60_000,
}, async () => {
  const all = [...ways.matchAll(/^def (\w+)\(n\)([\s\S]*?)(?=^def|^for)/gm)].map(([, name = "", body = ""]) => ({
    name,
    body,
  }));
  // where the inside has no /proc, what leads through it leads nowhere
  const there = all
    .filter(({ body }) => withoutProc === false || !/\/proc|\/dev\/fd/.test(body))
    .map(({ name }) => name);
  assert.equal(all.length - there.length, withoutProc === false ? 0 : 8);
  const environment = { PATH: "/usr/bin:/bin", WAYS: there.join(" ") };
  const { exit, said, executions } = await attempt([python, "-c", ways], { environment });
  assert.deepEqual([exit.code, said], [0, ""]);
  const [tool, ...told] = executions;
  assert.deepEqual([tool?.executable, tool?.parent?.executable], [python, "/usr/bin/bwrap"]);
  const truth = digest("/usr/bin/true");
  const names = told.map(({ arguments: words }) => words[0] ?? "none");
  assert.deepEqual(names, there);
  const of = (name: string): Execution | undefined => told[names.indexOf(name)];
  for (const name of names.filter((one) => !/exe$|script/.test(one))) assert.equal(of(name)?.sha256, truth, name);
  for (const name of ["proc_exe", "link_to_exe"].filter((one) => there.includes(one)))
    assert.equal(of(name)?.sha256, digest(python), name);
  const found = ["fexec", "dev_fd", "proc_root", "proc_cwd", "link_in_way", "directory", "relative", "thread", "vfork"];
  for (const name of found.filter((one) => there.includes(one)))
    assert.equal(of(name)?.executable, realpathSync("/usr/bin/true"), name);
  assert.equal(of("memfd")?.executable, "/memfd:m (deleted)");
  assert.deepEqual([of("relative")?.named, of("relative")?.directory], ["../bin/true", "/usr/lib"]);
  const shell = realpathSync("/bin/sh");
  assert.deepEqual(
    of("script")?.interpreters.map(({ executable, sha256 }) => [executable, sha256]),
    [
      ["/tmp/s2", createHash("sha256").update("#!/bin/sh -e\n").digest("hex")],
      [shell, digest(shell)],
    ],
  );
  assert.ok(told.every(({ whole }) => whole));
  assert.deepEqual(
    new Set(told.filter((_, at) => names[at] !== "vfork").map(({ parent }) => parent?.pid)),
    new Set([tool?.pid]),
  );
});

test("real boundary: what cannot begin fails as it does outside, and is not told", { timeout: 60_000 }, async () => {
  const failing = `
import ctypes,os
l=ctypes.CDLL(None,use_errno=True)
os.symlink("/tmp/b","/tmp/a"); os.symlink("/tmp/a","/tmp/b"); open("/tmp/plain","w").close(); os.mkfifo("/tmp/fifo",0o755)
words=(ctypes.c_char_p*2)(b"x",None)
for p in (b"/usr/bin/absent",b"/usr/bin/true/x",b"/usr",b"/tmp/plain",b"/tmp/fifo",b"/"+b"a"*5000,b"",b"/nowhere/x",b"/tmp/a"):
  print(l.syscall(${execve},p,words,words),ctypes.get_errno())
print(l.syscall(${execve},ctypes.c_void_p(8),words,words),ctypes.get_errno())
print(l.syscall(${execveat},os.open("/usr/bin",os.O_RDONLY),b"true",words,words,0x10000))`;
  const { said, executions } = await attempt([python, "-c", failing]);
  const lines = said.trim().split("\n");
  assert.deepEqual(lines.slice(0, 10), [
    "-1 2",
    "-1 20",
    "-1 13",
    "-1 13",
    "-1 13",
    "-1 36",
    "-1 2",
    "-1 2",
    "-1 40",
    "-1 14",
  ]);
  // asking only whether it could be executed (Linux 6.14) starts nothing
  assert.match(lines[10] ?? "", /^(?:0|-1)$/);
  assert.deepEqual(
    executions.map(({ named }) => named),
    [python, "/tmp/a"],
    "only the kernel can follow that to its end",
  );
});

const never = (prefix: readonly string[], asked: Execution[] = []) => ({
  questioned: [prefix],
  judge: (execution: Execution) => {
    assert.ok(beginsWith(prefix, execution));
    asked.push(execution);
    return Promise.resolve(false);
  },
});

test("real boundary: what is refused does not begin, by whatever name, and one search for it is one attempt", {
  timeout: 60_000,
}, async () => {
  using folder = openFolder();
  const mounts = [{ kind: "write", path: "/opt/work", from: folder.path }] as const;
  const asked: Execution[] = [];
  const script = `cd /opt/work; touch first; (exec -a harmless touch a); ln -s /usr/bin/touch t; ./t b; env touch c; echo d | xargs touch
find . -maxdepth 0 -exec touch e \\; ; /usr/bin/touch f; sh -c 'touch g'; python3 -c 'import os; os.execvp("touch",["touch","h"])' 2>&1
cp /usr/bin/touch copy; ./copy through; (exec -a touch ./copy i)`;
  const { executions } = await bash(script, { mounts }, never(["touch"], asked));
  assert.ok(existsSync(join(folder.path, "through")), "the control: a copy under another name is friction's end");
  for (const name of ["first", "a", "b", "c", "d", "e", "f", "g", "h", "i"])
    assert.ok(!existsSync(join(folder.path, name)), name);
  assert.deepEqual(
    asked.map(({ arguments: words }) => words.at(-1)),
    ["first", "a", "b", "c", "d", "e", "f", "g", "h", "i"],
  );
  assert.ok(
    executions.every(({ executable }) => !executable.endsWith("/touch")),
    "refused ones are not told as begun",
  );
});

test("real boundary: a script does not begin either, whether its interpreter is refused by a link's name or its own", {
  timeout: 60_000,
}, async () => {
  for (const name of ["sh", basename(realpathSync("/bin/sh"))]) {
    using folder = openFolder();
    const mounts = [{ kind: "write", path: "/opt/work", from: folder.path }] as const;
    const asked: Execution[] = [];
    await bash(
      "printf '#!/bin/sh\\ntouch /opt/work/never\\n' > /tmp/s; chmod +x /tmp/s; /tmp/s; touch /opt/work/after",
      { mounts },
      never([name], asked),
    );
    assert.ok(existsSync(join(folder.path, "after")), "the control");
    assert.ok(!existsSync(join(folder.path, "never")), name);
    assert.deepEqual(
      asked.map(({ named }) => named),
      ["/tmp/s"],
    );
  }
});

test("real boundary: while one waits for its judge the others go on", { timeout: 60_000 }, async () => {
  using folder = openFolder();
  const gate = Promise.withResolvers<boolean>();
  const seen: string[] = [];
  await bash(
    "touch /opt/work/late & for i in 1 2 3; do mkdir /opt/work/$i; done; wait",
    { mounts: [{ kind: "write", path: "/opt/work", from: folder.path }] },
    {
      questioned: [["touch"]],
      judge: () => gate.promise,
      told: ({ arguments: words }) => {
        seen.push(words.join(" "));
        if (words.at(-1) === "/opt/work/3") {
          assert.ok(!existsSync(join(folder.path, "late")));
          gate.resolve(true);
        }
        return Promise.resolve();
      },
    },
  );
  assert.ok(existsSync(join(folder.path, "late")));
  assert.equal(seen.filter((line) => line.startsWith("mkdir")).length, 3);
});

test("real boundary: what is not on the record holds up the next, and none is lost", { timeout: 120_000 }, async () => {
  let [told, waiting, most] = [0, 0, 0];
  await bash(
    "for i in $(seq 1500); do /bin/true; done",
    {},
    {
      told: async () => {
        told += 1;
        waiting += 1;
        most = Math.max(most, waiting);
        await new Promise((later) => setTimeout(later, 400));
        waiting -= 1;
      },
    },
  );
  assert.equal(told, 1_502, "bash, seq and 1500 more");
  assert.ok(most > 100 && most <= 1_024, `${most}`);
});

test("real boundary: whoever watches fails: everything inside ends", { timeout: 60_000 }, async () => {
  using folder = openFolder();
  const mounts = [{ kind: "write", path: "/opt/work", from: folder.path }] as const;
  const broken = Promise.reject(new Error("no record"));
  broken.catch(() => undefined);
  const { exit } = await bash("/bin/true; sleep 60; touch /opt/work/late", { mounts }, { told: () => broken });
  assert.deepEqual(exit, { code: 137, byTool: false });
  assert.ok(!existsSync(join(folder.path, "late")));
});

const here = fileURLToPath(new URL("./", import.meta.url));

test("the kernel: with the listener closed no program starts, in no thread", () => {
  const program = `import { closeSync } from "node:fs"; import { spawnSync } from "node:child_process"; import { Worker } from "node:worker_threads";
import { loadForeign } from "${here}foreign.ts"; import { installFilter } from "${here}listener.ts"; import { buildWatchProgram } from "${here}filter.ts";
const before = spawnSync("/bin/true").status;
const early = new Worker("const { parentPort } = require('worker_threads'); parentPort.once('message', () => parentPort.postMessage(require('child_process').spawnSync('/bin/true').error?.code))", { eval: true, execArgv: [] });
closeSync(installFilter(await loadForeign(), process.arch, buildWatchProgram(process.arch)));
early.postMessage(0);
const inside = await new Promise((told) => early.once("message", told));
console.log(before, spawnSync("/bin/true").error?.code, inside); process.exit(0);`;
  const node = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    "--input-type=module-typescript",
    "-e",
    program,
  ];
  const said = execFileSync("unshare", ["--user", "--map-root-user", ...node], { encoding: "utf8" });
  assert.equal(said, "0 ENOSYS ENOSYS\n");
});

test("the kernel: a second listener is refused, and said to be", () => {
  const program = `import { loadForeign } from "${here}foreign.ts"; import { installFilter } from "${here}listener.ts"; import { buildWatchProgram } from "${here}filter.ts";
const install = async () => installFilter(await loadForeign(), process.arch, buildWatchProgram(process.arch));
await install(); await install().catch((error) => console.log(error.message));`;
  const node = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    "--input-type=module-typescript",
    "-e",
    program,
  ];
  const { stdout } = spawnSync("unshare", ["--user", "--map-root-user", ...node], { encoding: "utf8" });
  assert.equal(stdout, "the kernel refuses the listener: error 16\n");
});
