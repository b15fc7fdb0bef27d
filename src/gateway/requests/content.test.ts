// What a request says is looked into before any of it leaves: handed over whole and decoded, told in its entry, and refused where
// nobody can say what it is. Ground truth: what the upstream got, and the record.

import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import type { Inquiry, Inspect, Inspected, Inspection } from "../../domain/inspection.ts";
import { inspected } from "../inspected.ts";
import { limits } from "../limits.ts";
import { grantFor, host, judgeFor, openStage, openUpstream, readAll } from "../rehearsal.ts";
import { Windows } from "./decoding.ts";
import { Whole } from "./whole.ts";

const name = "api.example";
const plain = inspected({
  spans: 3,
  fresh: 3,
  counts: { secret: 2, personal: 1, covert: 0, closed: 0 },
  findings: [{ kind: "secret", label: "a-rule", sure: "format", role: "result", path: "messages[0]", from: 0, to: 9 }],
  drift: [{ what: "field", path: "strange", seen: "strange" }],
});

async function stand(inspect: Inspect, more: { readonly inspected?: number; readonly memory?: number } = {}) {
  const bodies: Buffer[] = [];
  const codings: (string | undefined)[] = [];
  const upstream = await openUpstream((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      bodies.push(Buffer.concat(parts));
      codings.push(request.headers["content-encoding"]);
      response.end("fine");
    });
  });
  const grants = [grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } })];
  const stage = await openStage({ judge: judgeFor(grants), inspect, limits: more });
  return {
    bodies,
    codings,
    stage,
    send: async (body: Buffer, headers = "") => {
      const socket = await stage.dialTls(name);
      const head = `Host: ${name}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n${headers}`;
      socket.write(Buffer.concat([Buffer.from(`POST /v1/messages HTTP/1.1\r\n${head}\r\n`), body]));
      return await readAll(socket);
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const told = (inspection: Inspection): Inspected => ({ kind: "inspected", inspection });

test("what was found is in the entry, by kind and place, and the octets that leave are those that came", async () => {
  const asked: Inquiry[] = [];
  await using stood = await stand(async (inquiry) => {
    asked.push(inquiry);
    return told(plain);
  });
  const text = Buffer.from('{"model":"m", "messages":[]}');
  for (const [coding, body] of [
    ["", text],
    ["gzip", gzipSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
  ] as const)
    await stood.send(body, coding === "" ? "" : `Content-Encoding: ${coding}\r\n`);
  assert.deepEqual(
    asked.map(({ form, host, body }) => [form, host, String(body)]),
    Array.from({ length: 4 }, () => ["request", name, String(text)]),
  );
  assert.ok(stood.bodies[0]?.equals(text));
  assert.ok(stood.bodies[1]?.equals(gzipSync(text)));
  const entry = stood.stage.entries.find(({ kind }) => kind === "request");
  const { secret, personal } = plain.counts;
  assert.equal(entry?.counts?.["findings-secret"], secret);
  assert.equal(entry?.counts?.["findings-personal"], personal);
  assert.equal(entry?.counts?.spans, plain.spans);
  const { protocol, operation, findings, drift } = plain;
  assert.deepEqual(entry?.sealed?.["content"], { protocol, operation, findings, drift });
});

for (const [what, answer, reason] of [
  ["took too long", { kind: "failed", why: "too long" }, "too long"],
  [
    "can be read in two ways",
    told({ ...plain, objections: ["duplicate key at octet 4"] }),
    "it can be read in two ways: duplicate key at octet 4",
  ],
] as const)
  test(`a body that ${what} does not leave`, async () => {
    await using stood = await stand(async () => answer);
    assert.match(await stood.send(Buffer.from("{}")), /^HTTP\/1\.1 403/);
    assert.deepEqual(stood.bodies, []);
    const entry = stood.stage.entries.find(({ kind }) => kind === "refusal");
    assert.equal(entry?.sealed?.["reason"], reason);
  });

test("what is redacted leaves plain and of its own length, however it came; what cannot be does not leave", async () => {
  const secret = "hunter2-hunter2";
  const text = JSON.stringify({ model: "m", messages: [secret, "é"] });
  const redacted = text.replace(secret, "PSTN_X_ABCDEFGHIJKLMNOP");
  let impossible: string | undefined;
  await using stood = await stand(async () => {
    const body = impossible === undefined ? Buffer.from(redacted) : undefined;
    return told({
      ...plain,
      redaction: { parts: [{ kind: "secret", rule: "built-in:secrets", count: 1 }], impossible, body },
    });
  });
  for (const [coding, body] of [
    ["", Buffer.from(text)],
    ["gzip", gzipSync(text)],
    ["zstd", zstdCompressSync(text)],
  ] as const)
    assert.match(await stood.send(body, coding === "" ? "" : `Content-Encoding: ${coding}\r\n`), /^HTTP\/1\.1 200/);
  assert.deepEqual(stood.bodies.map(String), [redacted, redacted, redacted]);
  assert.deepEqual(stood.codings, [undefined, undefined, undefined]);
  const entry = stood.stage.entries.find(({ kind }) => kind === "request");
  assert.deepEqual([entry?.verdict, entry?.counts?.redactions], ["redact", 1]);
  impossible = "it is signed";
  assert.match(await stood.send(Buffer.from(text)), /^HTTP\/1\.1 403/);
  assert.equal(stood.bodies.length, 3);
});

test("a body longer than is looked into does not leave, plain or compressed", async () => {
  await using stood = await stand(async () => told(plain), { inspected: 100_000 });
  for (const [size, coding, status] of [
    [100_000, "", 200],
    [100_001, "", 403],
    [100_000, "gzip", 200],
    [100_001, "gzip", 403],
  ] as const) {
    const text = Buffer.alloc(size, "a");
    const body = coding === "" ? text : gzipSync(text);
    const answer = await stood.send(body, coding === "" ? "" : "Content-Encoding: gzip\r\n");
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status}`), `${size} ${coding}`);
  }
  assert.equal(stood.bodies.length, 2);
});

test("a body that waited in a spool is handed over whole", async () => {
  const asked: Buffer[] = [];
  await using stood = await stand(
    async ({ body }) => {
      asked.push(body);
      return told(plain);
    },
    { memory: 1_000 },
  );
  const text = Buffer.from(Array.from({ length: 300_000 }, (_, at) => String(at % 7)).join(""));
  await stood.send(text);
  assert.ok(asked[0]?.equals(text));
  assert.ok(stood.bodies[0]?.equals(text));
});

test("nobody looks into what is refused anyway", async () => {
  let asked = 0;
  const grants = [grantFor("other.example")];
  await using stage = await openStage({
    judge: {
      ...judgeFor(grants),
      reach: () => judgeFor(grants).reach(host("other.example"), 443),
    },
    inspect: async () => {
      asked += 1;
      return told(plain);
    },
  });
  const socket = await stage.dialTls(name);
  socket.write(`POST / HTTP/1.1\r\nHost: ${name}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`);
  assert.match(await readAll(socket), /^HTTP\/1\.1 403/);
  assert.equal(asked, 0);
});

test("windows of any size, however the body comes: the body again", () => {
  const sizes = fc.record({ window: fc.integer({ min: 4, max: 40 }), overlap: fc.integer({ min: 0, max: 20 }) });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.integer({ min: 1, max: 50 })),
      sizes,
      fc.constantFrom(0, 0, 1, -1, -20, -300),
      (octets, cuts, small, less) => {
        const whole = new Whole(1_000, Math.max(0, octets.length + less));
        const windows = new Windows((window, offset) => whole.add(window, offset), { ...limits, ...small });
        const body = Buffer.from(octets);
        let at = 0;
        for (const cut of [...cuts, body.length]) {
          const next = Math.min(body.length, at + cut);
          if (next > at) windows.add(body.subarray(at, next));
          at = next;
        }
        windows.finish();
        const taken = whole.take() ?? assert.fail();
        assert.ok(taken.equals(body));
        // it is given away, with all of the memory it lies in
        assert.equal(taken.buffer.byteLength, body.length);
      },
    ),
  );
});
