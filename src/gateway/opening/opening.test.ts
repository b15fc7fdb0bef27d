import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { before, test } from "node:test";
import { type ConnectionOptions, connect } from "node:tls";
import fc from "fast-check";
import { limits } from "../limits.ts";
import { parseHello } from "./hello.ts";
import { parseOpening } from "./opening.ts";

/** What the runtime's own TLS client says first. */
function greet(options: ConnectionOptions): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const socket = new Duplex({ read: () => undefined, write: (chunk: Buffer) => resolve(chunk) });
  connect({ ...options, socket }).on("error", () => undefined);
  return promise;
}

let hello: Buffer = Buffer.alloc(0);
before(async () => {
  hello = await greet({ servername: "api.vendor.example", ALPNProtocols: ["h2", "http/1.1"] });
});

const asked = { kind: "hello", name: "api.vendor.example", protocols: ["h2", "http/1.1"] };

test("a real client's name and protocols are read, TLS 1.2 and 1.3", async () => {
  assert.deepEqual(parseHello(hello), asked);
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    assert.deepEqual(parseHello(await greet({ servername: "a.example", maxVersion })), {
      kind: "hello",
      name: "a.example",
      protocols: [],
    });
  }
  assert.deepEqual(parseHello(await greet({})), { kind: "hello", name: undefined, protocols: [] });
});

test("cut anywhere, it is neither refused nor read too early; over several records, it is the same", () => {
  for (let size = 1; size < hello.length; size += 1) assert.equal(parseOpening(hello.subarray(0, size)).kind, "more");
  const message = hello.subarray(5);
  const record = (part: Buffer) =>
    Buffer.concat([hello.subarray(0, 3), Buffer.from([part.length >> 8, part.length & 0xff]), part]);
  for (const cut of [1, 3, 4, 50, message.length - 1]) {
    assert.deepEqual(
      parseHello(Buffer.concat([record(message.subarray(0, cut)), record(message.subarray(cut))])),
      asked,
    );
  }
});

test("a message that never ends is refused at the bound", () => {
  const record = Buffer.concat([
    Buffer.from([0x16, 3, 1, 0x40, 0]),
    Buffer.from([1, 0, 0x3f, 0xff]),
    Buffer.alloc(16_380),
  ]);
  assert.equal(parseHello(Buffer.concat([Buffer.from([0x16, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff])])).kind, "malformed");
  assert.equal(parseHello(record.subarray(0, limits.hello)).kind, "malformed");
});

/** The hello with its server name, or a whole extension, done to. */
function altered({ from, at, value }: Change): Buffer {
  const bytes = Buffer.from(hello);
  bytes[(from === "name" ? bytes.indexOf("api.vendor.example") : 0) + at] = value;
  return bytes;
}

interface Change {
  readonly title: string;
  readonly from: "name" | "start";
  readonly at: number;
  readonly value: number;
}

const changes: readonly Change[] = [
  { title: "a NUL in the name", from: "name", at: 3, value: 0 },
  { title: "a blank in the name", from: "name", at: 3, value: 0x20 },
  { title: "a name of another kind", from: "name", at: -3, value: 1 },
  { title: "a name longer than its list", from: "name", at: -1, value: 200 },
  { title: "a name shorter than its list", from: "name", at: -1, value: 3 },
  { title: "an extension longer than all", from: "name", at: -7, value: 0xff },
  { title: "another handshake message", from: "start", at: 5, value: 2 },
  { title: "another record type", from: "start", at: 0, value: 0x17 },
  { title: "another version", from: "start", at: 1, value: 2 },
];
for (const change of changes) {
  test(`refused: ${change.title}`, () => {
    assert.equal(parseHello(altered(change)).kind, "malformed");
  });
}

test("two server names, one after the other, are refused", () => {
  const at = hello.indexOf("api.vendor.example") - 9;
  const extension = hello.subarray(at, at + 9 + 18);
  const twice = Buffer.concat([hello.subarray(0, at), extension, hello.subarray(at)]);
  const grow = (offset: number, width: number) =>
    twice.writeUIntBE(twice.readUIntBE(offset, width) + extension.length, offset, width);
  grow(3, 2);
  grow(6, 3);
  const session = 5 + 4 + 34;
  const ciphers = session + 1 + (hello[session] ?? 0);
  const compression = ciphers + 2 + hello.readUInt16BE(ciphers);
  grow(compression + 1 + (hello[compression] ?? 0), 2);
  assert.equal(parseHello(twice).kind, "malformed");
});

test("no bytes make it throw, and no altered hello gives a name that was not sent", () => {
  const edits = fc.array(fc.tuple(fc.nat({ max: 600 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(edits, fc.nat({ max: 600 }), (changes, size) => {
      const bytes = Buffer.from(hello.subarray(0, 10 + size));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const parsed = parseOpening(bytes);
      if (parsed.kind !== "tls" || parsed.hello.name === undefined) return;
      assert.ok(bytes.includes(parsed.hello.name));
    }),
    { numRuns: 3000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void parseOpening(Buffer.from(bytes))));
});

const openings: readonly [bytes: string, kind: string][] = [
  ["", "more"],
  ["G", "more"],
  ["GET", "more"],
  ["GET ", "http"],
  ["M-SEARCH * ", "http"],
  ["PRI", "more"],
  ["PRI * HTTP/2.0\r\n", "http2"],
  ["PRI * HTTP/1.1\r\n", "http"],
  ["PROPFIND /", "http"],
  ["get / ", "other"],
  ["SSH-2.0", "other"],
  ["ABCDEFGHIJKLMNOPQRS", "other"],
  ["\r\nGET / ", "other"],
  ["\x80\x2e\x01", "other"],
];
for (const [bytes, kind] of openings) {
  test(`${JSON.stringify(bytes)} is ${kind}`, () =>
    assert.equal(parseOpening(Buffer.from(bytes, "latin1")).kind, kind));
}
