// Tools that insist on a proxy: CONNECT and absolute form come to the gate under a name nobody dials, and get what they would get
// without one.

import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import fc from "fast-check";
import type { NetworkGrant } from "../../domain/reach.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown, sieveKnown } from "../../inspection/known.ts";
import type { GatewayOptions } from "../gateway.ts";
import { grantFor, host, judgeFor, listen, once, openStage, openUpstream, readAll, readUntil } from "../rehearsal.ts";

const name = "api.vendor.example";
const proxy = "proxy.corp.example";

async function stand(options: Partial<GatewayOptions> = {}, more: readonly NetworkGrant[] = []) {
  const secure = await openUpstream((request, response) => void response.end(`secure ${request.url}`));
  const plain = await openUpstream((request, response) => void response.end(`plain ${request.url}`), false);
  const grants = [
    grantFor(name, { ports: [443], upstream: { address: secure.address, ca: secure.ca } }),
    grantFor("plain.example", { ports: [80], upstream: { address: plain.address, ca: undefined } }),
    ...more,
  ];
  const stage = await openStage({ judge: judgeFor(grants), ...options });
  return {
    secure,
    plain,
    stage,
    /** A connection to the proxy the tool was told of. */
    dial: async (): Promise<Socket> => stage.dial(await stage.addressOf(proxy), 8080),
    entries: async () => {
      await stage.gateway.close();
      return stage.entries;
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await secure[Symbol.asyncDispose]();
      await plain[Symbol.asyncDispose]();
    },
  };
}

const connect = (to: string, more = "") => `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n${more}\r\n`;
const get = (to: string, path = "/a?b") => `GET ${path} HTTP/1.1\r\nHost: ${to}\r\nConnection: close\r\n\r\n`;

/** A tunnel that was granted, its answer read. */
async function tunnel(socket: Socket, to: string, more = ""): Promise<Socket> {
  socket.write(connect(to, more));
  assert.equal(await readUntil(socket, /\r\n\r\n/), "HTTP/1.1 200 Connection established\r\n\r\n");
  return socket;
}

test("inside a tunnel begins an arrival like any other: TLS, judged, on the record with the proxy's name", async () => {
  await using it = await stand();
  const socket = await tunnel(await it.dial(), `${name}:443`, "Proxy-Authorization: Basic c2VjcmV0\r\n");
  const over = connectTls({ socket, servername: name, ca: it.stage.authority.pem });
  over.write(get(name));
  assert.match(await readAll(over), /secure \/a\?b$/);
  assert.equal(it.secure.received(), get(name));
  const entries = await it.entries();
  const arrivals = entries.filter(({ kind }) => kind === "connection");
  assert.deepEqual(
    arrivals.map(({ verdict, sealed }) => [verdict, sealed?.["host"], sealed?.["port"], sealed?.["via"]]),
    [
      ["refuse", proxy, 8080, undefined],
      ["allow", name, 443, `${proxy}:8080`],
    ],
  );
  const request = entries.find(({ kind }) => kind === "request");
  assert.equal(request?.sealed?.["via"], `${proxy}:8080`);
  assert.ok(!JSON.stringify(entries).includes("c2VjcmV0"));
});

test("a tunnel for plain HTTP, with what is asked in it written along", async () => {
  await using it = await stand();
  const socket = await it.dial();
  socket.write(connect("plain.example:80") + get("plain.example"));
  assert.match(
    await readAll(socket),
    /^HTTP\/1.1 200 Connection established\r\n\r\nHTTP\/1.1 200 [\s\S]*plain \/a\?b$/,
  );
  assert.equal(it.plain.received(), get("plain.example"));
});

test("a tunnel asked for in HTTP/1.0, without Host, as old clients do", async () => {
  await using it = await stand();
  const socket = await it.dial();
  socket.write(`CONNECT ${name}:443 HTTP/1.0\r\n\r\n`);
  await readUntil(socket, /200 Connection established/);
});

test("a tunnel to a host nobody granted: a good handshake, then a proper refusal; nothing is dialled", async () => {
  await using it = await stand();
  for (const to of ["refused.example", "169.254.169.254", "127.0.0.1", "localhost"]) {
    const socket = await tunnel(await it.dial(), `${to}:443`);
    const over = connectTls({
      socket,
      host: to,
      ...(to.endsWith("e") ? { servername: to } : {}),
      ca: it.stage.authority.pem,
    });
    over.on("error", () => undefined);
    over.write(get(to));
    assert.match(await readAll(over), /^HTTP\/1.1 403 /);
  }
});

test("the name in TLS, in the request and in the tunnel must be one", async () => {
  await using it = await stand();
  const socket = await tunnel(await it.dial(), "refused.example:443");
  const over = connectTls({ socket, servername: name, ca: it.stage.authority.pem });
  over.write(get(name));
  assert.match(await readAll(over), /^HTTP\/1.1 421 /);
  assert.equal(it.secure.received(), "");
});

test("a grant of protocol tcp is carried unopened in a tunnel as well", async () => {
  const server = createServer((socket) => socket.write("220 hello\r\n"));
  const port = await listen(server);
  const upstream = { address: `127.0.0.1:${port}`, ca: undefined };
  await using it = await stand({}, [grantFor("mail.example", { protocol: "tcp", ports: [25], upstream })]);
  const socket = await it.dial();
  socket.write(connect("mail.example:25"));
  await readUntil(socket, /220 hello/);
  socket.destroy();
  server.close();
  const carried = (await it.entries()).find(({ sealed }) => sealed?.["carried"] === "opaque");
  assert.deepEqual([carried?.sealed?.["host"], carried?.sealed?.["via"]], ["mail.example", `${proxy}:8080`]);
});

test("no tunnel inside a tunnel, none inside TLS, none behind requests that wait", async () => {
  await using it = await stand();
  const inner = await tunnel(await it.dial(), `${proxy}:8080`);
  inner.write(connect(`${name}:443`));
  assert.match(await readAll(inner), /^HTTP\/1.1 400 /);
  const over = await it.stage.dialTls(name);
  over.write(connect(`${name}:443`));
  assert.match(await readAll(over), /^HTTP\/1.1 400 /);
  const late = await it.dial();
  late.write(
    get("plain.example", "http://plain.example/slow").replace("Connection: close\r\n", "") + connect(`${name}:443`),
  );
  await readAll(late);
  const rules = (await it.entries()).filter(({ kind }) => kind === "refusal").map(({ rule }) => rule);
  assert.deepEqual(rules, ["gateway:method", "gateway:method", "gateway:pipelined"]);
});

test("nor is a proxy asked inside a tunnel", async () => {
  await using it = await stand();
  const socket = await tunnel(await it.dial(), `${proxy}:8080`);
  socket.write(get("plain.example", "http://plain.example/"));
  assert.match(await readAll(socket), /^HTTP\/1.1 421 /);
  assert.equal(it.plain.received(), "");
});

test("an absolute target goes to its own host in origin form, without what is the proxy's", async () => {
  await using it = await stand();
  const socket = await it.dial();
  const head = [
    "X-A: 1",
    "Host: plain.example",
    "Proxy-Authorization: Basic c2VjcmV0",
    "X-B: 2",
    "Proxy-Connection: keep-alive",
  ];
  socket.write(`GET http://plain.example/a?b HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n`);
  assert.match(await readUntil(socket, /plain .*$/), /plain \/a\?b$/);
  assert.equal(it.plain.received(), "GET /a?b HTTP/1.1\r\nX-A: 1\r\nHost: plain.example\r\nX-B: 2\r\n\r\n");
  // the next one on the same connection is judged for itself
  socket.write(get("refused.example", "http://refused.example"));
  assert.match(await readAll(socket), /^HTTP\/1.1 403 /);
  const entries = await it.entries();
  const asked = entries.filter(({ kind }) => kind === "request" || kind === "refusal");
  assert.deepEqual(
    asked.map(({ kind, sealed }) => [kind, sealed?.["host"], sealed?.["port"], sealed?.["target"], sealed?.["via"]]),
    [
      ["request", "plain.example", 80, "/a?b", `${proxy}:8080`],
      ["refusal", "refused.example", 80, "/", `${proxy}:8080`],
    ],
  );
  assert.ok(!JSON.stringify(entries).includes("c2VjcmV0"));
  assert.deepEqual(
    it.stage.gateway.statistics().hosts.map((one) => one.host),
    ["plain.example", "refused.example"],
  );
});

test("a name with a real credential in it gets no tunnel, and is entered as a note", async () => {
  const real = "sk-live-0123456789abcdef";
  const credential = {
    id: "vendor",
    secret: new Secret(real),
    placeholder: "postern-placeholder-7f3a",
    variable: undefined,
    to: { host: host(name), header: "x-api-key", paths: undefined },
  };
  await using it = await stand({
    credentials: [credential],
    seek: seekKnown([credential]),
    openSieve: sieveKnown([credential]),
  });
  const socket = await it.dial();
  socket.write(connect(`${real}.evil.example:443`));
  assert.match(await readAll(socket), /^HTTP\/1.1 400 /);
  const entries = await it.entries();
  assert.equal(entries.find(({ kind }) => kind === "refusal")?.rule, "gateway:credential-in-name");
  assert.ok(!JSON.stringify(entries).includes(real));
});

test("a WebSocket and HTTP/2 through a tunnel are what they are without one", async () => {
  await using it = await stand();
  const socket = await tunnel(await it.dial(), `${name}:443`);
  const over = connectTls({ socket, servername: name, ca: it.stage.authority.pem, ALPNProtocols: ["h2", "http/1.1"] });
  await once(over, "secureConnect");
  // the upstream here speaks HTTP/1.1
  assert.equal(over.alpnProtocol, "http/1.1");
  over.destroy();
});

test("whatever is asked of a proxy is answered or ended, and reaches nobody that is not granted", async () => {
  await using it = await stand();
  const parts = fc.constantFrom(
    "CONNECT ",
    "GET ",
    "http://",
    "evil.example",
    ":443",
    ":80",
    " HTTP/1.1",
    "\r\n",
    "Host: ",
    "[::1]",
    "/",
    "@",
    "%00",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { maxLength: 12 }), async (words) => {
      const socket = await it.dial();
      socket.on("error", () => undefined);
      socket.end(`${words.join("")}\r\n\r\n`);
      await readAll(socket);
    }),
    { numRuns: 60 },
  );
  assert.equal(it.secure.received() + it.plain.received(), "");
});
