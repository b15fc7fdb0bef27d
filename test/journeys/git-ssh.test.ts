// git over ssh, through the real boundary, against a real sshd: what the server was asked to run and holds afterwards, what is
// on the record, and that neither the key nor a way to use it otherwise is inside (invariants 1, 4, 9). Needs the boundary's tools, sshd, root.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, headOf, makeBare } from "./git-server.ts";
import { descendantsOf, formsOf, searchFiles, searchProcess } from "./memory.ts";
import { commit, exists, Pusher } from "./pusher.ts";
import { openSshServer, type SshServer, withoutSsh } from "./ssh-server.ts";
import { Stage } from "./stage.ts";

const host = "git.example.com";

interface Forge extends AsyncDisposable {
  readonly stage: Stage;
  readonly server: SshServer;
  readonly one: string;
  readonly url: string;
  readonly policy: (more?: object) => object;
}

async function openForge(): Promise<Forge> {
  const stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const root = join(stage.base, "srv");
  const one = makeBare(root, "team/one.git");
  makeBare(root, "other/two.git");
  const server = await openSshServer(stage, root, host);
  return {
    stage,
    server,
    one,
    url: `ssh://git@${host}:${server.port}/~/team/one.git`,
    policy: (more = {}) => ({
      network: { allow: [{ host, protocol: "ssh", ports: [server.port], paths: ["/team/**", "/~/team/**"], ...more }] },
    }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      stage[Symbol.dispose]();
    },
  };
}

test("clone, fetch and push over ssh: with a key that is nowhere inside", {
  skip: withoutSsh,
  timeout: 120_000,
}, async () => {
  await using forge = await openForge();
  const { stage, server, one } = forge;
  const start = headOf(one);
  const reached = join(stage.work, "reached");
  const script = `set -e; W=$PWD; cd /tmp; git clone -q git@${host}:team/one.git c; cd c; git fetch -q
    git config user.name in; git config user.email in@example.org
    echo more > more.txt; git add more.txt; git commit -qm more
    git push -q origin HEAD:main; git rev-parse HEAD > $W/head; touch $W/reached; read -r go; ! ls ~/.ssh; ! ssh-add -l`;
  const policy = forge.policy({ push: "allow" });
  const { child, ended } = stage.start(["sh", "-c", script], { policy, input: "pipe", before: server.enter });
  if (!(await exists(reached, child))) assert.fail((await ended).errors);
  const forms = formsOf(server.secret);
  const inside = descendantsOf(child.pid ?? 0);
  assert.deepEqual(
    inside.flatMap((pid) => [...searchProcess(pid, forms).found]),
    [],
  );
  const shell = inside.at(-1) ?? 0;
  assert.deepEqual(searchFiles(`/proc/${shell}/root`, ["/tmp", "/etc", "/run", stage.home, stage.work], forms), []);
  assert.ok(searchFiles("", [stage.home], forms).length > 0, "the search is sound: it is here outside");
  child.stdin?.end("go\n");
  const ran = await ended;
  assert.equal(ran.code, 0, ran.errors);

  const here = readFileSync(join(stage.work, "head"), "utf8").trim();
  assert.equal(headOf(one), here);
  assert.deepEqual(server.commands(), [
    "git-upload-pack 'team/one.git'",
    "git-upload-pack 'team/one.git'",
    "git-receive-pack 'team/one.git'",
  ]);
  const log = await stage.log();
  const connections = log.filter(({ kind, sealed }) => kind === "connection" && sealed["carried"] === "ssh");
  assert.deepEqual(
    connections.map(({ verdict, rule, sealed }) => [verdict, rule, sealed["method"], sealed["target"]]),
    ["git-upload-pack", "git-upload-pack", "git-receive-pack"].map((service) => [
      "allow",
      "user:network.allow[0]",
      service,
      "team/one.git",
    ]),
  );
  const pushed = log.find(({ kind }) => kind === "request");
  assert.deepEqual(pushed?.sealed["push"], {
    updates: [{ old: start, new: here, ref: "refs/heads/main" }],
    options: [],
  });
  const replies = log.filter(({ kind, sealed }) => kind === "reply" && sealed["outcome"] === "whole");
  assert.equal(replies.length, 3);
  assert.ok(replies.every(({ counts }) => (counts["bytes-in"] ?? 0) > 0));
  assert.equal(ran.summary?.network.hosts[0]?.host, host);
});

test("a push over ssh is asked about, and an answer is for exactly that push", {
  skip: withoutSsh,
  timeout: 120_000,
}, async () => {
  await using forge = await openForge();
  const { stage, server, one, url } = forge;
  const before = headOf(one);
  const pusher = new Pusher(stage, url, { policy: forge.policy(), before: server.enter });
  assert.notEqual(await pusher.say(`${commit("x")}; git rev-parse HEAD > $W/head; git push -q origin HEAD:main`), 0);
  assert.match(readFileSync(join(stage.work, "err"), "utf8"), /postern: a person is asked about this push/);
  const first = readFileSync(join(stage.work, "head"), "utf8").trim();
  assert.equal(headOf(one), before);
  const [question] = await pusher.pending();
  assert.deepEqual(question?.effect, {
    kind: "push",
    protocol: "ssh",
    host,
    port: server.port,
    user: "git",
    repository: "~/team/one.git",
    updates: [{ old: before, new: first, ref: "refs/heads/main" }],
    options: [],
  });
  assert.equal((await stage.call(["approve", question?.id ?? ""])).code, 0);
  assert.notEqual(await pusher.say("git push -q origin HEAD:elsewhere"), 0);
  assert.notEqual(await pusher.say(`${commit("y")}; git push -q origin HEAD:main`), 0);
  assert.deepEqual([headOf(one), headOf(one, "refs/heads/elsewhere")], [before, ""]);
  assert.equal(await pusher.say(`git push -q origin ${first}:main`), 0);
  assert.equal(headOf(one), first);
  const [again] = (await pusher.pending()).filter(({ effect }) => JSON.stringify(effect).includes("refs/heads/main"));
  assert.equal((await stage.call(["deny", again?.id ?? ""])).code, 0);
  assert.notEqual(await pusher.say("git push -q origin HEAD:main"), 0);
  assert.equal(headOf(one), first);
  const ran = await pusher.end();
  assert.equal(ran.code, 0, ran.errors);
});

test("a grant is for what the server opens by that very name: plain git adds .git to it, and nothing else does", {
  skip: withoutSsh,
  timeout: 120_000,
}, async () => {
  await using forge = await openForge();
  const { stage, server, one } = forge;
  const at = (path: string): string => `git ls-remote ssh://git@${host}:${server.port}/~/${path} | wc -l`;
  const asked = ["team/one", "team/one/", "team/one.git", "team/one/.git", "team/on", "team/one.git.git"];
  for (const [granted, works] of [
    ["team/one", ["team/one"]],
    ["team/one.git", ["team/one.git"]],
  ] as const) {
    const before = server.commands().length;
    const policy = forge.policy({ paths: [`/~/${granted}`] });
    const ran = await stage.run(["sh", "-c", asked.map(at).join("\n")], { policy, before: server.enter });
    const seen = asked.filter((_, index) => Number(ran.output.split("\n")[index]) > 0);
    assert.deepEqual(seen, works, ran.errors);
    assert.deepEqual(
      server.commands().slice(before),
      [`git-upload-pack '~/${granted}'`],
      "no other name was asked for",
    );
  }
  assert.equal(headOf(one).length, 40);
});

test("a program the tool puts where the person's PATH would find it is not started outside", {
  skip: withoutSsh,
  timeout: 120_000,
}, async () => {
  await using forge = await openForge();
  const { stage, server } = forge;
  const canary = join(stage.base, "canary");
  const plant = `mkdir -p .venv/bin; for name in ssh proxy; do
    printf '#!/bin/sh\\ntouch ${canary}; exit 1\\n' > .venv/bin/$name; chmod +x .venv/bin/$name; done; cp .venv/bin/* .`;
  const own = join(stage.home, ".ssh/config");
  for (const proxy of ["", "  ProxyCommand proxy || ./proxy || nc %h %p\n"]) {
    stage.write(own, `${readFileSync(own, "utf8")}${proxy}`);
    const ran = await stage.run(["sh", "-c", `${plant}; git ls-remote ${forge.url}`], {
      policy: forge.policy(),
      before: server.enter,
      environment: { PATH: `.:${stage.work}/.venv/bin::${process.env["PATH"] ?? ""}` },
    });
    assert.equal(existsSync(canary), false, "nothing of the checkout's ran outside");
    if (proxy === "") assert.match(ran.output, /refs\/heads\/main/, ran.errors);
  }
});

test("headless, and where pushes are refused: nothing changes; a fetch goes on", {
  skip: withoutSsh,
  timeout: 120_000,
}, async () => {
  for (const [push, flags, code] of [
    ["ask", ["--headless"], 123],
    ["refuse", [], 0],
  ] as const) {
    await using forge = await openForge();
    const before = headOf(forge.one);
    const running = { policy: forge.policy({ push }), flags, before: forge.server.enter };
    const pusher = new Pusher(forge.stage, forge.url, running);
    assert.notEqual(await pusher.say(`${commit("x")}; git push -q origin HEAD:main`), 0);
    assert.equal(await pusher.say("git fetch -q origin"), 0);
    const ran = await pusher.end();
    assert.deepEqual([ran.code, headOf(forge.one)], [code, before], ran.errors);
  }
});

test("nothing but git's own fetch and push: no shell, no options, no other host, user or repository", {
  skip: withoutSsh,
  timeout: 120_000,
}, async () => {
  await using forge = await openForge();
  const { stage, server } = forge;
  const canary = join(stage.base, "canary");
  const fetch = "git-upload-pack 'team/one.git'";
  const tries: readonly (readonly string[])[] = [
    [`git@${host}`],
    [`git@${host}`, `touch ${canary}`],
    [`git@${host}`, `${fetch}; touch ${canary}`],
    [`git@${host}`, `git-upload-pack 'x'; touch ${canary}; echo 'x'`],
    [`git@${host}`, `git-upload-pack '$(touch ${canary})'`],
    [`git@${host}`, `git-upload-pack '\`touch ${canary}\`'`],
    [`git@${host}`, "git-upload-archive 'team/one.git'"],
    [`git@${host}`, "git-lfs-authenticate other/two.git download"],
    [`git@${host}`, "git-lfs-authenticate team/one.git both"],
    [`git@${host}`, "git-lfs-transfer team/one.git download"],
    [`git@${host}`, "git-upload-pack '--help'"],
    [`git@${host}`, "git-upload-pack 'team/../other/two.git'"],
    [`git@${host}`, "git-upload-pack 'other/two.git'"],
    [`root@${host}`, fetch],
    ["-p", "22", `git@${host}`, fetch],
    ["git@other.example.com", fetch],
    [`-oProxyCommand=touch ${canary}`, fetch],
    [`git@-oProxyCommand=touch ${canary}`, fetch],
    ["-o", `ProxyCommand=touch ${canary}`, `git@${host}`, fetch],
    ["-oProxyCommand=touch", `git@${host}`, fetch],
    ["-F", "/tmp/x", `git@${host}`, fetch],
    ["-A", `git@${host}`, fetch],
    ["-W", "localhost:22", `git@${host}`],
    [`git@${host}`, fetch, "more"],
  ];
  const program = `
    const { spawnSync } = require("child_process");
    for (const words of JSON.parse(process.argv[2])) console.log(spawnSync(process.env.GIT_SSH_COMMAND, words).status);
    const socket = require("net").connect(9418, "198.18.0.0", () => socket.end("GET / HTTP/1.1\\r\\n\\r\\n"));
    socket.on("error", () => 0).on("close", () => console.log("closed"));`;
  stage.write(join(stage.work, "try.cjs"), program);
  const words = [process.execPath, "try.cjs", JSON.stringify(tries)];
  const ran = await stage.run(words, { policy: forge.policy(), before: server.enter });
  assert.equal(ran.output, `${"255\n".repeat(tries.length)}closed\n`, ran.errors);
  assert.deepEqual(server.commands(), [], "the server was never asked");
  assert.equal(existsSync(canary), false);
  const refused = (await stage.log()).filter(({ kind, verdict }) => kind === "refusal" && verdict === "refuse");
  assert.equal(refused.length, tries.length, "each is on the record");
});

test("a server whose key nobody accepted is not spoken to", { skip: withoutSsh, timeout: 60_000 }, async () => {
  await using forge = await openForge();
  const { stage, server, url } = forge;
  stage.write(join(stage.home, ".ssh/known_hosts"), "");
  const ran = await stage.run(["git", "ls-remote", url], { policy: forge.policy(), before: server.enter });
  assert.equal(ran.code, 128);
  assert.match(ran.errors, /Host key verification failed/);
  assert.equal(readFileSync(join(stage.home, ".ssh/known_hosts"), "utf8"), "", "and nothing was added");
  assert.deepEqual(server.commands(), []);
  assert.equal(git(["-C", forge.one, "rev-list", "--count", "--all"]), "1");
});
