// How pushes over https come: larger than any other request may be, over HTTP/2, and sent only once they were invited. What the
// server holds afterwards, what it was asked, what the gateway needed for it. Needs the boundary's tools and git.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openForge, url } from "./git-forge.ts";
import { headOf } from "./git-server.ts";
import { commit, entering, exists, Pusher } from "./pusher.ts";

/** Random, so that no compression makes it smaller. */
const grow = (mebibytes: number): string =>
  `head -c ${mebibytes}M /dev/urandom > big; git -c core.bigFileThreshold=1 add big; git commit -qm big; git rev-parse HEAD > $W/head`;

/** Of the command line: what it needed at most since it was asked before (bytes; proc_pid_status(5), clear_refs). */
function takePeak(pid: number): number {
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return peak;
}

test("a push of more than any other request may have: held in a spool, and not in memory", {
  timeout: 300_000,
}, async () => {
  const size = Number(process.env["POSTERN_PUSH_MIB"] ?? 96);
  await using forge = await openForge();
  const { stage, one } = forge;
  const script = `set -e; ${entering(url)}; ${grow(size)}; touch $W/ready; read -r go; git push -q origin HEAD:main; touch $W/done; read -r go`;
  const { child, ended } = stage.start(["sh", "-c", script], { policy: forge.policy("allow"), input: "pipe" });
  if (!(await exists(join(stage.work, "ready"), child))) assert.fail((await ended).errors);
  takePeak(child.pid ?? 0);
  const before = takePeak(child.pid ?? 0);
  child.stdin?.write("go\n");
  if (!(await exists(join(stage.work, "done"), child))) assert.fail((await ended).errors);
  const needed = (takePeak(child.pid ?? 0) - before) / 2 ** 20;
  child.stdin?.end("go\n");
  const ran = await ended;
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(headOf(one), readFileSync(join(stage.work, "head"), "utf8").trim());
  assert.ok(needed < 128, `${size} MiB needed ${needed.toFixed(0)} MiB of memory`);
  const [, pushed] = (await stage.log()).filter(({ kind, sealed }) => kind === "request" && "push" in sealed);
  assert.ok((pushed?.counts["bytes-out"] ?? 0) > size * 2 ** 20);
});

test("over HTTP/2, the same on both sides: clone, fetch, pushes short and long, one asked about", {
  timeout: 120_000,
}, async () => {
  await using forge = await openForge("jane", { http2: true });
  const { stage, server, one, password } = forge;
  const pusher = new Pusher(stage, url, { policy: forge.policy("ask") });
  for (const change of [commit("x"), grow(8)]) {
    const before = headOf(one);
    assert.notEqual(await pusher.say(`${change}; git push -q origin HEAD:main`), 0);
    assert.match(readFileSync(join(stage.work, "err"), "utf8"), /remote: postern: A person is asked about this push/);
    assert.equal(headOf(one), before);
    const [question] = await pusher.pending();
    assert.equal((await stage.call(["approve", question?.id ?? ""])).code, 0);
    assert.equal(await pusher.say("git push -q origin HEAD:main; git fetch -q; git rev-parse HEAD > $W/head"), 0);
    assert.equal(headOf(one), readFileSync(join(stage.work, "head"), "utf8").trim());
  }
  const ran = await pusher.end();
  assert.equal(ran.code, 0, ran.errors);
  assert.deepEqual(new Set(server.requests.map(({ version }) => version)), new Set(["2.0"]));
  assert.deepEqual(new Set(server.requests.map(({ pair }) => pair)), new Set([undefined, `jane:${password}`]));
  const sent = (await stage.log()).filter(({ kind }) => kind === "request");
  assert.equal(sent.length, server.requests.length, "each request is on the record");
  assert.ok(sent.every(({ sealed }) => sealed["protocol"] === "h2"));
});

// git itself does so only toward a server it must speak Kerberos with
test("a long push that waits to be invited (Expect: 100-continue) is, and passes", { timeout: 120_000 }, async () => {
  await using forge = await openForge();
  const { stage, server, one } = forge;
  const script = `set -e; ${entering(url)}; ${grow(8)}; git -c http.extraHeader="Expect: 100-continue" push -q origin HEAD:main`;
  const ran = await stage.run(["sh", "-c", script], { policy: forge.policy("allow") });
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(headOf(one), readFileSync(join(stage.work, "head"), "utf8").trim());
  const long = server.requests.filter(({ method, expects }) => method === "POST" && expects);
  // the one that sees whether it may, and the push
  assert.equal(long.length, 2, "git did wait");
});
