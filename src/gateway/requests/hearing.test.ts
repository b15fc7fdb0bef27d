// A reply heard beside its way: what the tool got, in its order, and how it ended; never what was held back.

import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import type { Inspect } from "../../domain/inspection.ts";
import type { Overhear } from "../../domain/transcript.ts";
import { inspected } from "../inspected.ts";
import { grantFor, judgeFor, openStage, openUpstream, readAll, readUntil } from "../rehearsal.ts";

const name = "api.vendor.example";
const inspect: Inspect = async () => ({ kind: "inspected", inspection: inspected({ asked: 7 }) });
const body = "{}";
const post = `POST / HTTP/1.1\r\nHost: ${name}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;

async function stand(listener: RequestListener, more: { readonly restored?: true } = {}) {
  const upstream = await openUpstream(listener, false);
  const said: string[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const overhear: Overhear = (asked, reply) => {
    said.push(`${asked} ${reply === "messages" ? reply : `${reply.status} ${reply.mediaType} ${reply.coding}`}`);
    return {
      push: (octets) => void said.push(String(octets)),
      lose: () => void said.push("lost"),
      end: (whole) => {
        said.push(whole ? "whole" : "broken");
        resolve();
      },
    };
  };
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: undefined } });
  const restore = {
    isWanted: () => false,
    openMessages: () => undefined,
    open: () => ({
      push: (chunk: Buffer) => Buffer.from(String(chunk).replaceAll("PLACEHOLDER", "secret")),
      end: () => Buffer.from("!"),
      restored: () => 1,
    }),
  };
  const given = more.restored === true ? { restore } : {};
  const stage = await openStage({ judge: judgeFor([grant]), inspect, overhear, ...given });
  return {
    said,
    over,
    dial: async () => stage.dial(await stage.addressOf(name), 80),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const joined = (said: readonly string[]): readonly string[] => [
  said[0] ?? "",
  said.slice(1, -1).join(""),
  said.at(-1) ?? "",
];

test("all of it, once it is over", async () => {
  await using it = await stand((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "identity" });
    response.write("one ");
    setTimeout(() => response.end("two"), 10);
  });
  const socket = await it.dial();
  socket.write(post);
  assert.match(await readAll(socket), /one [\s\S]*two/);
  await it.over;
  assert.match(it.said[0] ?? "", /^7 200 text\/event-stream /);
  assert.deepEqual(joined(it.said).slice(1), ["one two", "whole"]);
});

test("as the tool gets it: what was given back, and what came behind the last of it", async () => {
  await using it = await stand((_, response) => void response.end("it is PLACEHOLDER"), { restored: true });
  const socket = await it.dial();
  socket.write(post);
  assert.match(await readAll(socket), /it is secret[\s\S]*!/);
  await it.over;
  assert.deepEqual(joined(it.said).slice(1), ["it is secret!", "whole"]);
});

test("broken, where the upstream breaks off", async () => {
  await using it = await stand((_, response) => {
    response.write("half");
    setTimeout(() => response.destroy(), 20);
  });
  const socket = await it.dial();
  socket.write(post);
  await readAll(socket);
  await it.over;
  assert.deepEqual(joined(it.said).slice(1), ["half", "broken"]);
});

test("broken, where the tool goes away", async () => {
  await using it = await stand((_, response) => void response.write("half"));
  const socket = await it.dial();
  socket.write(post);
  await readUntil(socket, /half/);
  socket.destroy();
  await it.over;
  assert.deepEqual(joined(it.said).slice(1), ["half", "broken"]);
});
