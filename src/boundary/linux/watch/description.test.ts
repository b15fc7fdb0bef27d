// Needs bubblewrap, user namespaces, nftables, Python. The digest told is that of what began, or none: not of what a program
// made of itself while others were hashed.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { test } from "node:test";
import type { Digest } from "../../../domain/brand.ts";
import type { Execution } from "../../../domain/execution.ts";
import { attempt } from "../trial.ts";
import { running } from "./running.ts";

const python = realpathSync("/usr/bin/python3");
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const rewriting = "#!/bin/sh\necho '#!/bin/true' >/tmp/new; cat /tmp/new >\"$0\"; exit\n";
const still = `#!/bin/sh\nexit\n${"#".repeat(3 * 1024 * 1024)}\n`;
const interpreted = "#!/tmp/interpreter\n";

/** First what takes long to hash, so that everything behind it waits for that. */
const tool = `
import os,time,shutil
def put(path,text):
  open(path,"w").write(text); os.chmod(path,0o755)
def run(path):
  pid=os.posix_spawn(path,[path],{"PATH":"/usr/bin:/bin"}); os.waitpid(pid,0)
shutil.copy("/usr/bin/true","/tmp/slow"); open("/tmp/slow","ab").truncate(300*1024*1024)
rewriting=${JSON.stringify(rewriting)}
put("/tmp/small",rewriting); put("/tmp/interpreter",rewriting); put("/tmp/interpreted",${JSON.stringify(interpreted)})
put("/tmp/large",rewriting+"#"*3*1024*1024+"\\n"); put("/tmp/still","#!/bin/sh\\nexit\\n"+"#"*3*1024*1024+"\\n")
time.sleep(0.2)
for name in ("slow","small","large","still","interpreted"): run("/tmp/"+name)
print(open("/tmp/small").read(),open("/tmp/large").read(),open("/tmp/interpreter").read(),sep="",end="")
`;

test("real boundary: a program that writes itself anew is told by what began, or by no digest", {
  timeout: 60_000,
}, async () => {
  const { exit, said, executions } = await attempt([python, "-c", tool]);
  assert.deepEqual([exit.code, said], [0, "#!/bin/true\n".repeat(3)], "each was rewritten");
  const of = (name: string): Execution | undefined =>
    executions.find(({ executable }) => executable === `/tmp/${name}`);
  const told = ["small", "large", "still", "interpreted"].map((name) => of(name)?.sha256);
  assert.deepEqual(told, [digest(rewriting), undefined, digest(still), digest(interpreted)] as (Digest | undefined)[]);
  assert.equal(of("interpreted")?.interpreters[0]?.sha256, digest(rewriting));
});

/** What is written through memory that was shared before does not move the file's times; while it is, nothing begins by it. */
const mapping = `
${running}
import mmap,time
for path,size in (("/tmp/small",100),("/tmp/push",3<<20)):
  one,other=(("#!/bin/sh\\nexit %d\\n"%n).encode().ljust(size,b"#") for n in (1,2))
  open(path,"wb").write(one); os.chmod(path,0o755)
  f=open(path,"r+b"); m=mmap.mmap(f.fileno(),size); m[0]=m[0]; f.close()
  time.sleep(0.3); before=os.stat(path).st_ctime_ns
  run(path); time.sleep(0.3); m[:30]=other[:30]; m.close(); run(path)
  print(os.stat(path).st_ctime_ns==before)
`;

test("real boundary: what was written through shared memory is told by what it is, and so asked about", {
  timeout: 60_000,
}, async () => {
  const asked: Execution[] = [];
  const { said, executions } = await attempt(
    [python, "-c", mapping],
    {},
    {
      questioned: [["push"]],
      judge: (execution) => Promise.resolve(asked.push(execution) < 0),
    },
  );
  assert.equal(said, "True\nTrue\n", "by its times it is the same file");
  const of = (size: number) => [1, 2].map((n) => digest(`#!/bin/sh\nexit ${n}\n`.padEnd(size, "#")));
  const small = executions.filter(({ executable }) => executable === "/tmp/small");
  assert.deepEqual(
    small.map(({ sha256 }) => String(sha256)),
    of(100),
  );
  assert.deepEqual(
    asked.map(({ sha256 }) => String(sha256)),
    of(3 << 20),
  );
});
