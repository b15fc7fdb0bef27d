// git over https, through the real boundary, against a real git server with Basic authentication: what the server was asked
// and holds afterwards, what is on the record, and what no process inside ever held. Needs the boundary's tools and git.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { host, openForge, url } from "./git-forge.ts";
import { git, headOf } from "./git-server.ts";
import { descendantsOf, formsOf, searchFiles, searchProcess } from "./memory.ts";
import { commit, entering, exists, Pusher } from "./pusher.ts";
import type { Logged } from "./stage.ts";

const requests = (log: readonly Logged[]): readonly Logged[] => log.filter(({ kind }) => kind === "request");

test("clone, fetch, submodule and push over https: the server has the password, nothing inside has", async () => {
  await using forge = await openForge();
  const { stage, server, one, password } = forge;
  const start = headOf(one);
  const reached = join(stage.work, "reached");
  const script = `set -e; ${entering(url)}; git submodule --quiet update --init
    cmp two/README.md README.md; git fetch -q; head -c 300000 /dev/urandom > more.txt; git add more.txt
    git commit -qm more; git -c http.postBuffer=65536 push -q origin HEAD:main; git rev-parse HEAD > $W/head
    touch $W/reached; read -r go`;
  const { child, ended } = stage.start(["sh", "-c", script], { policy: forge.policy(undefined), input: "pipe" });
  if (!(await exists(reached, child))) assert.fail((await ended).errors);
  const inside = descendantsOf(child.pid ?? 0);
  const forms = formsOf(password);
  assert.deepEqual(
    inside.flatMap((pid) => [...searchProcess(pid, forms).found]),
    [],
  );
  const shell = inside.at(-1) ?? 0;
  const pairs = formsOf(`jane:${password}`);
  assert.deepEqual(searchFiles(`/proc/${shell}/root`, ["/tmp", "/etc", "/run", stage.home, stage.work], forms), []);
  assert.deepEqual(searchFiles(`/proc/${shell}/root`, [stage.home, stage.work], pairs), []);
  assert.ok(searchProcess(child.pid ?? 0, forms).found.has("plain"), "the search is sound: we hold it");
  child.stdin?.end("go\n");
  const ran = await ended;
  assert.equal(ran.code, 0, ran.errors);

  const here = readFileSync(join(stage.work, "head"), "utf8").trim();
  assert.equal(headOf(one), here, "what was pushed is there");
  assert.ok(server.requests.length > 6);
  const pairsSeen = new Set(server.requests.map(({ pair }) => pair));
  assert.deepEqual(pairsSeen, new Set([undefined, `jane:${password}`]), "the real one, and no placeholder");
  const log = await stage.log();
  const pushed = requests(log).filter(({ sealed }) => sealed["method"] === "POST" && "push" in sealed);
  // too large for one piece: git asks first whether it may, by a push that changes nothing
  assert.deepEqual(pushed[0]?.sealed["push"], { updates: [], options: [] });
  assert.equal(pushed.length, 2, JSON.stringify(pushed));
  const { push, credentials } = pushed[1]?.sealed ?? {};
  const meant = { updates: [{ old: start, new: here, ref: "refs/heads/main" }], options: [] };
  assert.deepEqual([push, credentials], [meant, ["forge"]]);
  assert.equal(requests(log).length, server.requests.length, "each request is on the record");
  assert.equal(JSON.stringify(log).includes(password), false);
});

test("a push is asked about: shown whole, approved once, for exactly those references", async () => {
  await using forge = await openForge();
  const { stage, server, one, two } = forge;
  const before = headOf(one);
  const pusher = new Pusher(stage, url, { policy: forge.policy("ask") });
  const posts = (): number =>
    server.requests.filter(({ method, target }) => method === "POST" && target.includes("receive")).length;

  assert.notEqual(await pusher.say(`${commit("x")}; git rev-parse HEAD > $W/head; git push -q origin HEAD:main`), 0);
  assert.deepEqual([headOf(one), posts()], [before, 0], "nothing left");
  const said = readFileSync(join(stage.work, "err"), "utf8");
  assert.match(said, /remote: postern: A person is asked about this push: try it again once they have said yes\./);
  const [question, ...others] = await pusher.pending();
  assert.equal(others.length, 0);
  const first = readFileSync(join(stage.work, "head"), "utf8").trim();
  assert.deepEqual(question?.effect, {
    kind: "push",
    protocol: "https",
    host,
    port: 443,
    repository: "/team/one.git",
    updates: [{ old: before, new: first, ref: "refs/heads/main" }],
    options: [],
  });
  const { output } = await stage.call(["pending"]);
  assert.match(output, new RegExp(`push to ${url}\\n +moves refs/heads/main from ${before} to ${first}\\n`));

  // what was approved is that push, and no other
  assert.equal((await stage.call(["approve", question?.id ?? ""])).code, 0);
  assert.notEqual(await pusher.say("git push -q origin HEAD:elsewhere"), 0);
  assert.notEqual(await pusher.say(`git push -q https://${host}/other/two.git HEAD:main --force`), 0);
  assert.notEqual(await pusher.say(`${commit("y")}; git push -q origin HEAD:main`), 0);
  assert.deepEqual([headOf(one), headOf(one, "refs/heads/elsewhere"), posts()], [before, "", 0]);
  assert.equal(git(["-C", two, "rev-list", "--count", "--all"]), "1");
  assert.equal(await pusher.say(`git push -q origin ${first}:main`), 0);
  assert.deepEqual([headOf(one), posts()], [first, 1]);

  // once; and a no is a no
  const [again] = (await pusher.pending()).filter(({ effect }) => effect["repository"] === "/team/one.git");
  assert.equal((await stage.call(["deny", again?.id ?? ""])).code, 0);
  assert.notEqual(await pusher.say("git push -q origin HEAD:elsewhere; git push -q origin HEAD:main"), 0);
  assert.equal(await pusher.say("git fetch -q origin"), 0);
  assert.equal(await pusher.say("git push -q origin HEAD~1:main"), 0, "nothing to change is nothing to ask");
  assert.deepEqual([headOf(one), posts()], [first, 1]);
  const ran = await pusher.end();
  assert.equal(ran.code, 0, ran.errors);
  const log = await stage.log();
  const refusals = log.filter(({ kind, sealed }) => kind === "refusal" && "question" in sealed);
  assert.ok(refusals.length >= 4);
  assert.ok(refusals.every(({ rule }) => rule === "user:network.allow[0]"));
  const answers = log.filter(({ kind }) => kind === "approval").map(({ verdict }) => verdict);
  assert.ok(answers.includes("ask") && answers.includes("allow") && answers.includes("refuse"));
});

test("a push in a headless session, and one where pushes are refused, changes nothing", async () => {
  for (const [push, flags, code] of [
    ["ask", ["--headless"], 123],
    ["refuse", [], 0],
  ] as const) {
    await using forge = await openForge();
    const before = headOf(forge.one);
    const pusher = new Pusher(forge.stage, url, { policy: forge.policy(push), flags });
    assert.notEqual(await pusher.say(`${commit("x")}; git push -q origin HEAD:main`), 0);
    assert.equal(await pusher.say("git fetch -q origin"), 0);
    const ran = await pusher.end();
    assert.deepEqual([ran.code, headOf(forge.one)], [code, before], ran.errors);
  }
});

test("the password goes to its own paths alone, and in base64 nowhere", async () => {
  await using forge = await openForge("x");
  const { stage, server, password } = forge;
  const pair = Buffer.from(`me:${password}`).toString("base64");
  const script = [
    `git clone -q ${url} /tmp/c 2>&1`,
    `echo "$? cloned"; GIT_TERMINAL_PROMPT=0 git clone -q https://${host}/other/two.git /tmp/d 2>&1; echo "$? refused"`,
    `curl -sS -o /dev/null -w '%{http_code}\\n' -H "Authorization: Basic ${pair}" https://${host}/team/one.git/info/refs`,
    `curl -sS -o /dev/null -w '%{http_code}\\n' -d "${pair}" https://${host}/other/two.git/x`,
    `curl -sS -o /dev/null -w '%{http_code}\\n' -u me:wrong https://${host}/team/one.git/info/refs`,
  ].join("\n");
  const ran = await stage.run(["sh", "-c", script], { policy: forge.policy("ask", { paths: ["/team/**"] }) });
  assert.equal(ran.code, 0, ran.errors);
  assert.match(ran.output, /^0 cloned\n(?:.*\n)+128 refused\n403\n403\n403\n$/);
  const real = server.requests.filter(({ pair: given }) => given !== undefined);
  assert.ok(
    real.length > 0 &&
      real.every(({ pair: given, target }) => given === `x:${password}` && target.startsWith("/team/")),
  );
});
