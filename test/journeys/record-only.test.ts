// A machine that gives no namespaces, as a container that forbids them: refused, unless the organisation accepts what is no
// boundary. Then what asks the proxy it is told of is judged and recorded, and what does not is said to be open. Judged by a
// listener outside, exit codes and the record.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Check } from "../../src/boundary/contract.ts";
import { explained, sayMissing } from "../../src/domain/session.ts";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { without } from "./mutation.ts";
import { underOrganisation } from "./organisation.ts";
import { bad, here, leftovers, proveUnder, tell } from "./prove-stage.ts";
import { Stage } from "./stage.ts";

const possible = spawnSync("unshare", ["-Urm", "true"]).status === 0;
const skip = possible ? false : "no user namespaces here: neither /etc/postern can be bound nor namespaces forbidden";

/** Words before a command: from there on no network namespace can be made. */
const forbidden = ["unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"', "sh"];
const within = ["sh", "-c", 'echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"', "sh"];
const accepting = "require: record-only\n";
const canary = (stage: Stage): string => join(stage.work, "canary");
const before = (stage: Stage, policy = accepting) => [...underOrganisation(stage, policy), ...within];

/** A server of this machine's, which keeps what it is asked. */
async function listen() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.host} ${request.url}`);
    response.end("from outside\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    port,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** `allowed.example` is granted and leads to the listener. */
const granting = (port: number) => ({
  network: { allow: [{ host: "allowed.example", ports: [80], upstream: { address: `127.0.0.1:${port}` } }] },
});
const curl = (url: string, out: string, more = ""): string =>
  `curl -sS -m 20 ${more} -o ${out} -w '%{http_code}' ${url} > ${out}.code || true`;
const read = (stage: Stage, name: string): string => readFileSync(join(stage.work, name), "utf8");

test("no namespaces can be had: 125, the remedy, and nothing ran", { skip }, async () => {
  using stage = new Stage();
  const ran = await stage.run(["touch", "canary"], { before: forbidden });
  assert.equal(ran.code, 125);
  assert.match(ran.errors, /user namespaces cannot be made here/);
  assert.equal(existsSync(canary(stage)), false);
});

test("a person's own word, a repository's, and an organisation's for less: 125, and nothing ran", {
  skip,
}, async () => {
  for (const [kind, accepted] of [
    ["user", ""],
    ["repository", ""],
    ["organisation", "require: partial\n"],
    ["organisation", "limits: { accept-grades: [full, outer, partial] }\nrequire: record-only\n"],
  ] as const) {
    using stage = new Stage({ files: kind === "repository" ? { "postern.yaml": `version: 1\n${accepting}` } : {} });
    if (kind === "user") stage.write("home/.config/postern/policy.yaml", `version: 1\n${accepting}`);
    const words = kind === "organisation" ? before(stage, accepted) : forbidden;
    const ran = await stage.call(["run", "--", "touch", "canary"], { before: words });
    assert.equal(ran.code, 125, `${kind} ${accepted}: ${ran.errors}`);
    assert.equal(existsSync(canary(stage)), false, `${kind} ${accepted}`);
  }
});

test("accepted: what asks the proxy is judged and recorded, what ignores it gets through, and all of it is said", {
  skip,
}, async () => {
  using stage = new Stage({ files: { "CLAUDE.md": "as it was\n" }, git: true });
  using outside = await listen();
  const script = [
    curl("http://allowed.example/yes", "allowed"),
    curl("http://refused.example/no", "refused"),
    curl("https://refused.example/no", "tunnelled"),
    curl(`http://127.0.0.1:${outside.port}/by-proxy`, "loopback"),
    curl(`http://127.0.0.1:${outside.port}/past-the-proxy`, "past", "--noproxy '*'"),
    "touch canary; true",
  ].join("\n");
  const ran = await stage.run(["sh", "-c", script], { before: before(stage), policy: granting(outside.port) });
  assert.equal(ran.code, 0, ran.errors);
  assert.ok(existsSync(canary(stage)));
  assert.deepEqual(outside.asked, ["GET allowed.example /yes", `GET 127.0.0.1:${outside.port} /past-the-proxy`]);
  assert.deepEqual(
    ["allowed.code", "refused.code", "loopback.code", "past.code"].map((name) => read(stage, name)),
    ["200", "403", "403", "200"],
  );
  assert.deepEqual(
    [ran.summary?.grade, ran.summary?.missing],
    ["record-only", ["network", "files", "watch", "seccomp", "processes"]],
  );
  assert.match(
    ran.errors,
    /^postern: record-only: not a boundary, enforce, live, .*\npostern: not whole: without a network/,
  );
  assert.match(ran.errors, /^ +record-only: not a boundary .{1,2} record sealed/m);
  await judgeRecord(stage, outside.port);
});

async function judgeRecord(stage: Stage, port: number): Promise<void> {
  const log = await stage.log();
  assert.deepEqual(new Set(log.map(({ grade }) => grade)), new Set(["record-only"]));
  const start = log.find(({ kind }) => kind === "session.start");
  assert.deepEqual(start?.sealed["missing"], ["network", "files", "watch", "seccomp", "processes"]);
  assert.equal(start?.counts["files-held"], 0, "nothing was held");
  const verdicts = log.flatMap(({ kind, verdict, sealed }) =>
    kind === "request" || kind === "refusal" ? [`${verdict} ${String(sealed["host"])}`] : [],
  );
  assert.ok(verdicts.includes("allow allowed.example"), verdicts.join("\n"));
  assert.ok(verdicts.includes("refuse refused.example"), verdicts.join("\n"));
  assert.ok(verdicts.includes("refuse 127.0.0.1"), verdicts.join("\n"));
  assert.ok(!JSON.stringify(log.map(({ sealed }) => sealed)).includes('past-the-proxy","via'), "nobody saw it");
  const asked = log.find(({ kind, sealed }) => kind === "request" && sealed["host"] === "allowed.example");
  assert.match(JSON.stringify(asked?.sealed["process"]), /curl/, `attribution: ${JSON.stringify(asked)}`);
  assert.ok(log.every(({ sealed }) => sealed["port"] !== port || sealed["target"] !== "/past-the-proxy"));
  assert.equal((await stage.call(["verify", "--contents"])).code, 0);
}

test("where walls can be had there are walls, whatever is accepted", { skip }, async () => {
  using stage = new Stage();
  const ran = await stage.run(["touch", "canary"], { before: underOrganisation(stage, accepting) });
  assert.equal(ran.code, 0, ran.errors);
  assert.deepEqual([ran.summary?.grade, ran.summary?.missing], ["full", []]);
});

test("what a package would mend is no reason to go without", { skip }, async () => {
  using stage = new Stage();
  const hide = 'for p in /usr/bin/bwrap /bin/bwrap; do test -e $p && mount --bind /dev/null $p; done; exec "$@"';
  const words = [...underOrganisation(stage, accepting), "sh", "-c", hide, "sh"];
  const ran = await stage.run(["touch", "canary"], { before: words });
  assert.equal(ran.code, 125, ran.errors);
  assert.match(ran.errors, /bwrap not found/);
  assert.equal(existsSync(canary(stage)), false);
});

test("rules nobody could enforce, staged edits and git's stand-ins: 125, and nothing ran", { skip }, async () => {
  const cases: readonly [object, RegExp, readonly string[]][] = [
    [{ commands: { deny: [["ssh"]] } }, /nothing would enforce user:commands\.deny\[0\]/, []],
    [{ files: { hide: ["secrets/**"], mask: [".env"] } }, /nothing would be hidden from it: files\.hide secrets/, []],
    [{}, /nothing would keep the tool in a private copy/, ["--edits", "staged"]],
    [
      { network: { allow: [{ host: "git.example", protocol: "ssh", paths: ["/team/**"] }] } },
      /git's ways to ssh and to a signature are not there: user:network\.allow\[0\]/,
      [],
    ],
  ];
  for (const [policy, says, flags] of cases) {
    using stage = new Stage({ git: true, files: { a: "b\n" } });
    const ran = await stage.run(["touch", "canary"], { before: before(stage), policy, flags });
    assert.equal(ran.code, 125, `${JSON.stringify(policy)} ${ran.errors}`);
    assert.match(ran.errors, says);
    assert.equal(existsSync(canary(stage)), false);
  }
});

test("control files are not held, so what the tool made of them is put away, git's configuration taken back", {
  skip,
}, async () => {
  using stage = new Stage({ files: { "CLAUDE.md": "as it was\n", "plain.txt": "one\n" }, git: true });
  const script = [
    "echo changed >> CLAUDE.md",
    "printf '#!/bin/sh\\n' > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout",
    "git config core.fsmonitor ./evil; git config user.name Somebody",
    "echo two > plain.txt",
  ].join("\n");
  const ran = await stage.run(["sh", "-c", script], { before: before(stage) });
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(existsSync(join(stage.work, ".git/hooks/post-checkout")), false);
  assert.equal(existsSync(join(stage.work, "CLAUDE.md")), false, "what it says now is in quarantine");
  assert.doesNotMatch(read(stage, ".git/config"), /fsmonitor|Somebody/);
  const states = ran.summary?.files.held.map(({ path, state }) => `${state} ${path}`) ?? [];
  assert.deepEqual(states.toSorted(), ["quarantined .git/hooks/post-checkout", "quarantined CLAUDE.md"]);
  const undone = await stage.call(["undo", "CLAUDE.md"]);
  assert.equal(undone.code, 0, undone.errors);
  assert.equal(read(stage, "CLAUDE.md"), "as it was\n");
});

test("the key inside is a placeholder; the real one leaves with what asked the proxy, over TLS its variables make it trust", {
  skip,
}, async () => {
  using stage = new Stage();
  const seen: string[] = [];
  const issued = issueForLoopback(["allowed.example"]);
  const server = createSecureServer(issued, (request, response) => {
    seen.push(String(request.headers["x-api-key"]));
    response.end("ok");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const upstream = { address: `127.0.0.1:${port}`, ca: stage.write("upstream.pem", issued.ca) };
  const policy = {
    network: { allow: [{ host: "allowed.example", upstream }] },
    credentials: { key: { from: { env: "API_KEY" }, to: { host: "allowed.example", header: "x-api-key" } } },
  };
  const real = `real-${randomBytes(16).toString("hex")}`;
  const script = 'printf %s "$API_KEY" > inside; curl -sS -H "x-api-key: $API_KEY" https://allowed.example/';
  const ran = await stage.run(["sh", "-c", script], { before: before(stage), policy, environment: { API_KEY: real } });
  server.closeAllConnections();
  server.close();
  assert.equal(ran.code, 0, ran.errors);
  assert.match(read(stage, "inside"), /./);
  assert.notEqual(read(stage, "inside"), real);
  assert.deepEqual(seen, [real]);
});

test("the tool's code is the run's; what it leaves in its group ends with it", { skip }, async () => {
  using stage = new Stage();
  const ran = await stage.run(["sh", "-c", "sleep 300 & echo $! > left; exit 7"], { before: before(stage) });
  assert.equal(ran.code, 7, ran.errors);
  const pid = Number(read(stage, "left"));
  for (let tries = 0; tries < 100 && alive(pid); tries += 1) await wait(20);
  assert.equal(alive(pid), false);
  const none = await stage.run(["sh", "-c", "exec /nowhere/at-all"], { before: before(stage) });
  assert.equal(none.code, 127);
});

function alive(pid: number): boolean {
  const status = spawnSync("cat", [`/proc/${pid}/status`], { encoding: "utf8" }).stdout;
  return status !== "" && !/^State:\tZ/m.test(status);
}

/** A process of another user asks the gateway's port, found in the tool's environment. */
async function askAs(stage: Stage, uid: number, mutated: Readonly<Record<string, string>>): Promise<string> {
  const go = stage.write("work/go", "");
  const script = `printf %s "$http_proxy" > address.new; mv address.new address; i=0; while [ -e ${go} ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done`;
  const running = stage.start(["sh", "-c", script], { before: before(stage), environment: mutated });
  const file = join(stage.work, "address");
  for (let tries = 0; tries < 600 && !existsSync(file); tries += 1) await wait(50);
  const address = read(stage, "address");
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+/, "the gateway's port");
  const asked = spawn(
    "setpriv",
    ["--reuid", String(uid), "--clear-groups", "curl", "-sS", "-m", "10", "-x", address].concat([
      ...["-o", "/dev/null", "-w", "%{http_code}", "http://refused.example/"],
    ]),
    { stdio: ["ignore", "pipe", "ignore"], env: { PATH: "/usr/bin:/bin" } },
  );
  let said = "";
  asked.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await once(asked, "close");
  spawnSync("rm", [go]);
  const ran = await running.ended;
  assert.equal(ran.code, 0, ran.errors);
  return said;
}

test("another user of this machine is turned away at the gateway's port; without the guard it would be answered (needs root)", {
  skip: process.getuid?.() === 0 ? skip : "needs root, to be somebody else",
}, async () => {
  using stage = new Stage();
  assert.equal(await askAs(stage, 4_242, {}), "000");
  const guard = ["ownerOf(ends, kernel) === uid && ", ""] as const;
  const file = "src/boundary/bare/listener.ts";
  using other = new Stage();
  const open = without([{ file, changes: [guard] }], join(other.base, "loader.mjs"));
  assert.equal(await askAs(other, 4_242, open), "403");
});

test("the doctor says that a tool can be run, and exactly what is missing", { skip }, async () => {
  using stage = new Stage();
  const { code, output } = await stage.call(["doctor"], { before: forbidden });
  assert.equal(code, 1);
  assert.match(output, /\nrecord-only \(not a boundary\) can be had here, without: a network of its own, a file view/);
  for (const word of ["network", "files", "watch", "seccomp", "processes"] as const)
    assert.ok(output.includes(`\n  without ${explained[word].what}: ${explained[word].leaves}\n`), output);
  assert.match(output, /\nit counts only where the organisation's policy accepts that grade; what is above mends it\n/);
  const json = (await stage.call(["doctor", "--json"], { before: forbidden })).output.trim().split("\n");
  const failed = json.map((line) => JSON.parse(line) as Check).filter(({ ok }) => !ok);
  assert.ok(failed.length > 0);
  for (const { lesser, missing } of failed) assert.deepEqual([lesser, missing?.length], ["record-only", 5]);
});

test("a proof says of every wall that is missing what came through, and leaves nothing of it", { skip }, async () => {
  using stage = new Stage();
  const running = { before: before(stage), environment: here(stage) };
  const proved = await proveUnder(stage, "", running);
  assert.equal(proved.ran.code, 1, tell(proved));
  assert.equal(proved.told?.grade, "record-only");
  const named = bad(proved);
  for (const row of named) assert.equal(row.outcome, "open", tell(proved));
  const whole = named.find(({ tried }) => tried === "boundary");
  assert.equal(whole?.by, `record-only: without ${sayMissing(["network", "files", "watch", "seccomp", "processes"])}`);
  for (const [tried, by] of [
    ["read a file of the home directory", /^a file view of ours is missing here: came through/],
    ["read Postern's own state", /^a file view of ours is missing here: came through/],
    ["reach this machine's loopback", /^a network of its own is missing here: came through/],
    ["reach the cloud's metadata", /^a network of its own is missing here: not tried/],
    ["begin a program unseen", /^the watch over commands is missing here: left no entry/],
    ["leave a process behind", /^a process namespace of its own is missing here: came through/],
    ["mount a file system", /^a seccomp program of ours is missing here: not tried/],
    ["open a raw socket", /^a seccomp program of ours is missing here: came through|held/],
  ] as const) {
    const row = proved.rows.find((each) => each.tried === tried);
    assert.match(row?.outcome === "held" ? "held" : (row?.by ?? ""), by, `${tried}\n${tell(proved)}`);
  }
  assert.deepEqual(leftovers(stage), []);
  const entry = (await stage.log()).find(({ kind }) => kind === "proof");
  assert.equal(entry?.grade, "record-only");
});

test("killed by force, the tool ends with the command line, and the next session makes up for the sweep", {
  skip,
}, async () => {
  using stage = new Stage({ files: { "plain.txt": "one\n" }, git: true });
  const config = readFileSync(join(stage.work, ".git/config"), "utf8");
  const script = [
    "git config core.fsmonitor ./evil",
    "printf '#!/bin/sh\\n' > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout",
    "echo $$ > pid.new; mv pid.new pid; read -r never",
  ].join("\n");
  const { child, ended } = stage.start(["sh", "-c", script], { before: before(stage), input: "pipe" });
  for (let tries = 0; tries < 600 && !existsSync(join(stage.work, "pid")); tries += 1) await wait(50);
  const pid = Number(read(stage, "pid"));
  assert.equal(alive(pid), true);
  child.kill("SIGKILL");
  assert.equal((await ended).code, 137);
  for (let tries = 0; tries < 200 && alive(pid); tries += 1) await wait(20);
  assert.equal(alive(pid), false);
  const next = await stage.run(["true"], { before: before(stage) });
  assert.equal(next.code, 0, next.errors);
  assert.equal(read(stage, ".git/config"), config);
  assert.equal(existsSync(join(stage.work, ".git/hooks/post-checkout")), false);
});
