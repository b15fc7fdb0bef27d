// Requests for tokens at the gate: whoever keeps the login says what is sent and what the tool is told; what cannot be read in
// one way alone is refused before; a reply is not lost because the tool has left or the session ends.

import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Login, TokenOutcome, TokenReply } from "../../domain/login.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown, sieveKnown } from "../../inspection/known.ts";
import { ask, dialHttp2, openHttp2Upstream } from "../http2-rehearsal.ts";
import { grantFor, host, judgeFor, openStage, openUpstream, readAll } from "../rehearsal.ts";

const name = "login.vendor.example";
const real = "real-access-token-0123456789";
const placeholder = "postern-placeholder-0123456789";

interface Standing {
  readonly listener?: RequestListener;
  readonly secure?: boolean;
  readonly answer?: (reply: TokenReply | string) => TokenOutcome;
  /** What the real request is to be. */
  readonly written?: string;
}

async function stand({ listener, secure = true, answer, written = "real=1" }: Standing = {}) {
  const bodies: string[] = [];
  const upstream = await openUpstream((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      bodies.push(`${request.url} ${request.headers["content-length"]} ${body} ${request.headers.authorization ?? ""}`);
      if (listener === undefined) response.end("{}");
      else listener(request, response);
    });
  }, secure);
  const replies: (TokenReply | string)[] = [];
  const rejected: string[] = [];
  const login: Login = {
    id: "me",
    rule: "user:credentials.me",
    places: [{ host: host(name), header: "authorization", paths: ["/v1/*"] }],
    endpoint: { host: host(name), paths: ["/token"] },
    own: true,
    claim: () => "perhaps",
    isAccess: (text) => text === placeholder,
    access: () => new Secret(real),
    rejected: (token) => void rejected.push(token.reveal()),
    exchange: async (_request, send) => {
      const reply = await send(Buffer.from(written));
      replies.push(reply);
      const fine: TokenOutcome = { kind: "answer", act: "refresh", status: 200, body: Buffer.from('{"ok":1}') };
      return answer === undefined ? fine : answer(reply);
    },
  };
  const guarded = [{ id: "me", secret: new Secret(real) }];
  const stage = await openStage({
    judge: judgeFor([
      grantFor(name, { upstream: { address: upstream.address, ca: secure ? upstream.ca : undefined } }),
    ]),
    logins: [login],
    seek: seekKnown(guarded),
    openSieve: sieveKnown(guarded),
  });
  const dial = async () => (secure ? stage.dialTls(name) : stage.dial(await stage.addressOf(name), 80));
  return {
    bodies,
    replies,
    rejected,
    stage,
    dial,
    ask: async (line: string, headers: string, body: Buffer | string = "grant_type=x&token=placeholder") => {
      const socket = await dial();
      socket.write(
        `${line} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
      );
      socket.write(body);
      return readAll(socket);
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const form = "Content-Type: application/x-www-form-urlencoded\r\n";
const kinds = (entries: readonly { kind: string }[]) =>
  entries.map(({ kind }) => kind).filter((kind) => kind !== "connection");

test("what leaves is what the keeper wrote, with a true length; what the tool gets is what the keeper says", async () => {
  const listener: RequestListener = (_, response) => void response.end(`{"access_token":"${real}"}`);
  await using it = await stand({ listener });
  const reply = await it.ask("POST /token", form);
  assert.match(reply, /^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\n\{"ok":1\}$/);
  assert.ok(!reply.includes(real));
  assert.deepEqual(it.bodies, ["/token 6 real=1 "]);
  assert.deepEqual(kinds(it.stage.entries).toSorted(), ["credential", "reply", "request"]);
  const entry = it.stage.entries.find(({ kind }) => kind === "credential");
  assert.deepEqual(
    [entry?.rule, entry?.sealed],
    ["user:credentials.me", { credential: "me", host: name, act: "refresh" }],
  );
  assert.ok(!JSON.stringify(it.stage.entries).includes(real));
});

test("an encoded reply is decoded; a bomb, an endless one and an unknown coding are none", async () => {
  const encoded =
    (coding: string, body: Buffer): RequestListener =>
    (_, response) =>
      void response.writeHead(200, { "content-encoding": coding }).end(body);
  await using fine = await stand({ listener: encoded("gzip", gzipSync('{"a":1}')) });
  await fine.ask("POST /token", form);
  const [whole] = fine.replies;
  assert.equal(typeof whole === "object" ? whole.body.toString() : whole, '{"a":1}');
  for (const listener of [
    encoded("gzip", gzipSync(Buffer.alloc(20_000_000))),
    encoded("rot13", Buffer.from("x")),
    encoded("identity", Buffer.alloc(2_000_000)),
  ]) {
    await using it = await stand({ listener });
    await it.ask("POST /token", form);
    assert.equal(typeof it.replies[0], "string");
  }
});

const refused: readonly [string, string, string, (Buffer | string)?][] = [
  ["another method", "GET /token", form],
  ["parameters in the target", "POST /token?refresh_token=x", form],
  ["an encoded body", "POST /token", `${form}Content-Encoding: gzip\r\n`, gzipSync("a=b")],
  ["two content types", "POST /token", `${form}Content-Type: application/json\r\n`],
  ["a body longer than any", "POST /token", form, "x".repeat(70_000)],
];
for (const [title, line, headers, body] of refused)
  test(`refused before anybody is asked: ${title}`, async () => {
    await using it = await stand();
    assert.match(await it.ask(line, headers, body), /^HTTP\/1.1 4(?:00|13) /);
    assert.deepEqual([it.bodies, it.replies], [[], []]);
    assert.equal(it.stage.entries.find(({ kind }) => kind === "refusal")?.rule, "gateway:login");
  });

test("a token where none belongs in what the tool would be told is not told", async () => {
  const answer = (): TokenOutcome => ({
    kind: "answer",
    act: "refresh",
    status: 200,
    body: Buffer.from(`{"x":"${real}"}`),
  });
  await using it = await stand({ answer });
  const reply = await it.ask("POST /token", form);
  assert.match(reply, /^HTTP\/1.1 502 /);
  assert.ok(!reply.includes(real));
  assert.equal(it.stage.entries.find(({ kind }) => kind === "refusal")?.rule, "gateway:credential-reflected");
});

test("what the keeper refuses is told in OAuth's own form and is on the record", async () => {
  const answer = (): TokenOutcome => ({ kind: "refuse", status: 400, rule: "login:foreign", reason: "not ours" });
  await using it = await stand({ answer });
  assert.match(await it.ask("POST /token", form), /^HTTP\/1.1 400 Bad Request\r\n[\s\S]*\{"error":"invalid_grant"\}$/);
  assert.equal(it.stage.entries.find(({ kind }) => kind === "refusal")?.rule, "login:foreign");
});

test("a tool that has left does not lose the reply, nor does a session that ends meanwhile", async () => {
  const [arrived, let_go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const listener: RequestListener = (_, response) => {
    arrived.resolve();
    void let_go.promise.then(() => response.end('{"late":1}'));
  };
  const it = await stand({ listener });
  const socket = await it.dial();
  socket.on("error", () => undefined);
  socket.write(`POST /token HTTP/1.1\r\nHost: ${name}\r\n${form}Content-Length: 3\r\n\r\na=b`);
  await arrived.promise;
  socket.destroy();
  const closed = it.stage.gateway.close();
  let_go.resolve();
  await closed;
  const [reply] = it.replies;
  assert.equal(typeof reply === "object" ? reply.body.toString() : reply, '{"late":1}');
  await it[Symbol.asyncDispose]();
});

test("the access placeholder becomes the token at its places alone; something else there is told to log in again", async () => {
  await using it = await stand();
  await it.ask("POST /v1/messages", `Authorization: Bearer ${placeholder}\r\n`, "x");
  assert.deepEqual(it.bodies, [`/v1/messages 1 x Bearer ${real}`]);
  await it.ask("POST /v2/other", `Authorization: Bearer ${placeholder}\r\n`, "x");
  assert.equal(it.bodies[1], `/v2/other 1 x Bearer ${placeholder}`);
  assert.match(await it.ask("POST /v1/messages", "Authorization: Bearer something-else\r\n", "x"), /^HTTP\/1.1 401 /);
  assert.match(await it.ask("POST /v1/messages", `X: ${real}\r\n`, "x"), /^HTTP\/1.1 403 /);
  assert.equal(it.bodies.length, 2);
});

test("who keeps the login hears of a token that is answered with 401, and of no other answer", async () => {
  let status = 403;
  const listener: RequestListener = (_, response) => void response.writeHead(status).end();
  await using it = await stand({ listener });
  const head = `Authorization: Bearer ${placeholder}\r\n`;
  assert.match(await it.ask("POST /v1/things", head), /^HTTP\/1.1 403/);
  status = 401;
  assert.match(await it.ask("POST /elsewhere", ""), /^HTTP\/1.1 401/);
  assert.deepEqual(it.rejected, []);
  assert.match(await it.ask("POST /v1/things", head), /^HTTP\/1.1 401/);
  assert.deepEqual(it.rejected, [real]);
});

test("the same on HTTP/2, on a connection of its own", async () => {
  await using upstream = await openHttp2Upstream(({ stream, body }) => {
    void body.then((bytes) => {
      stream.respond({ ":status": 200 });
      stream.end(JSON.stringify({ heard: bytes.toString() }));
    });
  });
  const replies: (TokenReply | string)[] = [];
  const login: Login = {
    id: "me",
    rule: "user:credentials.me",
    places: [],
    endpoint: { host: host(name), paths: ["/token"] },
    own: true,
    claim: () => "perhaps",
    isAccess: () => false,
    access: () => undefined,
    rejected: () => undefined,
    exchange: async (_request, send) => {
      replies.push(await send(Buffer.from("real=12")));
      return { kind: "answer", act: "refresh", status: 200, body: Buffer.from('{"ok":1}') };
    },
  };
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  await using stage = await openStage({ judge: judgeFor([grant]), logins: [login] });
  const session = await dialHttp2(stage, name);
  const fields = [":method", "POST", ":path", "/token", ":scheme", "https", ":authority", name];
  const told = await ask(session, [...fields, "content-type", "application/json", "content-length", "2"], "{}");
  assert.deepEqual([told.status, told.body, told.code], [200, '{"ok":1}', 0]);
  const raw = upstream.asked[0]?.raw ?? [];
  assert.deepEqual(raw.slice(raw.indexOf("content-length")), ["content-length", "7"]);
  const [reply] = replies;
  assert.equal(typeof reply === "object" ? reply.body.toString() : reply, '{"heard":"real=12"}');
  session.destroy();
});

test("the endpoint's path in another spelling, which its server may take for the same, is refused", async () => {
  const listener: RequestListener = (_, response) => void response.end(`{"access_token":"not-known-yet-0123456789"}`);
  await using it = await stand({ listener });
  for (const path of ["/%74oken", "/%2574oken", "/TOKEN", "/token/", "//token", "/token;v=1", "/token%20"]) {
    const reply = await it.ask(`POST ${path}`, form);
    assert.match(reply, /^HTTP\/1.1 4/, path);
    assert.ok(!reply.includes("not-known-yet"), path);
  }
  assert.deepEqual(it.bodies, []);
  assert.match(await it.ask("POST /tokens", form), /^HTTP\/1.1 200/, "another path is none of it");
});
