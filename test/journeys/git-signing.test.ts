// Commits and tags signed from inside, through the real boundary, with a key that is only outside: what git outside says of
// them, what is not signed, and what is on the record (invariants 4, 9). Needs the boundary's tools, git, ssh-keygen.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { descendantsOf, formsOf, searchFiles, searchProcess } from "./memory.ts";
import { exists } from "./pusher.ts";
import { Stage } from "./stage.ts";

const skip: string | false = existsSync("/usr/bin/ssh-keygen")
  ? false
  : "no ssh-keygen here: apt-get install openssh-client";

interface Desk extends Disposable {
  readonly stage: Stage;
  readonly key: string;
  /** A line of the private part. */
  readonly secret: string;
  /** git on the host, which knows whose key it is. */
  readonly git: (...words: readonly string[]) => { readonly status: number | null; readonly said: string };
}

function openDesk(): Desk {
  const stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const key = join(stage.home, ".ssh/id_ed25519");
  stage.write(join(stage.home, ".ssh/empty"), "");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "jane@host", "-f", key]);
  const pub = readFileSync(`${key}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
  const signers = stage.write("signers", `jane@example.org namespaces="git" ${pub}\n`);
  return {
    stage,
    key,
    secret: readFileSync(key, "utf8").split("\n")[2] ?? "",
    git: (...words) => {
      const apart = ["-C", stage.work, "-c", `gpg.ssh.allowedSignersFile=${signers}`, "-c", "safe.directory=*"];
      const ran = spawnSync("git", [...apart, ...words], {
        env: { PATH: "/usr/bin:/bin", HOME: stage.base },
        encoding: "utf8",
      });
      return { status: ran.status, said: ran.stdout + ran.stderr };
    },
    [Symbol.dispose]: () => stage[Symbol.dispose](),
  };
}

const me = "git -c user.name=jane -c user.email=jane@example.org";

test("a signed commit and tag: git outside accepts them, and the key is nowhere inside", {
  skip,
  timeout: 120_000,
}, async () => {
  using desk = openDesk();
  const { stage, key, secret } = desk;
  const reached = join(stage.work, "reached");
  const script = `set -e; echo b > b.txt; git add b.txt; ${me} commit -q -S -m 'signed, inside'; ${me} tag -s -m release v1
    touch reached; read -r go; ! ls ~/.ssh`;
  const { child, ended } = stage.start(["sh", "-c", script], { policy: { signing: { key } }, input: "pipe" });
  if (!(await exists(reached, child))) assert.fail((await ended).errors);
  const forms = formsOf(secret);
  const inside = descendantsOf(child.pid ?? 0);
  assert.deepEqual(
    inside.flatMap((pid) => [...searchProcess(pid, forms).found]),
    [],
  );
  const tops = ["/tmp", "/etc", "/run/postern", stage.home, stage.work];
  assert.deepEqual(searchFiles(`/proc/${inside.at(-1) ?? 0}/root`, tops, forms), []);
  assert.ok(searchFiles("", [stage.home], forms).length > 0, "the search is sound");
  child.stdin?.end("go\n");
  const ran = await ended;
  assert.equal(ran.code, 0, ran.errors);
  for (const words of [
    ["verify-commit", "HEAD"],
    ["verify-tag", "v1"],
  ]) {
    const { status, said } = desk.git(...words);
    assert.equal(status, 0, said);
    assert.match(said, /Good "git" signature for jane@example\.org/);
  }
  assert.notEqual(desk.git("verify-commit", "HEAD~1").status, 0, "the first commit is not signed");
  const log = await stage.log();
  const signed = log.filter(({ kind }) => kind === "credential");
  assert.deepEqual(
    signed.map(({ verdict, rule, sealed }) => [verdict, rule, sealed["object"], sealed["subject"]]),
    [
      ["allow", "user:signing", "commit", "signed, inside"],
      ["allow", "user:signing", "tag", "release"],
    ],
  );
});

test("what is no commit, or is for another namespace, is not signed; a signature is looked at inside as usual", {
  skip,
  timeout: 60_000,
}, async () => {
  using desk = openDesk();
  const { stage, key } = desk;
  const program = "/run/postern/git-ssh-keygen";
  const head =
    "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\\nauthor a <a> 1 +0000\\ncommitter a <a> 1 +0000\\n\\nx\\n";
  const script = `printf 'I owe you money' > /tmp/owe; printf '${head}' > /tmp/commit
    ${program} -Y sign -n git -f /tmp/x /tmp/owe; echo $?
    ${program} -Y sign -n file -f /tmp/x /tmp/commit; echo $?
    ls /tmp/owe.sig /tmp/commit.sig 2>/dev/null; echo $?
    ${program} -Y sign -n git -f /tmp/x /tmp/commit && cat /tmp/commit.sig > sig; echo $?
    ${program} -Y check-novalidate -n git -s sig < /tmp/commit >/dev/null; echo $?`;
  const ran = await stage.run(["sh", "-c", script], { policy: { signing: { key } } });
  assert.deepEqual([ran.output, ran.code], ["255\n255\n2\n0\n0\n", 0], ran.errors);
  const refused = (await stage.log()).filter(({ kind }) => kind === "refusal");
  assert.equal(refused.length, 2);
});

test("asked: the commit waits for a person; a no, and headless, leave none", { skip, timeout: 120_000 }, async () => {
  using desk = openDesk();
  const { stage, key } = desk;
  const policy = { signing: { key, use: "ask" } };
  const commit = (subject: string): string => `${me} commit -q --allow-empty -S -m '${subject}'`;
  const { child, ended } = stage.start(["sh", "-c", `${commit("one")}; echo $?; ${commit("two")}; echo $?`], {
    policy,
  });
  for (const answer of ["approve", "deny"]) {
    const { id, text } = await question(stage, child);
    assert.match(text, /sign a commit:\n +'tree [0-9a-f]{40}'\n/);
    assert.equal((await stage.call([answer, id])).code, 0);
    while ((await stage.call(["pending"])).output.includes(id))
      await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const ran = await ended;
  assert.match(ran.output, /^0\n[1-9]\d*\n$/, ran.errors);
  assert.equal(desk.git("log", "-1", "--format=%s").said, "one\n");
  assert.equal(desk.git("verify-commit", "HEAD").status, 0);
  const headless = await stage.run(["sh", "-c", commit("three")], { policy, flags: ["--headless"] });
  assert.equal(headless.code, 123, headless.errors);
  assert.equal(desk.git("log", "-1", "--format=%s").said, "one\n");
});

test("a key that only an agent holds signs too", { skip, timeout: 60_000 }, async () => {
  using desk = openDesk();
  const { stage, key } = desk;
  const agent = join(stage.base, "agent");
  const child = spawn("ssh-agent", ["-D", "-a", agent], { stdio: "ignore" });
  try {
    while (!existsSync(agent)) await new Promise((resolve) => setTimeout(resolve, 20));
    const environment = { SSH_AUTH_SOCK: agent };
    execFileSync("ssh-add", ["-q", key], { env: { PATH: "/usr/bin:/bin", ...environment } });
    rmSync(key);
    const script = `${me} commit -q --allow-empty -S -m one; echo $?; ssh-add -l; ls $SSH_AUTH_SOCK`;
    const ran = await stage.run(["sh", "-c", script], { policy: { signing: { key: `${key}.pub` } }, environment });
    assert.match(ran.output, /^0\n/, ran.errors);
    assert.match(ran.errors, /Could not open a connection to your authentication agent/);
    assert.equal(desk.git("verify-commit", "HEAD").status, 0);
  } finally {
    child.kill();
  }
});

async function question(stage: Stage, child: { readonly exitCode: number | null }) {
  while (child.exitCode === null) {
    const { output: text } = await stage.call(["pending"]);
    const [id] = /q-[0-9A-Z]{8}/.exec(text) ?? [];
    if (id !== undefined) return { id, text };
  }
  return assert.fail("it ended without having asked");
}
