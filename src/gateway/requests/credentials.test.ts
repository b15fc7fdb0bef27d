// Invariant 4, on the wire: the placeholder becomes the real value at its own place alone, and the real value comes back
// nowhere: not in a reply, not in an entry, not in an event.

import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Credential } from "../../domain/reach.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown, sieveKnown } from "../../inspection/known.ts";
import { grantFor, host, judgeFor, openStage, openUpstream, readAll, readUntil } from "../rehearsal.ts";
import type { GatewayEvent } from "../tally.ts";

const name = "api.vendor.example";
const real = "sk-live-0123456789abcdef/+=";
const placeholder = "postern-placeholder-7f3a";
const credential: Credential = {
  id: "vendor",
  secret: new Secret(real),
  placeholder,
  variable: "VENDOR_KEY",
  to: { host: host(name), header: "x-api-key", paths: ["/v1/**"] },
};

async function stand(listener: RequestListener, secure = true, upstreamNamed = true) {
  const upstream = await openUpstream(listener, secure);
  const events: GatewayEvent[] = [];
  const grants = [
    grantFor(
      name,
      upstreamNamed ? { upstream: { address: upstream.address, ca: secure ? upstream.ca : undefined } } : {},
    ),
    grantFor("other.example", { upstream: { address: upstream.address, ca: upstream.ca } }),
  ];
  const stage = await openStage({
    judge: judgeFor(grants),
    credentials: [credential],
    seek: seekKnown([credential]),
    openSieve: sieveKnown([credential]),
    onEvent: (event) => events.push(event),
  });
  return {
    upstream,
    stage,
    ask: async (head: string, to = name) => {
      const socket = await stage.dialTls(to);
      socket.write(`${head}\r\nHost: ${to}\r\nConnection: close\r\n\r\n`);
      return readAll(socket);
    },
    told: () => JSON.stringify([stage.entries, events]),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const fine: RequestListener = (_, response) => void response.end("fine");

for (const prefix of ["", "Bearer "]) {
  test(`the placeholder becomes the value, in place and order${prefix === "" ? "" : ", after its scheme"}`, async () => {
    await using it = await stand(fine);
    const reply = await it.ask(`GET /v1/a HTTP/1.1\r\nX-A: 1\r\nX-API-Key: ${prefix}${placeholder}\r\nX-B: 2`);
    assert.match(reply, /fine$/);
    assert.match(it.upstream.received(), /^GET \/v1\/a HTTP\/1.1\r\nX-A: 1\r\nX-API-Key: /);
    assert.ok(it.upstream.received().includes(`X-API-Key: ${prefix}${real}\r\nX-B: 2\r\n`));
    assert.ok(!it.upstream.received().includes(placeholder));
    const entry = it.stage.entries.find(({ kind }) => kind === "credential");
    assert.deepEqual(entry?.sealed, { credential: "vendor", host: name });
    const request = it.stage.entries.find(({ kind }) => kind === "request");
    assert.equal(request?.counts?.["findings-placeholder"], 0);
    assert.ok(!it.told().includes(real));
  });
}

const misuses: readonly [title: string, head: string, to: string, rule: string][] = [
  [
    "another key in the bound header",
    "GET /v1/a HTTP/1.1\r\nX-Api-Key: sk-of-somebody-else",
    name,
    "gateway:credential-foreign",
  ],
  [
    "another key before the placeholder",
    `GET /v1/a HTTP/1.1\r\nX-Api-Key: a b ${placeholder}`,
    name,
    "built-in:secrets",
  ],
  [
    "a second bound header",
    `GET /v1/a HTTP/1.1\r\nX-Api-Key: ${placeholder}\r\nx-api-key: mine`,
    name,
    "gateway:credential-foreign",
  ],
  ["the real value in the bound header", `GET /v1/a HTTP/1.1\r\nX-Api-Key: ${real}`, name, "built-in:secrets"],
  ["the placeholder on another path", `GET /v2/a HTTP/1.1\r\nX-Api-Key: ${placeholder}`, name, "built-in:secrets"],
  ["the placeholder in another header", `GET /v1/a HTTP/1.1\r\nX-Other: ${placeholder}`, name, "built-in:secrets"],
  [
    "the placeholder toward another host",
    `GET /v1/a HTTP/1.1\r\nX-Api-Key: ${placeholder}`,
    "other.example",
    "built-in:secrets",
  ],
  [
    "the real value in the target",
    `GET /v1/a?k=${encodeURIComponent(real)} HTTP/1.1\r\nA: b`,
    name,
    "built-in:secrets",
  ],
  ["the real value, base64 in a header", `GET /v1/a HTTP/1.1\r\nA: ${btoa(`u:${real}`)}`, name, "built-in:secrets"],
];

for (const [title, head, to, rule] of misuses) {
  test(`refused: ${title}`, async () => {
    await using it = await stand(fine);
    assert.match(await it.ask(head, to), /^HTTP\/1.1 403 /);
    assert.equal(it.upstream.received(), "");
    assert.equal(it.stage.entries.find(({ kind }) => kind === "refusal")?.rule, rule);
    assert.ok(!it.told().includes(real) && !it.told().includes(encodeURIComponent(real)));
  });
}

for (const value of ["two\r\nlines", "with\nbreak", " blank", "blank ", "", "\u00e9"]) {
  test(`a value that cannot stand in a header opens no gateway: ${JSON.stringify(value)}`, async () => {
    const opened = openStage({ credentials: [{ ...credential, secret: new Secret(value) }] });
    await assert.rejects(opened, { code: "credential" });
  });
}

test("refused: a credential over plain HTTP to a public place", async () => {
  await using it = await stand(fine, false, false);
  const socket = await it.stage.dial(await it.stage.addressOf(name), 80);
  socket.write(`GET /v1/a HTTP/1.1\r\nHost: ${name}\r\nX-Api-Key: ${placeholder}\r\nConnection: close\r\n\r\n`);
  assert.match(await readAll(socket), /^HTTP\/1.1 403 /);
  assert.equal(it.stage.entries.find(({ kind }) => kind === "refusal")?.rule, "gateway:credential-cleartext");
});

const reflections: readonly [title: string, listener: RequestListener][] = [
  ["in a header", (_, response) => void response.writeHead(200, { "x-echo": `<${real}>` }).end()],
  ["in an informational reply", (_, response) => response.writeEarlyHints({ link: `<${real}>` }, () => response.end())],
  [
    "in a 100's head",
    (_, response) => void response.socket?.end(`HTTP/1.1 100 ${real}\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n`),
  ],
  ["in the reason", (_, response) => void response.writeHead(200, real).end()],
  ["in the body", (_, response) => void response.end(`{"key":"${real}"}`)],
  [
    "in the body, gzip",
    (_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(`{"key":"${real}"}`)),
  ],
  ["in the body, base64", (_, response) => void response.end(btoa(`Bearer ${real}`))],
];

for (const [title, listener] of reflections) {
  test(`a reply that reflects the value ${title} does not reach the tool`, async () => {
    await using it = await stand(listener);
    const reply = await it.ask(`GET /v1/a HTTP/1.1\r\nX-Api-Key: ${placeholder}`);
    assert.ok(!reply.includes(real) && !reply.includes(btoa(`Bearer ${real}`)));
    await it.stage.gateway.close();
    assert.equal(it.stage.entries.find(({ kind }) => kind === "reply")?.rule, "gateway:credential-reflected");
    assert.ok(!it.told().includes(real));
  });
}

test("a value reflected over many chunks is cut off before its first octet", async () => {
  await using it = await stand((_, response) => {
    const parts = ["before ", ...real.split(""), " after"];
    const next = (): void => {
      const part = parts.shift();
      if (part === undefined) response.end();
      else response.write(part, () => setImmediate(next));
    };
    next();
  });
  const reply = await it.ask(`GET /v1/a HTTP/1.1\r\nX-Api-Key: ${placeholder}`);
  assert.match(reply, /before \r\n$/);
  assert.ok(!reply.includes("sk-"));
});

test("a coded reply without it is passed on as it came, with its trailers", async () => {
  const sent = gzipSync("x".repeat(100_000));
  await using it = await stand((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip", trailer: "x-end" });
    response.write(sent.subarray(0, 20));
    response.addTrailers({ "x-end": "here" });
    setTimeout(() => response.end(sent.subarray(20)), 20);
  });
  const socket = await it.stage.dialTls(name);
  socket.write(`GET /v1/a HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
  const reply = await readAll(socket);
  const chunks = [sent.subarray(0, 20), sent.subarray(20)].map(
    (chunk) => `${chunk.length.toString(16)}\r\n${chunk.toString("latin1")}\r\n`,
  );
  assert.ok(reply.endsWith(`${chunks.join("")}0\r\nx-end: here\r\n\r\n`), JSON.stringify(reply.slice(0, 500)));
});

test("what only begins like the value is held back no longer than it must", async () => {
  await using it = await stand((_, response) => {
    response.write(`data: ${real.slice(0, 12)}`);
    response.end("…no");
  });
  const socket = await it.stage.dialTls(name);
  socket.write(`GET /v1/a HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
  assert.match(await readUntil(socket, /0\r\n\r\n$/), /data: .*sk-live-0123/s);
});

test("a bound header among the trailers is refused, whatever it holds", async () => {
  await using it = await stand(fine);
  const socket = await it.stage.dialTls(name);
  const head = `POST /v1/x HTTP/1.1\r\nHost: ${name}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  socket.write(`${head}2\r\nhi\r\n0\r\nX-Api-Key: somebody-elses\r\n\r\n`);
  assert.match(await readAll(socket), /^HTTP\/1\.1 403 /);
  assert.equal(it.stage.entries.at(-1)?.rule, "gateway:credential-foreign");
  assert.equal(it.upstream.received(), "");
});
