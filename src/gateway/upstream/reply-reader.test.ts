import assert from "node:assert/strict";
import { request } from "node:http";
import { Duplex } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import replies from "../../../vectors/gateway/replies.json" with { type: "json" };
import { type ReplyHead, ReplyReader } from "./reply-reader.ts";

interface Read {
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  readonly informational: readonly number[];
  readonly fault: string | undefined;
  readonly keep: boolean;
  /** Octets after the reply's end: the connection is not used again. */
  readonly behind: number;
}

/** All of it at once, or cut after every `step` octets; then the end of the connection. */
function read(bytes: Buffer, method = "GET", step = bytes.length || 1): Read {
  const heads: ReplyHead[] = [];
  const informational: number[] = [];
  let body = "";
  let trailers: readonly string[] = [];
  const reader = new ReplyReader(method, {
    informational: (head) => informational.push(head.status),
    head: (head) => heads.push(head),
    data: (chunk) => {
      body += chunk.toString("latin1");
    },
    end: (lines) => {
      trailers = lines;
    },
  });
  let fault: string | undefined;
  for (let at = 0; at < bytes.length && fault === undefined; at += step)
    fault = reader.push(bytes.subarray(at, at + step));
  const keep = reader.keep;
  fault ??= reader.finish();
  return {
    status: heads[0]?.status,
    headers: heads[0]?.headers ?? [],
    body,
    trailers,
    informational,
    fault,
    keep,
    behind: reader.rest.length,
  };
}

interface Case {
  readonly name: string;
  readonly bytes: string;
  readonly method?: string;
  readonly status?: number;
  readonly body?: string;
  readonly keep?: boolean;
  readonly fault?: boolean;
}
const cases: readonly Case[] = replies.cases;

for (const { name, bytes, method, status, body, keep, fault } of cases) {
  test(`reply: ${name}`, () => {
    const whole = Buffer.from(bytes, "latin1");
    const once = read(whole, method);
    assert.equal(once.fault !== undefined, fault ?? false, once.fault);
    if (fault !== true) {
      assert.deepEqual([once.status, once.body, once.keep], [status, body ?? "", keep ?? true]);
    }
    for (const step of [1, 2, 3, 7]) assert.deepEqual(read(whole, method, step), once);
  });
}

test("heads and framing lines without an end are refused at their bound", () => {
  assert.match(read(Buffer.from(`HTTP/1.1 200 OK\r\nA: ${"x".repeat(70_000)}`)).fault ?? "", /too long/);
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  assert.match(read(Buffer.from(`${chunked}1;${"x".repeat(600)}`)).fault ?? "", /too long/);
  assert.match(read(Buffer.from(`${chunked}0\r\nA: ${"x".repeat(70_000)}`)).fault ?? "", /too long/);
  assert.match(read(Buffer.from("HTTP/1.1 102 P\r\n\r\n".repeat(40))).fault ?? "", /too many/);
});

/** The same bytes through the runtime's own strict reader. */
function readByRuntime(bytes: Buffer): Promise<{ status: number; body: string; headers: string[] } | undefined> {
  const { promise, resolve } = Promise.withResolvers<{ status: number; body: string; headers: string[] } | undefined>();
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const ask = request({ createConnection: () => socket, host: "x" }, (reply) => {
    const chunks: Buffer[] = [];
    reply.on("data", (chunk: Buffer) => chunks.push(chunk));
    reply.on("error", () => resolve(undefined));
    reply.on("end", () => {
      const body = Buffer.concat(chunks).toString("latin1");
      resolve(reply.complete ? { status: reply.statusCode ?? 0, body, headers: reply.rawHeaders } : undefined);
    });
    reply.on("close", () => resolve(undefined));
  });
  ask.on("error", () => resolve(undefined));
  ask.on("upgrade", () => resolve(undefined));
  // the reader is there once the request has been written
  ask.end(() => {
    socket.push(bytes);
    socket.push(null);
  });
  return promise;
}

test("whatever it accepts, the runtime's strict reader accepts too, with the same status, headers and body", async () => {
  const seeds = cases.filter(({ method }) => method === undefined).map(({ bytes }) => bytes);
  const pieces = [
    "\r\n",
    "\n",
    "\r",
    "0",
    "5",
    ":",
    " ",
    "\t",
    ",",
    "chunked",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "\x00",
    "\xe9",
    ";",
    "=",
    '"',
    "\\",
    "HTTP/1.1 100 Continue\r\n\r\n",
  ];
  const edit = fc.tuple(fc.nat({ max: 150 }), fc.nat({ max: 3 }), fc.constantFrom(...pieces));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 3 }), async (seed, edits) => {
      let text = seed;
      for (const [at, drop, piece] of edits) text = text.slice(0, at) + piece + text.slice(at + drop);
      const bytes = Buffer.from(text, "latin1");
      const ours = read(bytes);
      if (ours.fault !== undefined || ours.behind > 0) return;
      const theirs = await readByRuntime(bytes);
      assert.ok(theirs !== undefined, JSON.stringify(text));
      assert.deepEqual(
        [theirs.status, theirs.body, theirs.headers],
        [ours.status, ours.body, ours.headers],
        JSON.stringify(text),
      );
    }),
    { numRuns: 3000 },
  );
});
