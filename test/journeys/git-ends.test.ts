// What Postern starts outside for a tool ends with it where it is killed by force: an ssh whose server hangs, an ssh-keygen whose
// agent does, a credential's command (invariant 8). What counts is the table of processes outside. Needs the boundary's tools, sshd, root.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { makeBare } from "./git-server.ts";
import { descendantsOf } from "./memory.ts";
import { exists } from "./pusher.ts";
import { openSshServer, withoutSsh } from "./ssh-server.ts";
import { Stage, type Started } from "./stage.ts";

const host = "git.example.com";

function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** With when it began: another process may have its number later. */
function isSame(pid: number, began: string): boolean {
  return statOf(pid).at(-1) === began && !/^[ZX]$/.test(statOf(pid)[0] ?? "Z");
}

/** State … beginning (proc_pid_stat(5)). */
function statOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
      .slice(0, 20);
  } catch {
    return [];
  }
}

async function until(there: () => boolean, { child, ended }: Started): Promise<void> {
  while (!there()) {
    if (child.exitCode !== null) assert.fail(`it has ended: ${(await ended).errors}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Below the command line, outside: whose first words are these. */
function find(started: Started, ...words: readonly string[]): readonly number[] {
  const all = descendantsOf(started.child.pid ?? 0);
  return all.filter((pid) => words.every((word, at) => argumentsOf(pid)[at] === word));
}

/** All of its process group: what it started, and what stands beside it. */
function groupOf(started: Started, pid: number): readonly number[] {
  const group = statOf(pid)[2];
  return descendantsOf(started.child.pid ?? 0).filter((each) => statOf(each)[2] === group);
}

/** SIGKILL to the command line while this process runs: nothing of its group is left a moment later. */
async function killWhile(started: Started, pid: number): Promise<void> {
  const group = groupOf(started, pid).map((each) => [each, statOf(each).at(-1) ?? ""] as const);
  assert.ok(group.some(([each]) => each === pid));
  const left = (): number => group.filter(([each, began]) => isSame(each, began)).length;
  assert.equal(left(), group.length);
  started.child.kill("SIGKILL");
  assert.equal((await started.ended).code, 137);
  const end = Date.now() + 20_000;
  while (left() > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  const stayed = left();
  for (const [each, began] of group) if (isSame(each, began)) process.kill(each, "SIGKILL");
  assert.equal(stayed, 0, "what was started outside has ended");
}

test("an ssh whose server hangs in the middle of a fetch ends with a killed session", {
  skip: withoutSsh,
  timeout: 120_000,
}, async () => {
  using stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const root = join(stage.base, "srv");
  makeBare(root, "team/one.git");
  await using server = await openSshServer(stage, root, host);
  const far = join(stage.base, "far");
  stage.write(
    join(stage.base, "sshd/force"),
    `#!/bin/sh\necho $$ > ${far}.new; mv ${far}.new ${far}\nexec sleep 600\n`,
  );
  const policy = { network: { allow: [{ host, protocol: "ssh", ports: [server.port], paths: ["/~/team/**"] }] } };
  const words = ["git", "ls-remote", `ssh://git@${host}:${server.port}/~/team/one.git`];
  const started = stage.start(words, { policy, before: server.enter });
  await until(() => existsSync(far), started);
  try {
    const [ssh = 0, ...more] = find(started, "ssh", "-o");
    assert.deepEqual(more, []);
    assert.ok(argumentsOf(ssh).includes("git-upload-pack '~/team/one.git'"));
    await killWhile(started, ssh);
  } finally {
    process.kill(Number(readFileSync(far, "utf8")), "SIGKILL");
  }
});

test("an ssh-keygen whose agent does not answer ends with a killed session", {
  skip: existsSync("/usr/bin/ssh-keygen") ? false : "no ssh-keygen here: apt-get install openssh-client",
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const key = join(stage.home, "id");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
  const agent = join(stage.base, "agent");
  const sockets: { destroy(): void }[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(agent);
  try {
    const me = "git -c user.name=jane -c user.email=jane@example.org";
    const started = stage.start(["sh", "-c", `${me} commit -q --allow-empty -S -m one`], {
      policy: { signing: { key: `${key}.pub` } },
      environment: { SSH_AUTH_SOCK: agent },
    });
    await until(() => sockets.length > 0, started);
    const [keygen = 0] = find(started, "ssh-keygen", "-Y", "sign");
    await killWhile(started, keygen);
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
});

test("a credential's command, and what it started, ends with a killed start", { timeout: 60_000 }, async () => {
  using stage = new Stage();
  const told = join(stage.base, "told");
  const command = ["sh", "-c", `trap "" HUP TERM PIPE; sleep 600 </dev/null >/dev/null 2>&1 & echo > ${told}; wait`];
  const credentials = { a: { from: { command }, to: { host: "api.example.com", header: "x-a" } } };
  const started = stage.start(["true"], { policy: { credentials } });
  assert.ok(await exists(told, started.child));
  const [leader = 0] = find(started, ...command);
  assert.equal(groupOf(started, leader).length, 3);
  await killWhile(started, leader);
});
