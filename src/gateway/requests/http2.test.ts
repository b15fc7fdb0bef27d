// HTTP/2 on both sides of the gate, spoken by the runtime's own implementation outside and inside.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { sensitiveHeaders } from "node:http2";
import { test } from "node:test";
import { createServer } from "node:tls";
import fc from "fast-check";
import { createAuthority } from "../authority/session-authority.ts";
import { type Asked, ask, dialHttp2, fields, name, openHttp2Upstream, read, stand } from "../http2-rehearsal.ts";
import { grantFor, host, judgeFor, listen, openStage, openUpstream } from "../rehearsal.ts";

const get = (path: string, ...more: string[]) => fields(path, ...more).with(1, "GET");

/** The runtime's types do not know that it may add no date. */
const quiet: object = { sendDate: false };

const fine = ({ stream }: Asked): void => {
  stream.respond([":status", "200", "x-b", "1", "x-a", "2", "x-b", "3"], quiet);
  stream.end("fine");
};

test("fields in their order, body and trailers go through untouched, both ways, and stand in the record", async () => {
  await using it = await stand(({ stream, body }) => {
    void body.then(() => {
      stream.additionalHeaders({ ":status": 103, link: "</a>" });
      stream.respond([":status", "201", "x-b", "1", "set-cookie", "a=1", "x-a", "2", "set-cookie", "b=2"], {
        ...quiet,
        waitForTrailers: true,
      });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "9" }));
      stream.end("told");
    });
  });
  const session = await it.dial();
  const sent = fields("/v1/a?b=c", "x-z", "1", "cookie", "a=1", "x-a", "2", "cookie", "b=2", "x-z", "3");
  const stream = session.request(sent, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-ask": "7" }));
  const body = randomBytes(300_000);
  stream.end(body);
  const reply = await read(stream);
  assert.equal(reply.status, 201);
  assert.deepEqual(reply.raw, [":status", "201", "x-b", "1", "set-cookie", "a=1", "x-a", "2", "set-cookie", "b=2"]);
  assert.deepEqual(reply.informational, [[":status", "103", "link", "</a>"]]);
  assert.deepEqual([reply.body, reply.trailers], ["told", ["x-sum", "9"]]);
  const [asked] = it.upstream.asked;
  assert.deepEqual(asked?.raw, sent);
  assert.deepEqual(asked?.trailers, ["x-ask", "7"]);
  assert.ok((await asked?.body)?.equals(body));
  const [request] = await it.entries("request");
  assert.deepEqual(
    [request?.sealed?.["method"], request?.sealed?.["target"], request?.sealed?.["protocol"]],
    ["POST", "/v1/a?b=c", "h2"],
  );
  assert.equal(request?.counts?.["bytes-out"], body.length);
  const [outcome] = it.stage.entries.filter(({ kind }) => kind === "reply");
  assert.equal(outcome?.counts?.["status"], 201);
  assert.equal(outcome?.sealed?.["outcome"], "whole");
});

test("what no table may hold is passed on as such, and nothing else", async () => {
  await using it = await stand(fine);
  const session = await it.dial();
  const sent = Object.assign(get("/", "x-own", "1", "x-other", "2"), { [sensitiveHeaders]: ["x-own"] });
  assert.equal((await ask(session, sent)).status, 200);
  assert.deepEqual(it.upstream.asked[0]?.never, ["x-own"]);
});

/** Answers when it has all of the request. */
const patient = (asked: Asked): void => void asked.body.then(() => fine(asked));

const offers: readonly [title: string, tool: string[], upstream: string[], agreed: string][] = [
  ["both speak both", ["h2", "http/1.1"], ["h2", "http/1.1"], "h2"],
  ["the upstream HTTP/1.1 alone", ["h2", "http/1.1"], ["http/1.1"], "http/1.1"],
  ["the upstream HTTP/2 alone", ["http/1.1", "h2"], ["h2"], "h2"],
  ["the upstream likes HTTP/1.1 better", ["h2", "http/1.1"], ["http/1.1", "h2"], "http/1.1"],
  ["the tool HTTP/1.1 alone", ["http/1.1"], ["h2", "http/1.1"], "http/1.1"],
];
for (const [title, tool, versions, agreed] of offers) {
  test(`the same version on both sides: ${title}`, async () => {
    let connections = 0;
    const authority = createAuthority();
    const server = createServer({
      SNICallback: (asked, done) => done(null, authority.issue(host(asked))),
      ALPNProtocols: versions,
    });
    server.on("connection", () => {
      connections += 1;
    });
    const port = await listen(server);
    const grant = grantFor(name, { upstream: { address: `127.0.0.1:${port}`, ca: authority.pem } });
    await using stage = await openStage({ judge: judgeFor([grant]) });
    for (const _ of [1, 2]) {
      const socket = await stage.dialTls(name, { ALPNProtocols: tool });
      assert.equal(socket.alpnProtocol, agreed);
      socket.destroy();
    }
    // asked once, and only where it matters
    assert.equal(connections, tool.includes("h2") ? 1 : 0);
    server.close();
  });
}

test("a burst makes one connection upstream, each of its requests an entry of its own", async () => {
  await using it = await stand(fine);
  const session = await it.dial();
  const replies = await Promise.all(Array.from({ length: 50 }, (_, at) => ask(session, fields(`/${at}`), "body")));
  assert.ok(replies.every(({ status, body }) => status === 200 && body === "fine"));
  assert.equal(it.upstream.connections(), 1);
  const requests = await it.entries("request");
  assert.equal(new Set(requests.map(({ sealed }) => sealed?.["target"])).size, 50);
});

test("two grants of one host share no connection", async () => {
  await using upstream = await openHttp2Upstream(fine);
  const where = { address: upstream.address, ca: upstream.ca };
  const grants = [
    grantFor(name, { upstream: where }),
    grantFor(name, { upstream: where, id: "user:network.allow[1]" }),
  ];
  const judge = judgeFor(grants);
  const decide: typeof judge.decide = (disclosure) => {
    const verdict = judge.decide(disclosure);
    return disclosure.path === "/b" ? { ...verdict, grant: grants[1] } : verdict;
  };
  await using stage = await openStage({ judge: { ...judge, decide } });
  const session = await dialHttp2(stage, name);
  for (const path of ["/a", "/b", "/a", "/b"]) assert.equal((await ask(session, get(path))).status, 200);
  assert.equal(upstream.connections(), 2);
});

test("a refused host is told so in the version the tool likes, and never dialled", async () => {
  const resolved: string[] = [];
  const resolve = async (asked: string) => {
    resolved.push(asked);
    return [];
  };
  await using it = await stand(fine, { upstream: { authorities: [], proxy: undefined, resolve } });
  const session = await dialHttp2(it.stage, "refused.example");
  const reply = await ask(session, fields("/v1/x").with(7, "refused.example"), "secret");
  assert.equal(reply.status, 403);
  assert.match(reply.body, /not permitted/);
  assert.deepEqual([it.upstream.connections(), resolved], [0, []]);
  const [refusal] = await it.entries("refusal");
  assert.deepEqual([refusal?.sealed?.["target"], refusal?.sealed?.["protocol"]], ["/v1/x", "h2"]);
});

test("a host that names another in TLS is not dialled either", async () => {
  await using it = await stand(fine);
  const socket = await it.stage.dialTls(name, { servername: "other.example", ALPNProtocols: ["h2"] });
  assert.equal(socket.alpnProtocol, "h2");
  assert.equal(it.upstream.connections(), 0);
  socket.destroy();
});

test("an upstream that cannot be reached: the version the tool likes, and 502", async () => {
  const grant = grantFor(name, { upstream: { address: "127.0.0.1:1", ca: undefined } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const reply = await ask(await dialHttp2(stage, name), get("/"));
  assert.equal(reply.status, 502);
});

test("an upstream that has not said its version in time is asked by the request itself", async () => {
  await using it = await stand(fine, { limits: { asking: 0 } });
  assert.equal((await ask(await it.dial(), get("/"))).status, 200);
});

test("a tool that insists on HTTP/2 toward an upstream that does not speak it gets 502", async () => {
  await using upstream = await openUpstream((_, response) => void response.end("old"));
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  for (const ALPNProtocols of [["h2"], ["h2", "http/1.1"]]) {
    const socket = await stage.dialTls(name, { ALPNProtocols });
    assert.equal(socket.alpnProtocol, ALPNProtocols.length === 1 ? "h2" : "http/1.1");
    socket.destroy();
  }
  const session = await dialHttp2(stage, name, {}, ["h2"]);
  assert.equal((await ask(session, get("/"))).status, 502);
  assert.equal(upstream.received(), "");
});

for (const size of [10, 70_000, 700_000]) {
  test(`a body of ${size} octets of no told length is judged whole, spooled where it is large`, async () => {
    await using it = await stand(patient, { limits: { memory: 100_000 } });
    const body = randomBytes(size);
    assert.equal((await ask(await it.dial(), fields("/"), body)).status, 200);
    assert.ok((await it.upstream.asked[0]?.body)?.equals(body));
  });
}

test("a body of a told length", async () => {
  await using it = await stand(patient, { limits: { memory: 100_000 } });
  const session = await it.dial();
  for (const size of [0, 5, 200_000]) {
    const reply = await ask(session, fields("/", "content-length", String(size)), Buffer.alloc(size, "x"));
    assert.equal(reply.status, 200);
    assert.equal((await it.upstream.asked.at(-1)?.body)?.length, size);
  }
});

test("100-continue: told to go on only where something could be allowed", async () => {
  await using it = await stand(fine);
  const session = await it.dial();
  const stream = session.request(fields("/", "expect", "100-continue"));
  stream.on("continue", () => stream.end("now"));
  assert.equal((await read(stream)).status, 200);
  assert.equal((await it.upstream.asked[0]?.body)?.toString(), "now");
  const other = await dialHttp2(it.stage, "refused.example");
  const refused = other.request(fields("/", "expect", "100-continue").with(7, "refused.example"));
  refused.on("continue", () => assert.fail("told to go on"));
  assert.equal((await read(refused)).status, 403);
});

test("HEAD, 204 and 304 have no body, and a HEAD that is refused has none either", async () => {
  await using it = await stand(({ stream, raw }) => {
    const status = raw[3] === "/204" ? 204 : raw[3] === "/304" ? 304 : 200;
    stream.respond({ ":status": status, ...(status === 200 ? { "content-length": 5 } : {}) }, { endStream: true });
  });
  const session = await it.dial();
  for (const [method, path] of [
    ["HEAD", "/"],
    ["GET", "/204"],
    ["GET", "/304"],
  ] as const) {
    const reply = await ask(session, get(path).with(1, method));
    assert.deepEqual([reply.code, reply.body], [0, ""]);
  }
  const other = await dialHttp2(it.stage, "refused.example");
  const refused = await ask(other, get("/").with(1, "HEAD").with(7, "refused.example"));
  assert.deepEqual([refused.status, refused.body, refused.code], [403, "", 0]);
});

test("cleartext HTTP/2 is judged the same way, and goes out as such", async () => {
  const { createServer, connect } = await import("node:http2");
  const asked: string[][] = [];
  const server = createServer();
  server.on("stream", (stream, _headers, _flags, raw?: string[]) => {
    asked.push(raw ?? []);
    stream.respond({ ":status": 200 });
    stream.end("plain");
  });
  const port = await listen(server);
  const grant = grantFor(name, { upstream: { address: `127.0.0.1:${port}`, ca: undefined } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const socket = await stage.dial(await stage.addressOf(name), 80);
  const session = connect(`http://${name}`, { createConnection: () => socket });
  const reply = await ask(session, get("/").with(5, "http"));
  assert.deepEqual([reply.status, reply.body], [200, "plain"]);
  assert.deepEqual(asked, [get("/").with(5, "http")]);
  session.destroy();
  server.close();
});

test("whatever fields and bodies a client may send arrive as they were sent, many at once", async () => {
  await using it = await stand(patient, { limits: { memory: 50_000 } });
  const session = await it.dial();
  const value = fc.stringMatching(/^[\x21-\x7e\xa1-\xff]([\x20-\x7e\xa1-\xff]{0,60}[\x21-\x7e])?$/);
  const pair = fc.tuple(fc.stringMatching(/^x-[a-z0-9-]{0,12}$/), value);
  const request = fc.record({ more: fc.array(pair, { maxLength: 20 }), size: fc.integer({ min: 0, max: 120_000 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), async (requests) => {
      const before = it.upstream.asked.length;
      const sent = requests.map(({ more, size }, at) => ({
        list: fields(`/${at}`, ...more.flat()),
        body: randomBytes(size),
      }));
      const replies = await Promise.all(sent.map(({ list, body }) => ask(session, list, body)));
      assert.ok(replies.every(({ status, body }) => status === 200 && body === "fine"));
      const asked = it.upstream.asked.slice(before);
      for (const { list, body } of sent) {
        const [found] = asked.filter(({ raw }) => raw[3] === list[3]);
        assert.deepEqual(found?.raw, list);
        assert.ok((await found?.body)?.equals(body));
      }
    }),
    { numRuns: 25 },
  );
});
