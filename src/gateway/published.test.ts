import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import type { Append, Entry } from "../domain/entry.ts";
import { Fault } from "../domain/fault.ts";
import type { Inside } from "../domain/inside.ts";
import { listen, once, openStage, portOf, readAll, readUntil, tool } from "./rehearsal.ts";

const rule = "user:network.publish[0]";

/** A server of the tool's own, reached on whatever port is asked for; speaks first, says back in capitals. */
async function openInside(): Promise<Inside & AsyncDisposable & { readonly server: Server }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.write("hello\n");
    socket.on("data", (bytes) => socket.write(String(bytes).toUpperCase()));
    socket.on("end", () => socket.end("bye\n"));
  });
  const behind = await listen(server);
  return {
    server,
    listening: async () => [],
    reach: async () => {
      const stream = connect({ port: behind, host: "127.0.0.1", allowHalfOpen: true });
      stream.pause();
      await once(stream, "connect");
      return { stream, attribute: async () => tool };
    },
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** One that was free a moment ago, on both families. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

async function dial(port: number, host = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

/** Empty where it is reset. */
async function said(port: number, host?: string): Promise<string> {
  const socket = connect({ port, host: host ?? "127.0.0.1", allowHalfOpen: true });
  socket.end("question\n");
  return readAll(socket);
}

test("a client of this machine's loopback reaches the server inside, on the record before a byte passes", async () => {
  await using inside = await openInside();
  await using stage = await openStage();
  const port = await freePort();
  await stage.gateway.publish([{ port, rule }], inside);
  for (const host of ["127.0.0.1", "::1"]) assert.equal(await said(port, host), "hello\nQUESTION\nbye\n");
  assert.deepEqual(
    stage.entries
      .filter(({ kind }) => kind === "connection")
      .map(({ verdict, purpose, sealed, ...entry }) => [
        verdict,
        entry.rule,
        purpose,
        sealed?.["carried"],
        sealed?.["ip"],
        sealed?.["port"],
        sealed?.["process"],
      ]),
    ["127.0.0.1", "::1"].map((ip) => [
      "allow",
      rule,
      "published",
      "published",
      ip,
      port,
      { pid: tool.kind === "process" && tool.pid, executable: "/usr/bin/tool" },
    ]),
  );
  const replies = stage.entries.filter(({ kind }) => kind === "reply");
  assert.deepEqual(
    replies.map(({ counts, sealed }) => [counts?.["bytes-out"], counts?.["bytes-in"], sealed?.["intent"]]),
    [
      [19, 9, 0],
      [19, 9, 2],
    ],
  );
  assert.deepEqual(stage.gateway.statistics().published, [{ port, connections: 2, bytesOut: 38, bytesIn: 18 }]);
});

test("no byte passes until the entry is durable, and none at all where it cannot be", async () => {
  await using inside = await openInside();
  let write = (): void => undefined;
  const entries: Entry[] = [];
  const append: Append = (entry) => {
    if (entries.push(entry) > 2) return Promise.reject(new Error("full"));
    const { promise, resolve, reject } = Promise.withResolvers<{ index: number }>();
    write = entries.length > 1 ? () => reject(new Error("full")) : () => resolve({ index: 0 });
    return promise;
  };
  await using stage = await openStage({ append });
  const port = await freePort();
  await stage.gateway.publish([{ port, rule }], inside);
  const waiting = await dial(port);
  waiting.write("q");
  await until(() => entries.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(waiting.readableLength + waiting.bytesRead, 0);
  write();
  assert.match(await readUntil(waiting, /Q/), /^hello\nQ$/);
  stage.gateway.failed.catch(() => undefined);
  const heard = said(port);
  await until(() => entries.length === 2);
  write();
  assert.equal(await heard, "");
  await assert.rejects(stage.gateway.failed);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test("where nothing listens inside the connection is reset, and nothing is entered", async () => {
  await using stage = await openStage();
  const port = await freePort();
  const nobody: Inside = { listening: async () => [], reach: () => Promise.reject(new Error("nobody")) };
  await stage.gateway.publish([{ port, rule }], nobody);
  assert.equal(await said(port), "");
  assert.deepEqual(stage.entries, []);
});

test("a port that is taken, on either address, is named and nothing is published", async () => {
  await using inside = await openInside();
  await using stage = await openStage();
  for (const host of ["127.0.0.1", "::1"] as const) {
    const other = createServer();
    other.listen(0, host);
    await once(other, "listening");
    const [taken, free] = [portOf(other), await freePort()];
    const wanted = [free, taken].map((port) => ({ port, rule }));
    await assert.rejects(stage.gateway.publish(wanted, inside), (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.code, "publish");
      assert.match(error.message, new RegExp(`port ${taken} .*${rule.replace(/[[\]]/g, "\\$&")}.* is taken$`));
      assert.match(error.hint ?? "", new RegExp(`:${taken} `));
      return true;
    });
    await assert.rejects(dial(free), /ECONNREFUSED/);
    other.close();
  }
});

test("a published port stands on loopback and on no other address", async () => {
  await using inside = await openInside();
  await using stage = await openStage();
  const port = await freePort();
  await stage.gateway.publish([{ port, rule }], inside);
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/self/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === "0A")
      .map((fields) => fields[1]?.split(":")[0]),
  );
  assert.deepEqual(listening, ["0100007F", "00000000000000000000000001000000"]);
  for (const { address, internal } of Object.values(networkInterfaces()).flatMap((all) => all ?? []))
    if (!internal && !address.startsWith("fe80")) await assert.rejects(dial(port, address), /ECONNREFUSED/);
});

test("more connections than the bound are reset, and those of a client that leaves are closed inside", async () => {
  await using inside = await openInside();
  await using stage = await openStage({ limits: { published: 2 } });
  const port = await freePort();
  await stage.gateway.publish([{ port, rule }], inside);
  const [one, two] = [await dial(port), await dial(port)];
  await Promise.all([readUntil(one, /hello/), readUntil(two, /hello/)]);
  assert.equal(await said(port), "");
  const gone = once(inside.server, "connection");
  one.destroy();
  await until(() => stage.entries.some(({ kind }) => kind === "reply"));
  const three = await dial(port);
  await gone;
  await readUntil(three, /hello/);
  for (const socket of [two, three]) socket.destroy();
});
