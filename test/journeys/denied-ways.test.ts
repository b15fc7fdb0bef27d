// What a rule denies does not begin by a path that only the kernel could follow, or that says one thing to us and another to
// the kernel: names that are no text, directories that have no name, links without end. Truth is what lies in the checkout.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { withoutProc } from "../../src/boundary/linux/trial.ts";
import { Stage } from "./stage.ts";

/** `ways` by a file named \xff, for which a decoy lies at U+FFFD; `away` from a removed directory; `links` by twelve links through /proc. */
const tool = `
import os
W=os.getcwd().encode()
def run(path,name,cwd=None):
  pid=os.fork()
  if pid==0:
    try:
      if cwd: os.chdir(cwd)
      os.execv(path,[b"x",W+b"/"+name])
    except OSError: os._exit(0)
  os.waitpid(pid,0)
def harmless(path):
  open(path,"w").write("#!/bin/true\\n"); os.chmod(path,0o755)
bad=b"d\\xff"; decoy="d\\ufffd".encode()
os.mkdir(bad); os.mkdir(decoy); harmless(decoy+b"/x")
os.symlink("/usr/bin/touch",bad+b"/x"); os.symlink("/usr/bin/touch","x")
run(W+b"/"+bad+b"/x",b"ran-whole"); run(b"./x",b"ran-directory",bad)
open("s","wb").write(b"#!"+W+b"/"+bad+b"/x\\n"); os.chmod("s",0o755); run(b"./s",b"ran-script")
open("p","w").write("#!/proc/self/cwd/x\\n"); os.chmod("p",0o755); run(b"./p",b"ran-proc")
os.makedirs("other/sub"); harmless("other/x")
os.mkdir("gone"); os.chdir("gone"); os.rmdir(W+b"/gone"); run(b"../x",b"ran-removed")
os.symlink(W+b"/other/sub",W+b"/gone (deleted)"); run(b"../x",b"ran-decoy"); run(b"/proc/self/cwd/../x",b"ran-link")
os.chdir(W)
for n in range(12): os.symlink(b"/proc/self/cwd/l%d"%(n-1) if n else b"/usr/bin/touch",b"l%d"%n)
run(W+b"/l11",b"ran-links")
open("t","w").write("#!./l11\\n"); os.chmod("t",0o755); run(b"./t",b"ran-interpreter")
open("control","w").close()
os.execv("/usr/bin/env",["env","cat","/dev/null"])
`;

const ran = (stage: Stage): readonly string[] => readdirSync(stage.work).filter((name) => name.startsWith("ran-"));

test("what is denied begins by no way that leads astray, and what is let begin is told (needs /proc inside)", {
  skip: withoutProc,
  timeout: 120_000,
}, async () => {
  using free = new Stage({ files: { "t.py": tool } });
  assert.equal((await free.run(["python3", "t.py"])).code, 0);
  assert.deepEqual(
    ran(free).map((name) => name.slice(4)),
    ["decoy", "directory", "interpreter", "link", "links", "proc", "removed", "script", "whole"],
    "the control: undenied, each way leads there",
  );
  using stage = new Stage({ files: { "t.py": tool } });
  const { code, summary } = await stage.run(["python3", "t.py"], { policy: { commands: { deny: [["touch"]] } } });
  assert.deepEqual([code, ran(stage)], [0, []]);
  assert.ok(readdirSync(stage.work).includes("control"));
  assert.deepEqual([summary?.commands.run, summary?.commands.refused], [3, 9], "python, env, cat; each way once");
  const refused = (await stage.log()).filter(({ kind, verdict }) => kind === "exec" && verdict === "refuse");
  assert.deepEqual(new Set(refused.map(({ rule }) => rule)), new Set(["user:commands.deny[0]"]));
});

test("what lies deeper than any path begins all the same, and ends nothing", { timeout: 60_000 }, async () => {
  const deep = `
import os
W=os.getcwd()
for _ in range(20): os.mkdir("a"*250); os.chdir("a"*250)
os.execv("/usr/bin/touch",["touch",W+"/ran-deep"])
`;
  using stage = new Stage({ files: { "t.py": deep } });
  const { code, errors } = await stage.run(["python3", "t.py"]);
  assert.deepEqual([code, ran(stage)], [0, ["ran-deep"]], errors);
  const told = (await stage.log()).find(({ sealed }) => sealed["executable"] === "/usr/bin/touch");
  assert.deepEqual([told?.sealed["directory"], told?.sealed["whole"]], ["", false]);
});
