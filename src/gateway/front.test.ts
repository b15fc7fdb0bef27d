// Arrivals of every sort: who is spoken to, who is refused, who is carried unopened; each in the record.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { createAuthority } from "./authority/session-authority.ts";
import {
  grantFor,
  judgeFor,
  listen,
  once,
  openStage,
  openUpstream,
  readAll,
  readUntil,
  writeQuestion,
} from "./rehearsal.ts";

const name = "api.vendor.example";
const get = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

const strangers: readonly [title: string, bytes: Buffer | string, rule: string][] = [
  ["SSH", "SSH-2.0-OpenSSH_9.2\r\n", "gateway:not-http"],
  ["binary", Buffer.from([0, 1, 2, 3]), "gateway:not-http"],
  ["TLS alert", Buffer.from([0x15, 3, 1, 0, 2, 2, 40]), "gateway:not-http"],
  [
    "TLS with rubbish in it",
    Buffer.concat([Buffer.from([0x16, 3, 1, 0, 200]), Buffer.alloc(200, 7)]),
    "gateway:not-http",
  ],
  ["lower case", "get / http/1.1\r\n\r\n", "gateway:not-http"],
  ["a blank first", " GET / HTTP/1.1\r\n\r\n", "gateway:not-http"],
  ["SOCKS5", Buffer.from([5, 1, 0]), "gateway:not-http"],
];
for (const [title, bytes, rule] of strangers) {
  test(`refused and entered: ${title}`, async () => {
    await using stage = await openStage({ judge: judgeFor([grantFor(name)]) });
    const socket = await stage.dial(await stage.addressOf(name), 443);
    socket.write(bytes);
    assert.equal(await readAll(socket), "");
    await stage.gateway.close();
    const entry = stage.entries.find(({ kind }) => kind === "connection");
    assert.equal(entry?.verdict, "refuse");
    assert.equal(entry?.rule, rule);
    assert.equal(entry?.sealed?.["host"], name);
    assert.deepEqual(entry?.sealed?.["process"], { pid: 4242, executable: "/usr/bin/tool" });
    assert.equal(stage.gateway.statistics().connections.refused, 1);
  });
}

test("a silent client is let go after the deadline, and entered", async () => {
  await using stage = await openStage({ limits: { opening: 20 } });
  const socket = await stage.dial("93.184.216.34", 22);
  assert.equal(await readAll(socket), "");
  await stage.gateway.close();
  const entry = stage.entries.find(({ kind }) => kind === "connection");
  assert.equal(entry?.rule, "gateway:silent");
  assert.equal(entry?.sealed?.["host"], "93.184.216.34");
});

test("half a request does not hold a connection for ever", async () => {
  await using stage = await openStage({ limits: { headTime: 50 } });
  const socket = await stage.dial(await stage.addressOf(name), 80);
  socket.write("GET / HTTP/1.1\r\nHo");
  assert.match(await readAll(socket), /^HTTP\/1.1 408 /);
  assert.equal(stage.entries.find(({ kind }) => kind === "refusal")?.rule, "gateway:deadline");
});

test("half a handshake does not hold a connection for ever", async () => {
  await using stage = await openStage({ limits: { opening: 20 } });
  const socket = await stage.dial(await stage.addressOf(name), 443);
  socket.write(Buffer.from([0x16, 3, 1, 0, 200, 1]));
  assert.equal(await readAll(socket), "");
});

test("who goes without a word is entered, and refused only where it might not go", async () => {
  await using stage = await openStage({ judge: judgeFor([grantFor(name)]) });
  for (const host of [name, "refused.example"]) {
    const socket = await stage.dial(await stage.addressOf(host), 443);
    socket.end();
    assert.equal(await readAll(socket), "");
  }
  await stage.gateway.close();
  const arrivals = stage.entries.filter(({ kind }) => kind === "connection");
  assert.deepEqual(
    arrivals.map(({ verdict, rule, sealed }) => [verdict, rule, sealed?.["host"], sealed?.["carried"]]),
    [
      ["allow", "user:network.allow[0]", name, "nothing"],
      ["refuse", "gateway:empty", "refused.example", "refused"],
    ],
  );
  assert.equal(stage.gateway.statistics().connections.refused, 1);
});

test("a connection aimed at the door itself is refused and entered, whatever the policy says", async () => {
  await using stage = await openStage(
    { judge: judgeFor([grantFor("127.0.0.1", { protocol: "tcp", ports: [5000] })]) },
    true,
  );
  const socket = await stage.dial("127.0.0.1", 5000);
  assert.equal(await readAll(socket), "");
  await stage.gateway.close();
  assert.equal(stage.entries[0]?.rule, "gateway:direct");
});

test("a grant of protocol tcp is carried unopened, even where the server speaks first, and counted", async () => {
  const server = createServer((socket) => {
    socket.write("220 hello\r\n");
    socket.on("data", (chunk: Buffer) => socket.end(`got ${chunk.toString()}`));
  });
  const port = await listen(server);
  const upstream = { address: `127.0.0.1:${port}`, ca: undefined };
  const grant = grantFor("mail.example", { protocol: "tcp", ports: [25], upstream });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const socket = await stage.dial(await stage.addressOf("mail.example"), 25);
  await readUntil(socket, /220 hello/);
  assert.equal(stage.entries[0]?.sealed?.["carried"], "opaque");
  socket.write("EHLO");
  await once(socket, "end");
  socket.destroy();
  server.close();
  await stage.gateway.close();
  const reply = stage.entries.find(({ kind }) => kind === "reply");
  assert.equal(reply?.counts?.["bytes-out"], 4);
  assert.equal(reply?.counts?.["bytes-in"], "220 hello\r\ngot EHLO".length);
  // another port of that host is not covered
  assert.equal(stage.gateway.statistics().connections.opaque, 1);
});

test("a grant of protocol tcp whose server is not there is counted as unreached", async () => {
  const grant = grantFor("mail.example", {
    protocol: "tcp",
    ports: [25],
    upstream: { address: "127.0.0.1:1", ca: undefined },
  });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  await readAll(await stage.dial(await stage.addressOf("mail.example"), 25));
  await stage.gateway.close();
  const [counted] = stage.gateway.statistics().hosts;
  assert.deepEqual([counted?.allowed, counted?.unreached, counted?.bytesOut], [1, 1, 0]);
});

test("nothing opaque is dialled before its entry is durable", async () => {
  let asked = false;
  const server = createServer(() => {
    asked = true;
  });
  const port = await listen(server);
  const upstream = { address: `127.0.0.1:${port}`, ca: undefined };
  const grant = grantFor("mail.example", { protocol: "tcp", ports: [25], upstream });
  await using stage = await openStage({ judge: judgeFor([grant]), append: () => Promise.reject(new Error("full")) });
  const socket = await stage.dial(await stage.addressOf("mail.example"), 25);
  assert.equal(await readAll(socket), "");
  assert.equal(asked, false);
  server.close();
});

test("TLS for another name than the one dialled: a good handshake, then 421", async () => {
  const grants = [grantFor(name), grantFor("other.example")];
  await using stage = await openStage({ judge: judgeFor(grants) });
  for (const host of [name, "other.example"]) {
    const socket = await stage.dialTls(name, { servername: "other.example" });
    socket.write(get(host));
    assert.match(await readAll(socket), /^HTTP\/1.1 421 /);
  }
  assert.equal(stage.entries.filter(({ rule }) => rule === "gateway:disagreement").length, 2);
});

test("TLS without a name is taken for the name dialled", async () => {
  await using upstream = await openUpstream((_, response) => void response.end("ok"));
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const socket = await stage.dial(await stage.addressOf(name), 443);
  const over = connectTls({ socket, ca: stage.authority.pem, checkServerIdentity: () => undefined });
  over.write(get(name));
  assert.match(await readAll(over), /ok$/);
});

test("a literal address is judged as that literal, under a certificate for it", async () => {
  await using upstream = await openUpstream((_, response) => void response.end("ok"), false);
  const grant = grantFor("93.184.216.34", { upstream: { address: upstream.address, ca: undefined } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const plain = await stage.dial("93.184.216.34", 80);
  plain.write(get("93.184.216.34"));
  assert.match(await readAll(plain), /ok$/);
  for (const ip of ["93.184.216.35", "2606:2800:220:1::1", "198.18.9.9"]) {
    const socket = connectTls({ socket: await stage.dial(ip, 443), ca: stage.authority.pem, host: ip });
    socket.write(get(ip.includes(":") ? `[${ip}]` : ip));
    assert.match(await readAll(socket), /^HTTP\/1.1 403 /);
  }
});

test("a client that does not trust us is entered: by alert, or by leaving", async () => {
  await using stage = await openStage({ judge: judgeFor([grantFor(name)]) });
  const ca = createAuthority().pem;
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    const socket = connectTls({
      socket: await stage.dial(await stage.addressOf(name), 443),
      servername: name,
      ca,
      maxVersion,
    });
    await once(socket, "error");
    socket.destroy();
  }
  while (stage.gateway.statistics().connections.untrusting < 2) await new Promise((resolve) => setImmediate(resolve));
  await stage.gateway.close();
  const entries = stage.entries.filter(({ rule }) => rule === "gateway:client-untrusting");
  assert.ok(entries.length >= 1);
  assert.equal(entries[0]?.sealed?.["host"], name);
  assert.equal(stage.gateway.statistics().connections.untrusting, 2);
});

test("more connections than the bound: those that rest make room, the ones that never opened first; counted, entered", async () => {
  await using stage = await openStage({ limits: { connections: 3 } });
  const ask = get("93.184.216.34").replace("Connection: close\r\n", "");
  const kept = await stage.dial("93.184.216.34", 80);
  kept.write(ask);
  await readUntil(kept, /policy/);
  const silent = [await stage.dial("93.184.216.34", 80), await stage.dial("93.184.216.34", 80)] as const;
  while (stage.gateway.statistics().connections.total < 3) await new Promise((resolve) => setImmediate(resolve));
  const later = await Promise.all([1, 2].map(() => stage.dial("93.184.216.34", 80)));
  for (const socket of silent) assert.equal(await readAll(socket), "");
  // the one that asked before is still there, and so are the new ones
  for (const socket of [kept, ...later]) {
    socket.write(ask);
    await readUntil(socket, /policy/);
  }
  await stage.gateway.close();
  assert.equal(stage.gateway.statistics().connections.overflow, 2);
  assert.deepEqual(stage.entries.find(({ rule }) => rule === "gateway:overflow")?.counts, { overflow: 2 });
});

test("more connections than the bound, each with a request under way: a further one gets none", async () => {
  let release = (): void => undefined;
  const upstream = await openUpstream((_, response) => {
    release = () => void response.end("late");
  }, false);
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: undefined } });
  await using stage = await openStage({ limits: { connections: 1 }, judge: judgeFor([grant]) });
  const busy = await stage.dial(await stage.addressOf(name), 80);
  busy.write(get(name));
  while (upstream.received() === "") await new Promise((resolve) => setTimeout(resolve, 5));
  const socket = await stage.dial("93.184.216.34", 80);
  assert.equal(await readAll(socket), "");
  release();
  assert.match(await readAll(busy), /late/);
  await upstream[Symbol.asyncDispose]();
});

test("datagrams are never carried: entered once a destination, then counted", async () => {
  await using stage = await openStage();
  for (const port of [443, 443, 443, 123]) stage.send(Buffer.from("quic"), "1.1.1.1", port);
  await stage.gateway.close();
  const entries = stage.entries.filter(({ rule }) => rule === "gateway:datagram");
  assert.deepEqual(
    entries.map(({ counts }) => counts?.["datagrams"] ?? 0).toSorted((a, b) => a - b),
    [1, 1, 2],
  );
  assert.equal(stage.gateway.statistics().datagrams, 4);
});

test("port 53 over TCP answers questions, cut anywhere, a bounded number", async () => {
  await using stage = await openStage({ limits: { questions: 2 } });
  const socket = await stage.dial("8.8.8.8", 53);
  const question = writeQuestion(name, 1);
  const framed = Buffer.concat([Buffer.from([0, question.length]), question]);
  for (const byte of framed) socket.write(Buffer.from([byte]));
  socket.write(Buffer.concat([framed, framed]));
  const reply = Buffer.from(await readAll(socket), "latin1");
  const size = 2 + reply.readUInt16BE(0);
  assert.equal(reply.length, 2 * size);
  assert.equal([...reply.subarray(-4)].join("."), await stage.addressOf(name));
});
