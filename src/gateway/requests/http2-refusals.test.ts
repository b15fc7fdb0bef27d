// Heads of HTTP/2 from vectors/gateway/http2-requests.json, and octets that are none: each is refused, entered, and never reaches
// an upstream. Spoken by our own connection, which writes whatever it is given.

import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../../vectors/gateway/http2-requests.json" with { type: "json" };
import { Hand, nobody } from "../http2/dialogue.ts";
import { flags, kinds, nameOf, writeNumbers } from "../http2/frames.ts";
import { hear, openHttp2Upstream, speak } from "../http2-rehearsal.ts";
import type { Limits } from "../limits.ts";
import { grantFor, judgeFor, openStage } from "../rehearsal.ts";

const name = "api.vendor.example";

interface Case {
  readonly name: string;
  readonly with?: Readonly<Record<string, string | undefined>>;
  readonly without?: string;
  readonly before?: readonly string[];
  readonly behind?: readonly string[];
  readonly body?: string;
  readonly trailers?: readonly string[];
  readonly repeat?: number;
  readonly status: number;
  readonly rule: string;
}
const cases: readonly Case[] = vectors.cases;

function fieldsOf(one: Case): string[] {
  const middle: string[] = [];
  for (let at = 0; at < vectors.base.length; at += 2) {
    const [field = "", value = ""] = vectors.base.slice(at, at + 2);
    if (field !== one.without) middle.push(field, one.with?.[field] ?? value);
  }
  return [...(one.before ?? []), ...middle, ...(one.behind ?? [])].map((part) =>
    part.replaceAll("~", name).replace(/^%$/, "a".repeat(one.repeat ?? 0)),
  );
}

async function stand(more: Partial<Limits> = {}) {
  const upstream = await openHttp2Upstream(({ stream }) => {
    stream.respond({ ":status": 200 });
    stream.end("leaked");
  });
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  const stage = await openStage({ judge: judgeFor([grant]), limits: more });
  return {
    upstream,
    stage,
    dial: () => stage.dialTls(name, { ALPNProtocols: ["h2"] }),
    refusals: async () => {
      await stage.gateway.close();
      return stage.entries.filter(({ kind }) => kind === "refusal");
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

for (const one of cases) {
  test(`refused on the wire: ${one.name}`, async () => {
    await using it = await stand();
    const socket = await it.dial();
    const stream = speak(socket).open();
    const heard = hear(stream);
    stream.head(fieldsOf(one), nobody, one.body === undefined);
    if (one.body !== undefined) stream.end(Buffer.from(one.body), one.trailers ?? [], nobody);
    assert.deepEqual((await heard).list.slice(0, 2), [":status", String(one.status)]);
    socket.destroy();
    const refusals = await it.refusals();
    assert.deepEqual(
      refusals.map(({ rule }) => rule),
      [one.rule],
    );
    assert.equal(it.upstream.asked.length, 0);
  });
}

test("the next stream of the same connection is taken all the same", async () => {
  await using it = await stand();
  const connection = speak(await it.dial());
  const bad = connection.open();
  const refused = hear(bad);
  bad.head([...fieldsOf({ name: "", status: 0, rule: "" }), "connection", "close"], nobody, true);
  const good = connection.open();
  const taken = hear(good);
  good.head(fieldsOf({ name: "", status: 0, rule: "" }), nobody, true);
  assert.equal((await refused).list[1], "400");
  assert.equal((await taken).list[1], "200");
});

const hand = new Hand();
const broken: readonly [title: string, bytes: Buffer, rule: string, detail: RegExp][] = [
  [
    "a head that cannot be read",
    hand.frame(kinds.headers, 1, Buffer.from([0x80]), flags.endHeaders),
    "gateway:framing",
    /cannot be read/,
  ],
  [
    "a head without an end",
    Buffer.concat([
      hand.frame(kinds.headers, 1, "a"),
      ...Array.from({ length: 40 }, () => hand.frame(kinds.continuation, 1, "a")),
    ]),
    "gateway:framing",
    /in more frames/,
  ],
  [
    "a flood of pings",
    Buffer.concat(Array.from({ length: 5000 }, () => hand.frame(kinds.ping, 0, "12345678"))),
    "gateway:framing",
    /more frames than/,
  ],
  [
    "a flood of streams taken back",
    Buffer.concat(
      Array.from({ length: 5000 }, (_, at) =>
        Buffer.concat([hand.head(2 * at + 1), hand.frame(kinds.reset, 2 * at + 1, writeNumbers(8))]),
      ),
    ),
    "gateway:framing",
    /more (?:frames|streams) than/,
  ],
  ["a frame that is too long", Buffer.from("ffffff000000000001", "hex"), "gateway:framing", /too long/],
];
for (const [title, bytes, rule, detail] of broken) {
  test(`the connection is ended, and entered: ${title}`, async () => {
    await using it = await stand();
    const socket = await it.dial();
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(hand.hello());
    socket.write(bytes);
    socket.resume();
    await closed;
    const [refusal, ...others] = (await it.refusals()).filter((entry) => entry.sealed?.["detail"] !== undefined);
    assert.deepEqual([refusal?.rule, refusal?.sealed?.["host"], others.length], [rule, name, 0]);
    assert.match(String(refusal?.sealed?.["detail"]), detail);
  });
}

test("a head that never ends, and a body that never ends, are given up in time", async () => {
  await using it = await stand({ headTime: 30, requestTime: 30 });
  const half = await it.dial();
  half.write(Buffer.concat([hand.hello(), hand.frame(kinds.headers, 1, "a")]));
  half.on("error", () => undefined);
  await new Promise((resolve) => half.resume().once("close", resolve));
  const stream = speak(await it.dial()).open();
  const heard = hear(stream);
  stream.head(fieldsOf({ name: "", status: 0, rule: "" }), nobody, false);
  stream.say(Buffer.from("half"));
  assert.equal((await heard).list[1], "408");
  const refusals = await it.refusals();
  assert.deepEqual(
    refusals.map(({ rule }) => rule),
    ["gateway:deadline", "gateway:deadline"],
  );
  assert.equal(it.upstream.asked.length, 0);
});

test("a body that grows beyond what was told is refused before it ends", async () => {
  await using it = await stand();
  const stream = speak(await it.dial()).open();
  const heard = hear(stream);
  stream.head([...fieldsOf({ name: "", status: 0, rule: "" }), "content-length", "4"], nobody, false);
  stream.say(Buffer.from("hello"));
  assert.equal((await heard).list[1], "400");
});

test("a connection that asks nothing is closed after a while, with a word", async () => {
  await using it = await stand({ keptTime: 20, headTime: 20 });
  const socket = await it.dial();
  socket.write(hand.hello());
  const said: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => said.push(chunk));
  await new Promise((resolve) => socket.once("close", resolve));
  const last = Buffer.concat(said).subarray(-17);
  assert.equal(last[3], kinds.goAway);
  assert.equal(nameOf(last.readUInt32BE(13)), "none");
  assert.deepEqual(await it.refusals(), []);
});
