// Whatever way a tool takes, it comes to the door: caught with the destination it was aimed at and the program that tried,
// on the record, and seen by nobody outside. Needs the boundary's tools, and namespaces to stand the outside world in.

import assert from "node:assert/strict";
import { readFileSync, realpathSync } from "node:fs";
import { kill } from "node:process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { openOutside } from "./outside.ts";
import { writeQuestion } from "./question.ts";
import { type Logged, Stage } from "./stage.ts";
import { waysByTcp, waysByUdp } from "./ways.ts";

const node = process.execPath;
const bash = realpathSync("/bin/bash");

/** Sends the datagrams of argument 1 (`[[ip, port, hex], …]`), looks a name up, says so, and stays until its input ends. */
const sender = `
const dgram = require("dgram");
require("net").connect(53, "9.9.9.11").on("error", () => 0).resume().end("canary");
require("dns").lookup("canary.looked.example.org", () => 0);
const sockets = { 4: dgram.createSocket("udp4"), 6: dgram.createSocket("udp6") };
let left = 0;
for (const [ip, port, hex] of JSON.parse(process.argv[2])) {
  left += 1;
  sockets[ip.includes(":") ? 6 : 4].send(Buffer.from(hex, "hex"), port, ip, () => { if ((left -= 1) === 0) console.log("sent"); });
}
process.stdin.resume().on("end", () => process.exit());
`;

const executable = (entry: Logged): unknown => {
  const { process } = entry.sealed;
  return typeof process === "object" && process !== null && "executable" in process ? process.executable : process;
};

function ipOf({ sealed }: Logged): string {
  return ((sealed["destination"] ?? sealed) as { ip?: string }).ip ?? "";
}

function aimedAt(log: readonly Logged[], ip: string, port: number): readonly Logged[] {
  return log.filter(({ sealed }) => {
    const to = (sealed["destination"] ?? sealed) as { ip?: string; port?: number };
    return to.ip === ip && to.port === port;
  });
}

test("real boundary: every way out is caught and entered, nothing comes out (needs namespaces)", {
  timeout: 60_000,
}, async (t) => {
  using stage = new Stage();
  await using outside = await openOutside({ directory: stage.base });
  const ways = waysByTcp(stage.work);
  for (const way of ways) if (way.skip !== undefined) t.diagnostic(`NOT TRIED: ${way.name}: ${way.skip}`);
  const tried = ways.filter((way) => way.skip === undefined);
  const resolvers = [
    ["8.8.8.8", "four"],
    ["2001:4860:4860::8888", "six"],
  ] as const;
  const datagrams = [
    ...waysByUdp.map(({ ip, port }) => [ip, port, Buffer.from("canary").toString("hex")]),
    ...resolvers.map(([ip, label]) => [ip, 53, writeQuestion(["canary", label, "example", "org"], 1).toString("hex")]),
    ["9.9.9.9", 53, Buffer.from("no question at all").toString("hex")],
  ];
  const lines = [
    ...tried.map((way) => way.line),
    "getent hosts canary.asked.example.org",
    "(exec 3<>/dev/tcp/9.9.9.10/53; echo canary >&3; exec 3>&-; true)",
    `exec ${node} sender.cjs '${JSON.stringify(datagrams)}'`,
  ];
  stage.write("work/sender.cjs", sender);
  stage.write(
    "work/ways.sh",
    `${lines.map((line) => (line.startsWith("exec") ? line : `${line} >/dev/null 2>&1`)).join("\n")}\n`,
  );

  const { child, ended } = stage.start(["bash", "ways.sh"], { before: outside.enter, input: "pipe" });
  child.stdout?.once("data", () => void untilEntered().then(() => child.stdin?.end()));
  const entered = (log: readonly Logged[]): boolean =>
    [...datagrams, ["9.9.9.11", 53]].every(([ip, port]) => aimedAt(log, String(ip), Number(port)).length > 0) &&
    log.some(({ sealed }) => sealed["name"] === "canary.looked.example.org");
  const untilEntered = async (): Promise<void> => {
    while (child.exitCode === null && !entered(await stage.log()));
  };
  const { code, summary, errors } = await ended;
  assert.equal(code, 0, errors);

  const log = await stage.log();
  for (const way of tried) {
    const found = aimedAt(log, way.ip, way.port).filter((entry) => entry.kind === "connection");
    const by = way.fleeting && found.some((entry) => executable(entry) === "gone") ? "gone" : way.by;
    assert.deepEqual(found.map(executable), [by], `${way.name}: ${JSON.stringify(found)}`);
    assert.equal(found[0]?.verdict, "refuse", way.name);
    const requests = log.filter(
      (entry) => entry.kind === "refusal" && entry.sealed["host"] === way.ip && "method" in entry.sealed,
    );
    assert.equal(requests.length, way.request ? 1 : 0, way.name);
  }
  for (const [ip, port] of datagrams) {
    const found = aimedAt(log, String(ip), Number(port));
    assert.deepEqual(
      found.map((entry) => [entry.verdict, executable(entry)]),
      [["refuse", node]],
      `${ip} ${port}`,
    );
  }
  const names = log
    .filter((entry) => entry.kind === "name")
    .map((entry) => [entry.sealed["name"] ?? entry.rule, ipOf(entry), executable(entry)] as const);
  const staying = [
    ["canary.looked.example.org", "100.64.0.53", node],
    ["canary.four.example.org", "8.8.8.8", node],
    ["canary.six.example.org", "2001:4860:4860::8888", node],
    ["gateway:no-question", "9.9.9.9", node],
    ["gateway:no-question", "9.9.9.11", node],
  ];
  // ended before they could be asked who they were, or not
  const fleeting = [
    ["canary.asked.example.org", "100.64.0.53", "/usr/bin/getent"],
    ["gateway:no-question", "9.9.9.10", bash],
  ];
  const settled = names.map(([what, ip, by]) =>
    by === "gone" ? (fleeting.find((one) => one[0] === what && one[1] === ip) ?? [what, ip, by]) : [what, ip, by],
  );
  const told = (rows: readonly (readonly unknown[])[]): readonly string[] =>
    rows.map((row) => row.join(" ")).toSorted();
  assert.deepEqual(told(settled), told([...staying, ...fleeting]));
  assert.equal(summary?.network.overflow, 0);
  assert.equal(summary?.network.bytesOut, 0);
  assert.deepEqual(await outside.seen(), []);
  t.diagnostic(`${tried.length} ways by TCP, ${datagrams.length} datagrams`);
});

/** Does what each line of its input says, and answers with a line. */
const crowd = `
const { spawnSync } = require("child_process"), dgram = require("dgram"), net = require("net");
const doing = {
  ready: () => undefined,
  vanish: () => spawnSync("bash", ["-c", "exec 3<>/dev/tcp/93.184.218.1/25; echo EHLO >&3"]),
  datagrams: () => new Promise((resolve) => {
    const socket = dgram.createSocket("udp4");
    let left = DATAGRAMS;
    for (let index = left; index > 0; index -= 1) socket.send("x", 9, "93.184.218.2", () => { if ((left -= 1) === 0) resolve(); });
  }),
  connections: () => new Promise((resolve) => {
    let left = CONNECTIONS;
    for (let index = left; index > 0; index -= 1)
      net.connect(25, "93.184.218.3", () => { if ((left -= 1) === 0) resolve(); }).on("error", () => 0);
  }),
  end: () => process.exit(),
};
require("readline").createInterface({ input: process.stdin }).on("line", async (line) => { await doing[line](); console.log(line); });
`;

test("real boundary: who is gone is entered as gone, what is too much is counted, nothing is lost (needs namespaces)", {
  timeout: 60_000,
}, async (t) => {
  const [datagrams, connections] = [20_000, 300];
  using stage = new Stage();
  await using outside = await openOutside({ directory: stage.base });
  stage.write("work/crowd.cjs", crowd.replace("DATAGRAMS", `${datagrams}`).replace("CONNECTIONS", `${connections}`));
  const { child, ended } = stage.start([node, "crowd.cjs"], { before: outside.enter, input: "pipe" });
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const say = async (line: string): Promise<void> => {
    child.stdin?.write(`${line}\n`);
    assert.equal((await lines.next()).value, line);
  };
  await say("ready");
  // what happens while the gateway stands still waits in the kernel, as under any load; then the tool ends at once
  const gateway = child.pid ?? 0;
  kill(gateway, "SIGSTOP");
  while (!/^State:\tT/m.test(readFileSync(`/proc/${gateway}/status`, "utf8")));
  for (const line of ["vanish", "datagrams", "connections"]) await say(line);
  child.stdin?.write("end\n");
  kill(gateway, "SIGCONT");
  const { code, summary, errors } = await ended;
  assert.equal(code, 0, errors);

  const log = await stage.log();
  const sum = (rule: string, count: string): number =>
    log.filter((entry) => entry.rule === rule).reduce((total, { counts }) => total + (counts[count] ?? 0), 0);
  const vanished = aimedAt(log, "93.184.218.1", 25);
  assert.deepEqual(
    vanished.map((entry) => [entry.verdict, executable(entry)]),
    [["refuse", "gone"]],
  );
  assert.equal(aimedAt(log, "93.184.218.3", 25).length, connections);
  assert.equal(aimedAt(log, "93.184.218.2", 9).length, 1);
  const [counted, overflow] = [sum("gateway:datagram", "datagrams"), sum("gateway:overflow", "overflow")];
  assert.equal(counted + overflow, datagrams);
  assert.ok(overflow > 0, "the kernel's room was too small for them");
  assert.equal(summary?.network.overflow, overflow);
  assert.deepEqual(await outside.seen(), []);
  t.diagnostic(`${connections} connections and ${counted} datagrams entered, ${overflow} datagrams counted`);
});
