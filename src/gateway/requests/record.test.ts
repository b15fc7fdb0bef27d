// Invariants 1 and 6: nothing leaves before its entry is durable, nothing is refused without one.

import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import type { Entry } from "../../domain/entry.ts";
import { grantFor, judgeFor, once, openStage, openUpstream, readAll, readUntil, type Stage } from "../rehearsal.ts";

const name = "api.vendor.example";
const get = `GET /a HTTP/1.1\r\nHost: ${name}\r\n\r\n`;

const fine: RequestListener = (_, response) => void response.end("ok");

async function stand(append: (entry: Entry, log: string[]) => Promise<void>, answer: RequestListener = fine) {
  const log: string[] = [];
  const upstream = await openUpstream((request, response) => {
    log.push("upstream asked");
    answer(request, response);
  });
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  const stage = await openStage({
    judge: judgeFor([grant]),
    upstream: { authorities: [], proxy: undefined },
    append: async (entry) => {
      await append(entry, log);
      log.push(`${entry.kind} durable`);
      return { index: 0 };
    },
  });
  return {
    log,
    stage,
    upstream,
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** More turns and handshakes than a request that did not wait would need to reach its upstream and come back. */
async function otherBusiness(stage: Stage): Promise<void> {
  for (let count = 0; count < 20; count += 1) (await stage.dialTls(name)).destroy();
}

test("the intent is durable before the upstream is even dialled, however slow the record", async () => {
  const { promise: durable, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  await using it = await stand(async (entry) => {
    if (entry.kind !== "request") return;
    reach();
    await durable;
  });
  const socket = await it.stage.dialTls(name);
  socket.write(get);
  await reached;
  await otherBusiness(it.stage);
  assert.ok(!it.log.includes("upstream asked"));
  release();
  await readUntil(socket, /ok$/);
  const log = it.log.filter((line) => /^(?:request|upstream)/.test(line));
  assert.deepEqual(log.slice(0, 2), ["request durable", "upstream asked"]);
});

test("a record that cannot be written lets nothing leave, then or later, and ends the session", async () => {
  await using it = await stand(async (entry) => {
    if (entry.kind === "request") throw new Error("disk full");
  });
  const failed = assert.rejects(it.stage.gateway.failed, { code: "record" });
  const socket = await it.stage.dialTls(name);
  socket.write(get);
  assert.equal(await readAll(socket), "");
  await failed;
  const later = await it.stage.dial(await it.stage.addressOf(name), 443);
  assert.equal(await readAll(later), "");
  assert.equal(it.upstream.received(), "");
});

test("when the record fails, what is still being carried is cut off", async () => {
  let lost = false;
  await using it = await stand(
    async (entry) => {
      lost ||= entry.sealed?.["target"] === "/lost";
      if (lost) throw new Error("disk full");
    },
    (_, response) => void response.write("data: 1"),
  );
  const streaming = await it.stage.dialTls(name);
  streaming.write(get);
  await readUntil(streaming, /data: 1/);
  const cut = readAll(streaming);
  const socket = await it.stage.dialTls(name);
  socket.write(get.replace("/a", "/lost"));
  await cut;
  assert.ok(lost);
});

test("a refusal is durable before the tool is told", async () => {
  const { promise: durable, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  await using it = await stand(async (entry) => {
    if (entry.kind !== "refusal") return;
    reach();
    await durable;
  });
  const socket = await it.stage.dialTls("refused.example");
  let told = false;
  socket.on("data", () => {
    told = true;
  });
  socket.write(get.replace(name, "refused.example"));
  await reached;
  await otherBusiness(it.stage);
  assert.equal(told, false);
  release();
  await once(socket, "data");
});

test("a bug in the judge ends the session, and the request goes nowhere", async () => {
  await using stage = await openStage({
    judge: {
      ...judgeFor([grantFor(name)]),
      decide: () => {
        throw new TypeError("a bug");
      },
    },
  });
  const failed = assert.rejects(stage.gateway.failed, TypeError);
  const socket = await stage.dialTls(name);
  socket.write(get);
  assert.equal(await readAll(socket), "");
  await failed;
});
