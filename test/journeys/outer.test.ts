// A container that somebody else built, whose only way out is our door: judged by listeners outside, exit codes and the record. Every
// other way out is one the session is refused for. Needs root, runc and user namespaces (/etc/postern is bound).

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { outerMissing as missing } from "../../src/boundary/outer/missing.ts";
import { explained, sayMissing } from "../../src/domain/session.ts";
import type { Row } from "../../src/proof/row.ts";
import { type Container, openContainer, withoutContainers } from "./container.ts";
import { without } from "./mutation.ts";
import { underOrganisation } from "./organisation.ts";
import { here, leftovers, type Told, tell } from "./prove-stage.ts";
import { Stage } from "./stage.ts";

const skip = withoutContainers;
const accepting = "limits: { accept-grades: [full, outer] }\nrequire: outer\n";
const canary = (stage: Stage): string => join(stage.work, "canary");
const read = (stage: Stage, name: string): string => readFileSync(join(stage.work, name), "utf8");

async function listen() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    response.end("from outside\n");
  });
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  return {
    asked,
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The container's engine needs the real root. */
const under = (stage: Stage, policy: string) => underOrganisation(stage, policy, true);

const placeOf = ({ enter, door }: Container, more: object = {}) => ({ outer: { work: { enter, door, ...more } } });
const granting = (port: number) => ({
  network: { allow: [{ host: "allowed.example", ports: [80], upstream: { address: `127.0.0.1:${port}` } }] },
});
const flags = ["--outer", "work"];

test("accepted, and only our door leads out: the tool runs there, judged and recorded, and is called outer everywhere", {
  skip,
}, async () => {
  using stage = new Stage({ files: { "plain.txt": "one\n" }, git: true });
  using outside = await listen();
  using container = openContainer(stage);
  const script = [
    "curl -sS -m 20 -o allowed http://allowed.example/yes",
    "curl -sS -m 20 -o refused -w '%{http_code}' http://refused.example/no > refused.code",
    `curl -sS -m 5 --noproxy '*' http://127.0.0.1:${outside.port}/past; cat /proc/net/route | wc -l > routes`,
    'echo two > plain.txt; touch canary; printf %s "$HOME" > home; exit 7',
  ].join("\n");
  const before = under(stage, accepting);
  const policy = { ...granting(outside.port), ...placeOf(container) };
  const ran = await stage.run(["sh", "-c", script], { before, policy, flags });
  assert.equal(ran.code, 7, ran.errors);
  assert.ok(existsSync(canary(stage)));
  assert.deepEqual(outside.asked, ["allowed.example /yes"]);
  assert.deepEqual([read(stage, "allowed"), read(stage, "refused.code")], ["from outside\n", "403"]);
  assert.equal(read(stage, "home"), "/root");
  assert.deepEqual(
    [ran.summary?.grade, ran.summary?.missing],
    ["outer", ["watch", "capture", "attribution", "files", "seccomp", "processes"]],
  );
  assert.match(
    ran.errors,
    /^postern: boundary outer, enforce.*\npostern: not whole: without the watch over commands, the capture of every/m,
  );
  assert.deepEqual(ran.summary?.files.changed.find(({ path }) => path === "plain.txt")?.change, "modified");
  const log = await stage.log();
  assert.deepEqual(new Set(log.map(({ grade }) => grade)), new Set(["outer"]));
  assert.deepEqual(log.find(({ kind }) => kind === "session.start")?.sealed["missing"], ran.summary?.missing);
  assert.equal((await stage.call(["verify", "--contents"])).code, 0);
  assert.deepEqual(readdirSync(container.door.host), [], "nothing is left in the directory");
});

test("nobody's word but the organisation's accepts it, and a repository names no container: 125, and nothing ran", {
  skip,
}, async () => {
  for (const [organisation, user, repository, says] of [
    ["", "require: outer\n", "", /does not accept the grade outer/],
    ["limits: { accept-grades: [full, partial] }\n", "require: outer\n", "", /does not accept the grade outer/],
    [accepting, "", "require: full\n", /does not accept the grade outer/],
    [accepting, undefined, "OUTER", /no policy says what work is/],
  ] as const) {
    using stage = new Stage();
    using container = openContainer(stage);
    const outer = JSON.stringify(placeOf(container).outer);
    if (user !== undefined) stage.write("home/.config/postern/policy.yaml", `version: 1\n${user}outer: ${outer}\n`);
    const own = repository === "OUTER" ? `outer: ${outer}\n` : repository;
    if (own !== "") stage.write("work/postern.yaml", `version: 1\n${own}`);
    if (repository === "OUTER") await stage.call(["trust", "--yes"]);
    const words = ["run", ...flags, "--", "touch", "canary"];
    const ran = await stage.call(words, { before: under(stage, organisation) });
    assert.equal(ran.code, 125, ran.errors);
    assert.match(ran.errors, says);
    assert.equal(existsSync(canary(stage)), false);
  }
});

/** Where a second way out leads, it is tried whether what is sent on it arrives. */
async function runJoined(mutations: Parameters<typeof without>[0]) {
  using stage = new Stage();
  using outside = await listen();
  using container = openContainer(stage);
  const gate = container.join();
  const script = `curl -sS -m 5 --noproxy '*' http://${gate}:${outside.port}/past; touch canary`;
  const environment = mutations.length === 0 ? {} : without(mutations, join(stage.base, "loader.mjs"));
  const before = under(stage, accepting);
  const running = { before, policy: placeOf(container), flags, environment };
  const ran = await stage.run(["sh", "-c", script], running);
  return { ran, asked: [...outside.asked], began: existsSync(canary(stage)) };
}

const file = "src/boundary/outer/ways-out.ts";
const evidence = {
  heard: ["...ears.heard().map(", "...[].map("],
  seen: ["    ...seenOf(findPrograms(hand)),\n", ""],
  interfaces: ["...interfaces.map(", "...[].map("],
  said: ["    ...said,\n", ""],
} as const;

test("a second way out: 125 and nothing ran, by each kind of evidence alone; without any it leaves unseen", {
  skip,
}, async () => {
  const all = Object.entries(evidence);
  for (const [kept] of all) {
    const changes = all.flatMap(([name, change]) => (name === kept ? [] : [change]));
    const { ran, asked, began } = await runJoined([{ file, changes }]);
    assert.equal(ran.code, 125, `${kept}: ${ran.errors}`);
    assert.match(ran.errors, /work has another way out than the door: /, kept);
    assert.deepEqual([asked, began], [[], false], kept);
  }
  const later = [["const out = seenOf(pids);", "const out: string[] = [];"]] as const;
  const blind = [
    { file, changes: all.map(([, change]) => change) },
    { file: "src/boundary/outer/walls.ts", changes: later },
  ];
  const { ran, asked, began } = await runJoined(blind);
  assert.equal(ran.code, 0, ran.errors);
  assert.deepEqual([asked.length, began], [1, true], "the listener hears it: so the test sees what it is about");
});

test("this machine's own network, and an engine's socket: 125, and nothing ran", { skip }, async () => {
  using stage = new Stage();
  using host = openContainer({ base: stage.base, work: stage.work, network: "host" });
  const before = under(stage, accepting);
  const shared = await stage.run(["touch", "canary"], { before, policy: placeOf(host), flags });
  assert.equal(shared.code, 125, shared.errors);
  assert.match(shared.errors, /it has this machine's own network/);
  const engine = createServer();
  const path = join(stage.base, "engine.sock");
  engine.listen(path);
  await once(engine, "listening");
  using holding = openContainer({
    base: stage.base,
    work: stage.work,
    binds: { "/run/podman/podman.sock": path },
  });
  const ran = await stage.run(["touch", "canary"], { before, policy: placeOf(holding), flags });
  engine.close();
  assert.equal(ran.code, 125, ran.errors);
  assert.match(ran.errors, /socket \/run\/podman\/podman\.sock \(connected\)/);
  assert.equal(existsSync(canary(stage)), false);
});

test("a way out that appears later ends the session: 124, the tool with it", { skip }, async () => {
  using stage = new Stage();
  using container = openContainer(stage);
  const running = { before: under(stage, accepting), policy: placeOf(container), flags };
  const { ended } = stage.start(["sh", "-c", "touch canary; sleep 100; touch survived"], running);
  for (let tries = 0; tries < 600 && !existsSync(canary(stage)); tries += 1) await wait(50);
  container.join();
  const ran = await ended;
  assert.equal(ran.code, 124, ran.errors);
  assert.match(ran.summary?.exit.reason ?? "", /^work has another way out than the door: a route by /);
  assert.equal(livingIn(container, "100"), false);
});

test("the command line killed, or the session stopped: nothing of the tool goes on inside", { skip }, async () => {
  for (const how of ["kill", "stop"] as const) {
    using stage = new Stage();
    using container = openContainer(stage);
    const running = { before: under(stage, accepting), policy: placeOf(container), flags };
    const { child, ended } = stage.start(["sh", "-c", "touch canary; sleep 1234"], running);
    // the shell makes the canary, and only then what is looked for
    for (let tries = 0; tries < 600 && !livingIn(container, "1234"); tries += 1) await wait(50);
    assert.equal(livingIn(container, "1234"), true, "it is seen while it lives");
    if (how === "kill") child.kill("SIGKILL");
    else assert.equal((await stage.call(["stop", "--all"])).code, 0);
    const ran = await ended;
    assert.equal(ran.code, how === "kill" ? 137 : 124, ran.errors);
    for (let tries = 0; tries < 200 && livingIn(container, "1234"); tries += 1) await wait(25);
    assert.equal(livingIn(container, "1234"), false, how);
  }
});

/** Some `sleep` of this length among the container's processes, as seen from here. */
function livingIn({ pid }: Container, length: string): boolean {
  const space = readlinkSync(`/proc/${pid}/ns/pid`);
  return readdirSync("/proc")
    .filter((each) => /^\d+$/.test(each))
    .some((each) => {
      try {
        const words = readFileSync(`/proc/${each}/cmdline`, "latin1").split("\0");
        return words[0] === "sleep" && words[1] === length && readlinkSync(`/proc/${each}/ns/pid`) === space;
      } catch {
        return false;
      }
    });
}

test("what cannot be is refused with the reason: 125, and nothing ran", { skip }, async () => {
  using stage = new Stage();
  using container = openContainer({ base: stage.base, work: stage.work, workspace: "/elsewhere" });
  const before = under(stage, accepting);
  const there = placeOf(container, { workspace: "/elsewhere" });
  const open = join(stage.base, "open");
  mkdirSync(open, { mode: 0o755 });
  const cases: readonly [object, RegExp, readonly string[]][] = [
    [placeOf(container), /inside is not .*work/, []],
    [
      placeOf(container, { workspace: "/elsewhere", node: "/no/node" }),
      /no program of ours could be started inside/,
      [],
    ],
    [
      { outer: { work: { ...there.outer.work, enter: ["/bin/true"] } } },
      /no program of ours could be started inside/,
      [],
    ],
    [
      { outer: { work: { ...there.outer.work, door: { ...container.door, host: open } } } },
      /may be entered by others/,
      [],
    ],
    [{ ...there, commands: { deny: [["ssh"]] } }, /nothing would enforce user:commands\.deny\[0\]/, []],
    [{ ...there, network: { publish: [8080] } }, /nothing leads to a port inside/, []],
    [there, /nothing would keep the tool in a private copy/, ["--edits", "staged"]],
  ];
  for (const [policy, says, more] of cases) {
    const ran = await stage.run(["touch", "canary"], { before, policy, flags: [...flags, ...more] });
    assert.equal(ran.code, 125, `${JSON.stringify(policy)} ${ran.errors}`);
    assert.match(ran.errors, says);
    assert.equal(existsSync(canary(stage)), false);
  }
  const unknown = await stage.run(["no-such-tool"], { before, policy: there, flags });
  assert.deepEqual([unknown.code, /no-such-tool is not found in work/.test(unknown.errors)], [127, true]);
  const ran = await stage.run(["touch", "canary"], { before, policy: there, flags });
  assert.equal(ran.code, 0, ran.errors);
  assert.ok(existsSync(canary(stage)));
});

test("the doctor says what such a place is without, and which way out it has", { skip }, async () => {
  using stage = new Stage();
  using container = openContainer(stage);
  stage.write("home/.config/postern/policy.yaml", `version: 1\nouter: ${JSON.stringify(placeOf(container).outer)}\n`);
  const fine = await stage.call(["doctor", "--outer", "work"]);
  assert.equal(fine.code, 0, fine.errors);
  assert.match(fine.output, /^ok +no way out but the door/m);
  assert.ok(fine.output.includes(`a boundary of grade outer can be had in work, without: ${sayMissing(missing)}\n`));
  for (const word of missing) assert.ok(fine.output.includes(`  without ${explained[word].what}: `), fine.output);
  assert.match(fine.output, /it counts only where the organisation's policy accepts that grade, and this one does not/);
  container.join();
  const joined = await stage.call(["doctor", "--outer", "work", "--json"]);
  assert.equal(joined.code, 1, joined.output);
  assert.match(joined.output, /"ok":false,"seen":"a TCP connection came to this machine/);
  assert.equal((await stage.call(["doctor", "--outer", "none"])).code, 2);
});

test("a proof in such a place: what holds there holds, and what is missing is named", { skip }, async () => {
  using stage = new Stage();
  using container = openContainer(stage);
  const { outer } = placeOf(container);
  const file = stage.write("policy.yaml", `version: 1\nrequire: outer\nouter: ${JSON.stringify(outer)}\n`);
  const words = ["doctor", "--prove", "--json", "--outer", "work", "--policy", file];
  const ran = await stage.call(words, { before: under(stage, accepting), environment: here(stage) });
  const lines = ran.output.split("\n").filter((line) => line !== "");
  const values = lines.map((line) => JSON.parse(line) as Row | Told);
  const rows = values.filter((value): value is Row => "outcome" in value);
  const told = values.find((value): value is Told => "failed" in value);
  const all = tell({ rows, ran, told, file });
  assert.equal(ran.code, 1, all);
  assert.equal(told?.grade, "outer", all);
  const rowOf = (tried: string) => rows.find((row) => row.tried === tried);
  assert.equal(rowOf("boundary")?.by, `outer: without ${sayMissing(missing)}`);
  for (const tried of [
    "read a file of the home directory",
    "read Postern's own state",
    "reach this machine's loopback",
    "send a request to it",
    "see a program that runs outside",
    "end a program that runs outside",
    "bring a new .mcp.json",
    "reach an abstract socket",
  ])
    assert.equal(rowOf(tried)?.outcome, "held", `${tried}\n${all}`);
  for (const [tried, by] of [
    ["reach the cloud's metadata", /^the capture of every attempt is missing here: left no entry/],
    ["begin a program unseen", /^the watch over commands is missing here: left no entry/],
    ["leave a process behind", /^a process namespace of its own is missing here: came through/],
    ["change CLAUDE.md", /^a file view of ours is missing here: came through/],
  ] as const)
    assert.match(rowOf(tried)?.by ?? "", by, all);
  for (const row of rows) assert.notEqual(row.outcome, "broken", all);
  assert.deepEqual(leftovers(stage), []);
  assert.deepEqual(readdirSync(container.door.host), []);
  assert.equal((await stage.log()).find(({ kind }) => kind === "proof")?.grade, "outer");
});

test("on a terminal the tool has one inside, and the Ctrl-C typed there is its own", { skip }, async () => {
  using stage = new Stage();
  using container = openContainer(stage);
  const terminal = [...container.enter.slice(0, -1), "--tty", ...container.enter.slice(-1)];
  // the caller's terminal: what is read from it first is an interrupt, typed when the tool waits for one
  const spawning = [
    "import os, pty, sys, time",
    "def read(fd):",
    "    data = os.read(fd, 1024)",
    "    if b'waiting' in data: os.write(fd, b'\\x03')",
    "    return data",
    "sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read)))",
  ].join("\n");
  const before = [...under(stage, accepting), "python3", "-c", spawning];
  const script = "tty > tty; test -t 0 && test -t 1 && echo both >> tty; trap 'exit 9' INT; echo waiting; sleep 60";
  const ran = await stage.run(["sh", "-c", script], { before, policy: placeOf(container, { terminal }), flags });
  assert.equal(ran.code, 9, `${ran.output}${ran.errors}`);
  assert.match(read(stage, "tty"), /^\/dev\/pts\/\d+\nboth\n$/);
});

test("two sessions in one place at once, and what a killed one left in the directory is gone", { skip }, async () => {
  using stage = new Stage();
  using container = openContainer(stage);
  const dead = `p${"0".repeat(16)}`;
  for (const kind of ["c", "mjs"]) stage.write(join(container.door.host, `${dead}.${kind}`), "");
  const running = { before: under(stage, accepting), policy: placeOf(container), flags };
  const [one, other] = await Promise.all(["one", "other"].map((name) => stage.run(["touch", name], running)));
  assert.deepEqual([one?.code, other?.code], [0, 0], `${one?.errors}${other?.errors}`);
  assert.ok(existsSync(join(stage.work, "one")) && existsSync(join(stage.work, "other")));
  assert.deepEqual(readdirSync(container.door.host), []);
});
