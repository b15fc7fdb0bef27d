// HTTP/2 through the gate where somebody leaves, breaks off, is slow, or says what may not be said; and what is durable before a
// byte of it leaves (invariants 1, 4, 6).

import assert from "node:assert/strict";
import { constants } from "node:http2";
import { test } from "node:test";
import type { Entry } from "../../domain/entry.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown, sieveKnown } from "../../inspection/known.ts";
import { type Asked, ask, fields, hear, name, read, speak, stand } from "../http2-rehearsal.ts";
import { host, type Stage } from "../rehearsal.ts";

const fine = ({ stream }: Asked): void => {
  stream.respond({ ":status": 200 });
  stream.end("fine");
};

/** More turns and handshakes than what did not wait would need to reach an upstream and come back. */
async function otherBusiness(stage: Stage): Promise<void> {
  for (let count = 0; count < 20; count += 1) (await stage.dialTls("refused.example")).destroy();
}

function gated() {
  const { promise: durable, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  return { durable, release, reached, reach };
}

test("no stream of a request goes upstream before its intent is durable, however slow the record", async () => {
  const gate = gated();
  await using it = await stand(fine, {
    append: async (entry: Entry) => {
      if (entry.kind === "request") gate.reach();
      if (entry.kind === "request") await gate.durable;
      return { index: 0 };
    },
  });
  const reply = ask(await it.dial(), fields("/"), "body");
  await gate.reached;
  await otherBusiness(it.stage);
  assert.equal(it.upstream.asked.length, 0);
  gate.release();
  assert.equal((await reply).status, 200);
});

test("no upstream is asked for its version before the connection is durable in the record", async () => {
  const gate = gated();
  await using it = await stand(fine, {
    append: async (entry: Entry) => {
      const meant = entry.kind === "connection" && entry.sealed?.["host"] === name;
      if (meant) gate.reach();
      if (meant) await gate.durable;
      return { index: 0 };
    },
  });
  const reply = it.dial().then((session) => ask(session, fields("/"), "body"));
  await gate.reached;
  await otherBusiness(it.stage);
  assert.equal(it.upstream.connections(), 0);
  gate.release();
  assert.equal((await reply).status, 200);
});

test("a record that cannot be written lets nothing leave, and ends the session", async () => {
  await using it = await stand(fine, {
    append: async (entry: Entry) => {
      if (entry.kind === "request") throw new Error("disk full");
      return { index: 0 };
    },
  });
  const failed = assert.rejects(it.stage.gateway.failed, { code: "record" });
  assert.equal((await ask(await it.dial(), fields("/"), "body")).status, 0);
  await failed;
  assert.equal(it.upstream.asked.length, 0);
});

test("a connection that cannot be entered dials nobody", async () => {
  await using it = await stand(fine, { append: () => Promise.reject(new Error("disk full")) });
  await assert.rejects(it.dial());
  assert.equal(it.upstream.connections(), 0);
});

const real = "sk-live-0123456789abcdef/+=";
const placeholder = "postern-placeholder-7f3a";
const credential = {
  id: "vendor",
  secret: new Secret(real),
  placeholder,
  variable: "VENDOR_KEY",
  to: { host: host(name), header: "x-api-key", paths: undefined },
};
const guarded = {
  credentials: [credential],
  seek: seekKnown([credential]),
  openSieve: sieveKnown([credential]),
};

test("the placeholder becomes the value, in its place, where no table may hold it", async () => {
  await using it = await stand(fine, guarded);
  const sent = fields("/", "x-a", "1", "x-api-key", `Bearer ${placeholder}`, "x-b", "2");
  assert.equal((await ask(await it.dial(), sent, "body")).status, 200);
  const [asked] = it.upstream.asked;
  assert.deepEqual(
    asked?.raw,
    sent.map((part) => part.replace(placeholder, real)),
  );
  assert.deepEqual(asked?.never, ["x-api-key"]);
  const entries = [...(await it.entries("request")), ...(await it.entries("credential"))];
  assert.deepEqual(entries[0]?.sealed?.["credentials"], ["vendor"]);
  assert.ok(!JSON.stringify(it.stage.entries).includes(real));
});

const misuses: readonly [title: string, sent: readonly string[], body: string][] = [
  ["another key in the bound field", fields("/", "x-api-key", "sk-of-somebody-else"), ""],
  ["the real value in a field", fields("/", "x-other", real), ""],
  ["the real value in a path", fields(`/${encodeURIComponent(real)}`), ""],
  ["the real value in a field's name", fields("/", `x-${real.replace("/+=", "")}`, "1"), ""],
  ["the real value in the body", fields("/"), `key=${real}`],
  ["the placeholder out of its place", fields("/", "x-other", placeholder), ""],
];
for (const [title, sent, body] of misuses) {
  test(`refused: ${title}`, async () => {
    const short = { ...credential, secret: new Secret("sk-live-0123456789abcdef") };
    await using it = await stand(fine, {
      credentials: [credential],
      seek: (part) => [...guarded.seek(part), ...seekKnown([short])(part)],
      openSieve: guarded.openSieve,
    });
    assert.equal((await ask(await it.dial(), sent, body)).status, 403);
    assert.equal(it.upstream.asked.length, 0);
  });
}

const reflections: readonly [title: string, answer: (asked: Asked) => void][] = [
  ["in a field", ({ stream }) => stream.respond({ ":status": 200, "x-echo": `<${real}>` }, { endStream: true })],
  ["in an informational reply", ({ stream }) => stream.additionalHeaders({ ":status": 103, link: `<${real}>` })],
  [
    "in the body",
    ({ stream }) => {
      stream.respond({ ":status": 200 });
      for (const half of [real.slice(0, 9), real.slice(9)]) stream.write(half);
      stream.end();
    },
  ],
  [
    "in the trailers",
    ({ stream }) => {
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-echo": real }));
      stream.end();
    },
  ],
];
for (const [title, answer] of reflections) {
  test(`a real credential that comes back ${title} does not reach the tool`, async () => {
    await using it = await stand(answer, guarded);
    const reply = await ask(await it.dial(), fields("/", "x-api-key", placeholder), "body");
    assert.ok(reply.status === 502 || reply.code !== 0);
    assert.ok(!JSON.stringify(reply).includes(real.slice(0, 9)));
    const [entry] = await it.entries("reply");
    assert.equal(entry?.rule, "gateway:credential-reflected");
  });
}

test("a tool that takes its request back takes it back upstream, and keeps its connection", async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<number>();
  await using it = await stand((asked) => {
    if (asked.raw.includes("/next")) return fine(asked);
    asked.stream.respond({ ":status": 200 });
    asked.stream.write("data: 1");
    asked.stream.on("close", () => leave(asked.stream.rstCode ?? -1));
  });
  const session = await it.dial();
  const stream = session.request(fields("/"), { endStream: true });
  stream.on("error", () => undefined);
  stream.once("data", () => stream.close(constants.NGHTTP2_CANCEL));
  assert.equal(await left, constants.NGHTTP2_CANCEL);
  assert.equal((await ask(session, fields("/next"), "")).body, "fine");
  assert.equal(it.upstream.connections(), 1);
  const outcomes = (await it.entries("reply")).map(({ sealed }) => sealed?.["outcome"]);
  assert.deepEqual(outcomes, ["the tool went away", "whole"]);
});

for (const code of [constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL]) {
  test(`a body the tool takes back in the middle (code ${code}) was never asked`, async () => {
    await using it = await stand(fine);
    const connection = speak(await it.stage.dialTls(name, { ALPNProtocols: ["h2"] }));
    for (const more of [["content-length", "10"], []]) {
      const stream = connection.open();
      stream.head(fields("/", ...more), new Set(), false);
      stream.say(Buffer.from("half"));
      stream.reset(code);
    }
    const next = connection.open();
    const heard = hear(next);
    next.head(fields("/next"), new Set(), true);
    assert.equal((await heard).list[1], "200");
    assert.equal(it.upstream.asked.length, 1);
    const entered = (await it.entries("request")).map(({ sealed }) => sealed?.["target"]);
    assert.deepEqual(entered, ["/next"]);
  });
}

const resets: readonly [title: string, code: number, times: number, status: number][] = [
  ["one it did not touch is asked again", constants.NGHTTP2_REFUSED_STREAM, 1, 200],
  ["twice not touched is given up", constants.NGHTTP2_REFUSED_STREAM, 2, 502],
  ["one it broke is not", constants.NGHTTP2_INTERNAL_ERROR, 1, 502],
];
for (const [title, code, times, status] of resets) {
  test(`an upstream that resets a POST: ${title}`, async () => {
    let resetSo = 0;
    await using it = await stand((asked) => {
      resetSo += 1;
      if (resetSo <= times) asked.stream.close(code);
      else fine(asked);
    });
    assert.equal((await ask(await it.dial(), fields("/"), "body")).status, status);
    assert.equal((await it.entries("request")).length, 1);
  });
}

test("an upstream that takes leave gets the next request on another connection", async () => {
  await using it = await stand((asked) => {
    fine(asked);
    asked.stream.session?.goaway(0);
  });
  const session = await it.dial();
  for (const path of ["/1", "/2", "/3"]) assert.equal((await ask(session, fields(path), "body")).status, 200);
  assert.equal(it.upstream.connections(), 3);
});

test("an upstream that breaks off its reply is broken off for the tool", async () => {
  await using it = await stand(({ stream }) => {
    stream.respond({ ":status": 200 });
    stream.write("half");
    setImmediate(() => stream.session?.destroy());
  });
  const reply = await ask(await it.dial(), fields("/"), "body");
  assert.equal(reply.status, 200);
  assert.notEqual(reply.code, 0);
});

test("a silent upstream is given up", async () => {
  await using it = await stand(() => undefined, { limits: { replyTime: 50 } });
  assert.equal((await ask(await it.dial(), fields("/"), "body")).status, 502);
});

test("a slow tool holds its own upstream stream back, and nobody else's", async () => {
  let written = 0;
  await using it = await stand((asked) => {
    if (asked.raw.includes("/quick")) return fine(asked);
    asked.stream.respond({ ":status": 200 });
    const piece = Buffer.alloc(65_536);
    const write = (): void => {
      for (let more = true; more && written < 64; written += 1) more = asked.stream.write(piece);
      if (written === 64) asked.stream.end();
    };
    asked.stream.on("drain", write);
    write();
  });
  const session = await it.dial();
  // else the runtime's client has one window of 64 KiB for everything
  session.setLocalWindowSize(8 * 1024 * 1024);
  const slow = session.request(fields("/slow"), { endStream: true });
  await new Promise((resolve) => slow.once("response", resolve));
  for (let round = 0; round < 20; round += 1) assert.equal((await ask(session, fields("/quick"), "")).body, "fine");
  assert.ok(written < 64, `${written} pieces of 64 KiB were taken while nobody read`);
  const reply = await read(slow);
  assert.equal(reply.body.length, 64 * 65_536);
});

test("a session that ends breaks off what is under way", async () => {
  await using it = await stand(({ stream }) => {
    stream.respond({ ":status": 200 });
    stream.write("data: 1");
  });
  const stream = (await it.dial()).request(fields("/"), { endStream: true });
  stream.on("error", () => undefined);
  await new Promise((resolve) => stream.once("data", resolve));
  const closed = new Promise((resolve) => stream.once("close", resolve));
  await it.stage.gateway.close();
  await closed;
});

test("more requests at once than are taken are refused, to be sent again; one entry says so", async () => {
  const held: Asked[] = [];
  await using it = await stand((asked) => held.push(asked), { limits: { streams: 2 } });
  // a client that does not keep to what it is told
  const connection = speak(await it.stage.dialTls(name, { ALPNProtocols: ["h2"] }));
  const heard = [1, 2, 3, 4].map((at) => {
    const stream = connection.open();
    const told = hear(stream);
    stream.head(fields(`/${at}`), new Set(), true);
    return told;
  });
  for (const told of heard.slice(2)) await assert.rejects(told, /refused/);
  while (held.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const asked of held) fine(asked);
  for (const told of heard.slice(0, 2)) assert.deepEqual((await told).list.slice(0, 2), [":status", "200"]);
  assert.equal(held.length, 2);
  const rules = (await it.entries("refusal")).map(({ rule }) => rule);
  assert.deepEqual(rules, ["gateway:streams"]);
});
