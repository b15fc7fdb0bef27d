import assert from "node:assert/strict";
import { connect, createServer, Socket } from "node:net";
import { test } from "node:test";
import { type Limits, limits } from "../limits.ts";
import { grantFor, host, listen } from "../rehearsal.ts";
import type { Route } from "./dial.ts";
import { Http1Line } from "./http1-line.ts";
import { openPool } from "./pool.ts";

const place: Route = { scheme: "http", host: host("a.example"), port: 80, grant: grantFor("a.example") };

async function stand(more: Partial<Limits> = {}) {
  const peers: Socket[] = [];
  const server = createServer((socket) => peers.push(socket));
  const port = await listen(server);
  let dialled = 0;
  const pool = openPool(
    async () => {
      dialled += 1;
      return connect(port, "127.0.0.1");
    },
    { ...limits, ...more },
  );
  return {
    take: async (route: Route, fresh = false) => {
      const line = await pool.take(route, { fresh });
      assert.ok(line instanceof Http1Line);
      return line;
    },
    dialled: () => dialled,
    [Symbol.dispose]: () => {
      pool.close();
      server.close();
      for (const peer of peers) peer.destroy();
    },
  };
}

const others: readonly [title: string, route: Route][] = [
  ["scheme", { ...place, scheme: "https" }],
  ["host", { ...place, host: host("b.example") }],
  ["port", { ...place, port: 8080 }],
  ["grant", { ...place, grant: grantFor("a.example", { id: "user:network.allow[1]" }) }],
  ["upstream", { ...place, grant: grantFor("a.example", { upstream: { address: "x:1", ca: undefined } }) }],
  ["authority", { ...place, grant: grantFor("a.example", { upstream: { address: "x:1", ca: "pem" } }) }],
];
test("a kept connection is lent again to the same place alone", async () => {
  using it = await stand();
  const line = await it.take(place);
  line.giveBack();
  for (const [title, route] of others) assert.notEqual(await it.take(route), line, title);
  assert.equal(await it.take(place), line);
  assert.notEqual(await it.take(place), line);
  assert.equal(it.dialled(), 2 + others.length);
});

test("a fresh one is fresh", async () => {
  using it = await stand();
  const line = await it.take(place);
  line.giveBack();
  assert.notEqual(await it.take(place, true), line);
});

test("bounded: an idle one elsewhere gives way, else it is said that there are too many", async () => {
  using it = await stand({ lines: 2 });
  const first = await it.take(place);
  await it.take(place);
  await assert.rejects(it.take(place), { code: "busy" });
  first.giveBack();
  await it.take({ ...place, port: 81 });
  assert.equal(first.usable, false);
});

test("no more are kept than the bound", async () => {
  using it = await stand({ linesPerRoute: 1 });
  const lines = [await it.take(place), await it.take(place)];
  for (const line of lines) line.giveBack();
  assert.deepEqual(
    lines.map((line) => line.usable),
    [true, false],
  );
});

test("nobody waits for what is still being dialled when the pool closes, and it is closed when it comes", async () => {
  const dialled = Promise.withResolvers<Socket>();
  const pool = openPool(() => dialled.promise, limits);
  const taken = pool.take(place);
  pool.close();
  await assert.rejects(taken, { code: "busy" });
  const late = new Socket();
  dialled.resolve(late);
  await new Promise((resolve) => late.once("close", resolve));
});
