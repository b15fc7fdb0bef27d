// A coded reply is looked at after its line has brought all of it: by then the line may be another request's.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Credential } from "../../domain/reach.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown, sieveKnown } from "../../inspection/known.ts";
import { grantFor, host, judgeFor, listen, openStage, readAll, readUntil } from "../rehearsal.ts";

const name = "api.vendor.example";
const credential: Credential = {
  id: "vendor",
  secret: new Secret("sk-live-0123456789abcdef"),
  placeholder: "postern-placeholder-7f3a",
  variable: "VENDOR_KEY",
  to: { host: host(name), header: "x-api-key", paths: ["/v1/**"] },
};
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${name}\r\n\r\n`;

/** An upstream that answers what stands at a path, over lines it keeps. */
async function stand(answer: (socket: Socket, path: string) => void) {
  let lines = 0;
  const server = createServer((socket) => {
    lines += 1;
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => answer(socket, / (\S+) /.exec(chunk.toString("latin1"))?.[1] ?? ""));
  });
  const port = await listen(server);
  const grant = grantFor(name, { upstream: { address: `127.0.0.1:${port}`, ca: undefined } });
  const stage = await openStage({
    judge: judgeFor([grant]),
    credentials: [credential],
    seek: seekKnown([credential]),
    openSieve: sieveKnown([credential]),
  });
  return {
    dial: async () => stage.dial(await stage.addressOf(name), 80),
    lines: () => lines,
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      server.close();
    },
  };
}

const headed = (body: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);

test("a slow reader of a coded reply does not stop what its line takes next", { timeout: 10_000 }, async () => {
  const big = gzipSync(randomBytes(6_000_000));
  await using it = await stand((socket, path) => {
    socket.write(path === "/big" ? headed(big) : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
  });
  const slow = await it.dial();
  slow.write(get("/big"));
  let got = 0;
  slow.on("data", (chunk: Buffer) => {
    got += chunk.length;
    slow.pause();
    setTimeout(() => slow.resume(), 1);
  });
  while (got < big.length) await new Promise((resolve) => setTimeout(resolve, 20));
  const other = await it.dial();
  other.write(get("/small"));
  assert.match(await readUntil(other, /fine$/), /200 OK/);
  assert.equal(it.lines(), 1);
  slow.destroy();
});

test("a coded reply that fails behind its end takes no other request with it", { timeout: 10_000 }, async () => {
  const body = Buffer.concat([gzipSync(Buffer.alloc(40_000_000)), Buffer.from("behind")]);
  await using it = await stand((socket, path) => {
    if (path === "/bad") socket.write(headed(body));
    else setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"), 1500);
  });
  const bad = await it.dial();
  bad.write(get("/bad"));
  const ended = readAll(bad);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const other = await it.dial();
  other.write(get("/small"));
  assert.match(await readUntil(other, /fine$/), /200 OK/);
  await ended;
});
