import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import type { GatewayOptions } from "../gateway.ts";
import { grantFor, judgeFor, openStage, type Stage, writeQuestion } from "../rehearsal.ts";

const granted = "api.vendor.example";
const types = { A: 1, NS: 2, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, SVCB: 64, HTTPS: 65, ANY: 255 };

async function ask(stage: Stage, name: string, type: keyof typeof types) {
  const answer = await stage.ask(writeQuestion(name, types[type]));
  assert.ok(answer !== undefined);
  const question = writeQuestion(name, types[type]).length;
  return { code: (answer[3] ?? 0) & 0xf, count: answer.readUInt16BE(6), data: answer.subarray(question + 12), answer };
}

test("every valid name gets addresses, granted or not; nobody is asked, only the stranger is entered, once", async () => {
  const resolved: string[] = [];
  const resolve = async (name: string) => {
    resolved.push(name);
    return ["192.0.2.1"];
  };
  await using stage = await openStage({
    judge: judgeFor([grantFor(granted)]),
    upstream: { authorities: [], proxy: undefined, resolve },
  });
  for (const name of [granted, "stranger.example", "StRaNgEr.ExAmPlE", "secret-data.evil.example"]) {
    const four = await ask(stage, name, "A");
    assert.match([...four.data].join("."), /^198\.1[89]\.\d+\.\d+$/);
    const six = await ask(stage, name, "AAAA");
    assert.equal(six.data.subarray(0, 8).toString("hex"), "fd00007000010000");
  }
  await stage.gateway.close();
  assert.deepEqual(resolved, []);
  const names = stage.entries.map((entry) => [entry.kind, entry.verdict, entry.rule, entry.sealed?.["name"]]);
  assert.deepEqual(names, [
    ["name", "refuse", "default", "stranger.example"],
    ["name", "refuse", "default", "secret-data.evil.example"],
  ]);
});

for (const type of ["NS", "SOA", "MX", "TXT", "SRV", "SVCB", "HTTPS"] as const) {
  test(`${type} of a name: no error and no data`, async () => {
    await using stage = await openStage({ judge: judgeFor([grantFor(granted)]) });
    const { code, count } = await ask(stage, granted, type);
    assert.deepEqual({ code, count }, { code: 0, count: 0 });
  });
}

const codes: readonly [name: string, type: keyof typeof types, code: number][] = [
  [granted, "ANY", 4],
  ["1.2.3.4", "A", 3],
  ["with space.example", "A", 3],
  ["a..b", "A", 1],
  ["4.3.2.1.in-addr.arpa", "PTR", 3],
  ["nonsense", "PTR", 3],
  ["0x7f", "A", 3],
  ["2130706433", "A", 3],
];
for (const [name, type, code] of codes) {
  test(`${type} of ${name}: code ${code}`, async () => {
    await using stage = await openStage();
    const answer = await stage.ask(writeQuestion(name, types[type]));
    assert.equal((answer?.[3] ?? 0) & 0xf, code);
    assert.ok(answer?.readUInt16BE(6) === 0);
  });
}

test("whatever is asked for and not given is entered, in every class and type; the loopback's own name is not", async () => {
  await using stage = await openStage();
  const quiet = ["1.0.0.127.in-addr.arpa", `${"1.0".padEnd(63, ".0")}.ip6.arpa`];
  for (const name of quiet) await ask(stage, name, "PTR");
  const asked = ["4.3.2.1.in-addr.arpa", "secret.in-addr.arpa"];
  for (const name of asked) await ask(stage, name, "PTR");
  await ask(stage, "secret.any.example", "ANY");
  const chaos = writeQuestion("secret.chaos.example", 16);
  chaos.writeUInt16BE(3, chaos.length - 2);
  await stage.ask(chaos);
  await stage.gateway.close();
  const names = stage.entries
    .filter(({ kind }) => kind === "name")
    .map(({ sealed }) => sealed?.["name"] ?? sealed?.["asked"]);
  assert.deepEqual(new Set(names), new Set([...asked, "secret.any.example", "secret.chaos.example"]));
});

test("our own addresses have their names back", async () => {
  await using stage = await openStage();
  const address = await stage.addressOf(granted);
  const six = (await ask(stage, granted, "AAAA")).data.toString("hex");
  const reversed = address.split(".").reverse().join(".");
  for (const name of [`${reversed}.in-addr.arpa`, `${[...six].reverse().join(".")}.ip6.arpa`]) {
    const { data } = await ask(stage, name, "PTR");
    assert.equal(data.toString("latin1"), "\x03api\x06vendor\x07example\0");
  }
});

test("localhost is the tool's own", async () => {
  await using stage = await openStage();
  assert.equal([...(await ask(stage, "localhost", "A")).data].join("."), "127.0.0.1");
  assert.equal((await ask(stage, "app.localhost", "AAAA")).data.toString("hex"), "1".padStart(32, "0"));
});

test("EDNS is answered with EDNS, a later version of it with BADVERS", async () => {
  await using stage = await openStage();
  for (const version of [0, 1]) {
    const question = writeQuestion(granted, 1);
    question.writeUInt16BE(1, 10);
    const opt = Buffer.from([0, 0, 41, 4, 208, 0, version, 0, 0, 0, 0]);
    const answer = await stage.ask(Buffer.concat([question, opt]));
    assert.equal(answer?.readUInt16BE(10), 1);
    assert.equal(answer?.at(-6), version);
    assert.equal(answer?.readUInt16BE(6), 1 - version);
  }
});

test("names without a grant cannot use up the pool, and the end of it is entered once", async () => {
  await using stage = await openStage({
    judge: judgeFor([grantFor(granted)]),
    limits: { strangers: 2, nameEntries: 3 },
  });
  const answers = [];
  for (const label of ["a", "b", "c", "d", "a"]) answers.push((await ask(stage, `${label}.evil.example`, "A")).code);
  assert.deepEqual(answers, [0, 0, 2, 2, 0]);
  assert.equal((await ask(stage, granted, "A")).code, 0);
  await stage.gateway.close();
  const seen = stage.entries.map(({ rule, counts }) => `${rule} ${counts?.["overflow"] ?? ""}`);
  assert.deepEqual(seen.toSorted(), [
    "default ",
    "default ",
    "default ",
    "gateway:names-exhausted ",
    "gateway:names-overflow 1",
  ]);
  assert.deepEqual(stage.gateway.statistics().names, { asked: 6, refused: 4 });
});

test("what comes to port 53 and is no question is entered, with where it was aimed at", async () => {
  await using stage = await openStage();
  assert.equal(await stage.ask(Buffer.from("smuggled")), undefined);
  const malformed = await stage.ask(Buffer.alloc(600, 1));
  assert.equal((malformed?.[3] ?? 0) & 0xf, 1);
  for (const text of ["", "smuggled over a stream"]) {
    const socket = await stage.dial("192.0.2.9", 53);
    socket.on("error", () => undefined).resume();
    socket.end(text);
    await once(socket, "close");
  }
  await stage.gateway.close();
  const seen = stage.entries.map(({ kind, verdict, rule, sealed }) => [kind, verdict, rule, sealed?.["destination"]]);
  const entry = (ip: string) => ["name", "refuse", "gateway:no-question", { ip, port: 53 }];
  assert.deepEqual(seen, [entry("10.0.0.1"), entry("192.0.2.9")]);
});

test("a name that holds a credential gets no address, granted or not, and is entered without it", async () => {
  const seek: GatewayOptions["seek"] = (part) =>
    part.kind === "target" && part.text.includes("s3cret")
      ? [{ kind: "secret", label: "c", place: { kind: "target" }, encoding: "plain", what: "credential" }]
      : [];
  await using stage = await openStage({ seek, judge: judgeFor([grantFor("s3cret.granted.example")]) });
  for (const name of ["s3cret.evil.example", "s3cret.granted.example"]) {
    const { code, count } = await ask(stage, name, "A");
    assert.deepEqual({ code, count }, { code: 3, count: 0 });
  }
  await stage.gateway.close();
  const entries = stage.entries.map(({ verdict, rule, sealed }) => [verdict, rule, sealed?.["name"]]);
  const entry = ["refuse", "gateway:credential-in-name", "[holds a credential]"];
  assert.deepEqual(entries, [entry, entry]);
  assert.ok(!JSON.stringify(stage.entries).includes("s3cret"));
});
