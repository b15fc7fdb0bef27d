// A hostile tool and a login, through the real boundary: what it makes of the browser's directory, how it spells the token endpoint.
// Truth is what servers outside received and answered, files of the host, the record. Needs the boundary's tools.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { become, enterAs } from "../../src/boundary/linux/covered-room.ts";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { commandOf } from "./login-stage.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const tool = readFileSync(new URL("./login-hostile-tool.ts", import.meta.url), "utf8");
const names = ["platform.claude.com", "api.anthropic.com"];
const login = { claude: { from: { login: "claude-code" } } };
/** Modes mean nothing to root. */
const uid = 1_234_567;
const another = process.getuid?.() === 0 ? enterAs(become(uid)) : [];

/** Gives real tokens to whoever asks by whatever path, in both versions of HTTP. */
async function openForgiving() {
  const watermark = `real${randomBytes(16).toString("hex")}`;
  const tls = issueForLoopback(names);
  const heard: string[] = [];
  const alive = Promise.withResolvers<void>();
  const server = createSecureServer({ ...tls, allowHTTP1: true }, (request, response) => {
    request.resume();
    heard.push(`${request.httpVersion} ${request.method} ${request.url}`);
    if (request.url === "/alive") alive.resolve();
    response.writeHead(200, { "content-type": "application/json" });
    const token = (kind: string): string => `sk-ant-${kind}01-${watermark}-${heard.length}`;
    response.end(JSON.stringify({ access_token: token("oat"), refresh_token: token("ort"), expires_in: 3600 }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const allow = (stage: Stage) => {
    const upstream = { address, ca: stage.write("server.pem", tls.ca) };
    return names.map((host) => ({ host, upstream }));
  };
  return { watermark, heard, alive: alive.promise, allow, [Symbol.dispose]: () => void server.close() };
}

test("real boundary: what a hostile tool makes of the browser's directory ends nothing, opens nothing, leaves nothing", {
  skip: withoutCurl,
  timeout: 150_000,
}, async () => {
  using server = await openForgiving();
  using stage = new Stage({ files: { "tool.ts": tool, linked: "" } });
  const canary = stage.write("canary", "https://claude.ai/?canary\n");
  const policy = { network: { allow: server.allow(stage) }, credentials: login };
  if (another.length > 0) stage.give(uid);
  const { child, ended } = stage.start(commandOf("bridge", canary), { policy, before: another });
  let told = "";
  child.stderr?.on("data", (chunk: Buffer) => (told += chunk.toString("latin1")));
  const early = await Promise.race([server.alive, ended]);
  assert.equal(early, undefined, JSON.stringify(early));
  for (const port of [45_454, 45_455, 45_456]) {
    const socket = connect(port, "127.0.0.1");
    await assert.rejects(once(socket, "connect"), { code: "ECONNREFUSED" });
  }
  stage.write(join(stage.work, "end"), "");
  const { code, errors } = await ended;
  assert.equal(code, 7, errors);
  assert.equal(readFileSync(canary, "utf8"), "https://claude.ai/?canary\n");
  assert.doesNotMatch(told, /canary|root:|in your own browser/);
  assert.ok(![...told].some((character) => character === "\u0007" || character === "\u001b"), JSON.stringify(told));
  const refusals = told.match(/wanted .* opened in your browser: it is no login of this policy's/g) ?? [];
  assert.ok(refusals.length > 0 && refusals.length <= 20, `${refusals.length}`);
  assert.deepEqual(readdirSync(join(stage.state, "bridges")), [], told);
  assert.ok(existsSync(join(stage.work, "linked")));
  const next = await stage.run(["true"], { policy, before: another });
  assert.deepEqual([next.code, next.errors.includes("cannot be taken away")], [0, false], next.errors);
  const log = await stage.log({ before: another });
  assert.deepEqual(
    log.filter(({ kind, sealed }) => kind === "credential" && sealed["act"] !== undefined),
    [],
  );
  assert.equal((await stage.call(["verify"], { before: another })).code, 0);
});

test("real boundary: a token endpoint is answered raw in no spelling, over HTTP/1.1 and HTTP/2", {
  skip: withoutCurl,
  timeout: 150_000,
}, async () => {
  using server = await openForgiving();
  using stage = new Stage({ files: { "tool.ts": tool } });
  const policy = { network: { allow: server.allow(stage) }, credentials: login };
  const { code, errors } = await stage.run(commandOf("spell"), { policy });
  assert.equal(code, 7, errors);
  const got = readFileSync(join(stage.work, "got"), "latin1");
  const [spelled = "", ...plain] = got.split("\n== plain ");
  assert.equal(plain.length, 2);
  // the server does give them, and what it gives is seen by this test: asked elsewhere, in both versions
  for (const text of plain) assert.ok(text.includes(server.watermark), text);
  assert.ok(
    !spelled.includes(server.watermark),
    spelled.split("\n== ").find((one) => one.includes(server.watermark)),
  );
  const [token, absolute] = ["/v1/oauth/token", "https://platform.claude.com/v1/oauth/token"];
  const passed = ["1.1", "2.0"].flatMap((version) => Array.from({ length: 3 }, () => `${version} POST ${token}`));
  assert.deepEqual(server.heard.toSorted(), [
    "1.1 POST /alive",
    "1.1 POST /elsewhere",
    ...passed.slice(0, 3),
    `1.1 POST ${absolute}`,
    "2.0 POST /elsewhere",
    ...passed.slice(3),
  ]);
  const refused = (await stage.log()).filter(({ kind }) => kind === "refusal");
  assert.equal(refused.length, spelled.split("\n== ").length - 1 - passed.length - 1, "and each is on the record");
});
