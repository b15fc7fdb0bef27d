// Needs bubblewrap, user namespaces, nftables. Places of the inside's loopback that lead to the gateway, and connections
// from outside to the tool's own servers: judged by what comes to the doors and by the bytes outside.

import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Attribution } from "../../domain/exchange.ts";
import type { Inside } from "../../domain/inside.ts";
import type { Walls } from "../contract.ts";
import { enterBoundary } from "./enter.ts";
import { isListener, openKnocking } from "./inside.ts";
import { bash, nodeInside, openFolder, plan } from "./trial.ts";
import { bystander } from "./watch/bystander.ts";

const services = [
  { ip: "127.0.0.1", port: 5432 },
  { ip: "::1", port: 5432 },
  { ip: "127.0.0.5", port: 80 },
];

test("real boundary: a place of the inside's loopback comes to the doors, its neighbours do not", {
  timeout: 60_000,
}, async () => {
  const script = `for url in 127.0.0.1:5432 [::1]:5432 127.0.0.5:80; do curl -sS "http://$url/" >/dev/null; done
for url in 127.0.0.1:5433 [::1]:80 127.0.0.5:5432 127.0.0.1:80; do curl -sS "http://$url/" 2>&1; done
for host in 127.0.0.1 0.0.0.0 :: ::1; do python3 -c 'import socket,sys
s=socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET); s.setsockopt(1,2,1)
try: s.bind((sys.argv[1],5432)); s.listen(); print("BOUND")
except OSError as e: print(e.strerror)' $host; done`;
  const { caught, said } = await bash(script, { services });
  assert.deepEqual(
    caught.map(({ door, to, direct, by }) => `${door} ${to} ${direct} ${by}`),
    [
      "tcp 127.0.0.1 5432 false /usr/bin/curl",
      "tcp ::1 5432 false /usr/bin/curl",
      "tcp 127.0.0.5 80 false /usr/bin/curl",
    ],
    said,
  );
  assert.equal(said.match(/Couldn't connect/g)?.length, 4, said);
  assert.equal(said.match(/Address already in use/g)?.length, 4, "a server of the tool's own is told so");
  assert.doesNotMatch(said, /BOUND/);
});

/** Speaks first, then says back what it hears, in capitals. */
const server = `const net = require("net"), fs = require("fs");
const at = (port, host) => new Promise((done) => net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.write("hello from " + port + "\\n");
  socket.on("data", (bytes) => socket.write(String(bytes).toUpperCase()));
  socket.on("end", () => socket.end("bye\\n"));
}).listen(port, host, done));
Promise.all([at(3000, "127.0.0.1"), at(3001, "::1"), at(3002, "0.0.0.0")]).then(() => fs.writeFileSync("/ws/up", ""));`;

async function withServer(work: (walls: Walls, running: Promise<unknown>) => Promise<void>): Promise<void> {
  using folder = openFolder();
  const said = openSync(join(folder.path, "said"), "a+");
  const mounts = [nodeInside, { kind: "write" as const, path: "/ws", from: folder.path }];
  const streams = { input: said, output: said, errors: said };
  try {
    await using walls = await enterBoundary(plan({ mounts, services }), streams);
    const running = walls.run(["/opt/node", "-e", server], bystander());
    while (!exists(join(folder.path, "up"))) await setTimeout(20);
    await work(walls, running);
  } finally {
    closeSync(said);
  }
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

async function ask({ reach }: Inside, port: number): Promise<{ heard: string; by: Attribution }> {
  const { stream, attribute } = await reach(port);
  const by = await attribute();
  stream.end("question\n");
  return { heard: await readAll(stream), by };
}

async function readAll(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("real boundary: a server inside is reached from outside, on either loopback, whoever speaks first", {
  timeout: 60_000,
}, async () => {
  await withServer(async ({ inside, kill }, running) => {
    for (const port of [3000, 3001, 3002]) {
      const { heard, by } = await ask(inside, port);
      assert.equal(heard, `hello from ${port}\nQUESTION\nbye\n`);
      assert.equal(by.kind === "process" && by.executable, "/opt/node");
    }
    const many = await Promise.all(Array.from({ length: 200 }, () => ask(inside, 3000)));
    assert.ok(many.every(({ heard }) => heard === "hello from 3000\nQUESTION\nbye\n"));
    await assert.rejects(inside.reach(3003), /nothing inside listens on port 3003/);
    // neither the doors nor the places are the tool's
    assert.deepEqual(
      (await inside.listening()).toSorted((a, b) => a - b),
      [3000, 3001, 3002],
    );
    kill();
    await running;
    await assert.rejects(inside.reach(3000), /nothing inside listens/);
  });
});

test("what comes too late is closed, what is never answered ends", async () => {
  const orders: number[] = [];
  const knocking = openKnocking((order) => orders.push(order.kind === "reach" ? order.port : 0) > 0);
  const asked = knocking.reach(80);
  knocking.end();
  await assert.rejects(asked);
  const late = createConnection({ host: "127.0.0.1", port: 1 });
  knocking.answer({ kind: "reached", id: 1, port: 80 }, late);
  assert.ok(late.destroyed);
  await assert.rejects(openKnocking(() => false).reach(80));
  assert.deepEqual(orders, [80]);
});

test("of the tables' rows, a listener has no other end", () => {
  const row = (port: number, remote: number, inode = 1) => ({
    local: { ip: "0.0.0.0", port },
    remote: { ip: "0.0.0.0", port: remote },
    uid: 0,
    inode,
    drops: 0,
  });
  assert.deepEqual(
    [row(1, 0), row(2, 9), row(3, 0, 0)].filter(isListener).map(({ local }) => local.port),
    [1],
  );
});
