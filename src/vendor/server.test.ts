import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { issueForLoopback } from "../gateway/authority/loopback.ts";
import { demo } from "./demo.ts";
import { openVendor, type Vendor, type VendorOptions, vendorNames } from "./server.ts";

const base: VendorOptions = { script: demo.script, key: "lab", tls: undefined };
const schema = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
const ask = { model: "m", stream: true, messages: [], tools: [{ name: "read", input_schema: schema }] };

interface Given {
  readonly body?: string | Buffer;
  readonly key?: string;
  readonly servername?: string;
  /** PEM of the authority, where it speaks TLS. */
  readonly ca?: string;
}

async function post(vendor: Vendor, given: Given = {}): Promise<IncomingMessage> {
  const [host, port] = vendor.address.split(":");
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { "X-Api-Key": given.key ?? "lab", "Anthropic-Version": "2023-06-01" };
  const options = { host, port, method: "POST", path: "/v1/messages?beta=true", headers, agent: false };
  const secure = { ...options, ca: given.ca, servername: given.servername ?? "api.anthropic.com" };
  const made = given.ca === undefined ? requestPlain(options, resolve) : requestSecure(secure, resolve);
  made.on("error", reject);
  made.end(given.body ?? JSON.stringify(ask));
  return promise;
}

async function read(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of response.setEncoding("utf8")) text += String(part);
  return text;
}

void test("over TLS under the certificate it was given, with the name on record", async () => {
  const tls = issueForLoopback(vendorNames);
  await using vendor = await openVendor({ ...base, tls });
  const response = await post(vendor, { ca: tls.ca });
  assert.equal(response.headers["content-type"], "text/event-stream; charset=utf-8");
  assert.match(await read(response), /event: message_stop/);
  const [received] = vendor.requests;
  assert.deepEqual(
    [received?.method, received?.target, received?.servername, received?.status],
    ["POST", "/v1/messages?beta=true", "api.anthropic.com", 200],
  );
  assert.deepEqual(JSON.parse(received?.body.toString() ?? ""), ask);
  assert.equal(received?.headers[(received?.headers.indexOf("X-Api-Key") ?? 0) + 1], "lab");
  await assert.rejects(post(vendor, { ca: tls.ca, servername: "other.test" }), {
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
});

void test("a refused request is on record too, and in the file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "vendor-"));
  const log = join(directory, "log.jsonl");
  await using vendor = await openVendor({ ...base, log });
  assert.equal((await post(vendor, { key: "other" })).statusCode, 401);
  assert.equal((await post(vendor)).statusCode, 200);
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { status: number }).status),
    [401, 200],
  );
  assert.equal(statSync(log).mode & 0o777, 0o600);
  rmSync(directory, { recursive: true });
});

void test("a stream can be held: what was written before is with the client, the rest is not", async () => {
  const gate = Promise.withResolvers<void>();
  await using vendor = await openVendor({ ...base, pace: (frame) => (frame === 2 ? gate.promise : Promise.resolve()) });
  const response = await post(vendor);
  let early = "";
  for await (const part of response.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    early += String(part);
    if (early.includes("content_block_start")) break;
  }
  assert.ok(!early.includes("content_block_delta"));
  gate.resolve();
  assert.match(await read(response), /content_block_delta.*message_stop/s);
});

void test("bounds: a body too long, a full record by number and by bytes", async () => {
  await using vendor = await openVendor({ ...base, keep: { requests: 2, bytes: 1024 * 1024 } });
  const long = await post(vendor, { body: Buffer.alloc(64 * 1024 * 1024 + 1) });
  assert.deepEqual(
    [long.statusCode, await read(long)],
    [400, '{"type":"error","error":{"type":"invalid_request_error","message":"body too long"},"request_id":null}'],
  );
  assert.equal((await post(vendor, { body: Buffer.alloc(1024 * 1024 + 1) })).statusCode, 503);
  assert.equal((await post(vendor)).statusCode, 200);
  assert.equal((await post(vendor)).statusCode, 503);
  assert.equal(vendor.requests.length, 2);
});

void test("a port that is taken is a fault; closing twice is none", async () => {
  const vendor = await openVendor(base);
  await assert.rejects(openVendor({ ...base, port: Number(vendor.address.split(":")[1]) }), Fault);
  await vendor.close();
  await vendor.close();
});
