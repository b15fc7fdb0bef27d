// How long a push may be: longer than other requests where the policy lets pushes pass, in a spool, looked through to its last byte,
// and nothing of it leaves before that.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Credential, NetworkGrant } from "../../domain/reach.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown } from "../../inspection/known.ts";
import { readPush } from "../../protocol/git/http.ts";
import { grantFor, host, judgeFor, openStage, openUpstream, readAll } from "../rehearsal.ts";

const name = "git.example";
const line = (text: string): string => (text.length + 4).toString(16).padStart(4, "0") + text;
const start = `${line(`${"1".repeat(40)} ${"2".repeat(40)} refs/heads/main\0report-status`)}0000PACK`;
const real = "real-credential-0123456789";
const credential: Credential = {
  id: "a",
  secret: new Secret(real),
  placeholder: "postern-placeholder-0123",
  variable: undefined,
  to: { host: host("other.example"), header: "x-a", paths: undefined },
};
/** Handed out by the server for one large file. */
const pass: Credential = {
  id: "passes",
  secret: new Secret("handed-out-0123456789"),
  placeholder: "postern-handed-0123",
  variable: undefined,
  to: { host: host(name), header: "authorization", paths: ["/objects/1"] },
};
const type = "application/x-git-receive-pack-request";

async function stand(more: Partial<NetworkGrant> = {}) {
  let got = Buffer.alloc(0);
  const upstream = await openUpstream((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      got = Buffer.concat(parts);
      response.end("fine");
    });
  });
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca }, ...more });
  const stage = await openStage({
    judge: judgeFor([grant]),
    pushes: { read: readPush, ask: () => ({ kind: "refuse", reason: "nobody is asked here" }) },
    seek: seekKnown([credential]),
    credentials: [credential, pass],
    passes: {
      id: "passes",
      isAsked: () => false,
      take: (bytes) => bytes,
      objection: () => undefined,
    },
    limits: { memory: 500, body: 2000, push: 1_000_000, window: 1024, overlap: 128 },
  });
  return {
    stage,
    got: () => got.toString("latin1"),
    send: async (
      body: string,
      { kind = type, path = "/a/b.git/git-receive-pack", chunked = false, more = "" } = {},
    ) => {
      const socket = await stage.dialTls(name);
      const framing = chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${body.length}`;
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: ${name}\r\nContent-Type: ${kind}\r\n${framing}\r\n${more}Connection: close\r\n\r\n`,
      );
      socket.write(chunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body);
      return (await readAll(socket)).split("\r\n", 1)[0];
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** Over two pieces of a spool. */
const long = start + "x".repeat(600_000);

test("a push beyond a request's bound passes whole, told its length or not", async () => {
  for (const chunked of [false, true]) {
    await using scene = await stand();
    assert.equal(await scene.send(long, { chunked }), "HTTP/1.1 200 OK");
    assert.equal(scene.got(), long);
    const entry = scene.stage.entries.find(({ kind }) => kind === "request");
    assert.equal(entry?.counts?.["bytes-out"], long.length);
  }
});

test("it has a bound of its own, which its grant may move; and other requests keep theirs", async () => {
  for (const chunked of [false, true]) {
    await using scene = await stand();
    assert.equal(await scene.send(start + "x".repeat(1_000_000), { chunked }), "HTTP/1.1 413 Payload Too Large");
    assert.equal(await scene.send(long, { chunked, kind: "text/plain", path: "/a" }), "HTTP/1.1 413 Payload Too Large");
    await using wide = await stand({ pushLimit: 1_100_000 });
    assert.equal(await wide.send(start + "x".repeat(1_000_000), { chunked }), "HTTP/1.1 200 OK");
    await using narrow = await stand({ pushLimit: 500_000 });
    assert.equal(await narrow.send(long, { chunked }), "HTTP/1.1 413 Payload Too Large");
    await using refusing = await stand({ push: "refuse" });
    assert.equal(await refusing.send(long, { chunked }), "HTTP/1.1 413 Payload Too Large");
    assert.deepEqual([scene.got(), narrow.got(), refusing.got()], ["", "", ""]);
  }
});

test("a real credential at its very end is found, and nothing of it has left", async () => {
  for (const at of [1500, 2500, 262_140, long.length - real.length]) {
    await using scene = await stand();
    const body = long.slice(0, at) + real + long.slice(at + real.length);
    assert.equal(await scene.send(body), "HTTP/1.1 403 Forbidden", `${at}`);
    assert.equal(scene.got(), "");
    const entry = scene.stage.entries.find(({ kind }) => kind === "refusal");
    assert.equal(entry?.counts?.["findings-credential"], 1);
  }
});

test("a large file of git-lfs may be as long, where it is asked for with what the server handed out", async () => {
  await using scene = await stand();
  const more = "Authorization: Bearer postern-handed-0123\r\n";
  assert.equal(await scene.send(long, { kind: "a/b", path: "/objects/1", more }), "HTTP/1.1 200 OK");
  assert.equal(scene.got(), long);
  for (const asked of [
    { path: "/objects/2", more },
    { path: "/objects/1", more: "Authorization: Bearer x\r\n" },
    { path: "/objects/1" },
  ])
    assert.equal(await scene.send(long, { kind: "a/b", ...asked }), "HTTP/1.1 413 Payload Too Large");
});
