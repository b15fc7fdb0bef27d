// Frames of a WebSocket by octets, cut anywhere; handshakes; compression. `ws` writes and reads as the other implementation.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import {
  type Control,
  FrameReader,
  type Malformed,
  opcodes,
  type Portion,
  type ReaderOptions,
  writeClose,
} from "./frames.ts";
import { Inflation } from "./inflation.ts";
import { asksForWebSocket, checkOpening, checkSwitch } from "./opening.ts";
import { frame, type Written } from "./written.ts";

const client: ReaderOptions = { from: "client", deflate: true };

function read(bytes: Buffer, options: ReaderOptions = client, cut = bytes.length): (Portion | Control | Malformed)[] {
  const reader = new FrameReader(options);
  const found: (Portion | Control | Malformed)[] = [];
  for (let at = 0; at < bytes.length; at += cut) {
    reader.push(bytes.subarray(at, at + cut));
    for (let part = reader.next(); part !== undefined; part = reader.next()) {
      found.push(part);
      if (part.kind === "malformed") return found;
    }
  }
  return found;
}

const why = (bytes: Buffer, options: ReaderOptions = client): string | undefined => {
  const last = read(bytes, options).at(-1);
  return last?.kind === "malformed" ? last.why : undefined;
};

test("a message in one frame, in several, with a ping in between", () => {
  const bytes = Buffer.concat([
    frame({ payload: "hello" }),
    frame({ payload: "wor", fin: false, opcode: opcodes.binary }),
    frame({ payload: "now", opcode: opcodes.ping }),
    frame({ payload: "", fin: false, opcode: opcodes.more }),
    frame({ payload: "ld", opcode: opcodes.more }),
  ]);
  const parts = read(bytes);
  assert.deepEqual(
    parts.map((part) => [part.kind, part.kind === "malformed" ? part.why : part.plain.toString()]),
    [
      ["portion", "hello"],
      ["portion", "wor"],
      ["control", "now"],
      ["portion", ""],
      ["portion", "ld"],
    ],
  );
  assert.deepEqual(
    parts.flatMap((part) => (part.kind === "portion" ? [[part.first, part.last]] : [])),
    [
      [true, true],
      [true, false],
      [false, false],
      [false, true],
    ],
  );
});

const wrong: readonly [title: string, written: Partial<Written>, said: RegExp][] = [
  ["a client that does not mask", { mask: undefined }, /mask/],
  ["a bit nobody agreed on", { bits: 0x20 }, /extension/],
  ["another bit nobody agreed on", { bits: 0x10 }, /extension/],
  ["a compressed ping", { opcode: opcodes.ping, bits: 0x40 }, /extension/],
  ["a compressed rest", { opcode: opcodes.more, bits: 0x40 }, /extension/],
  ["an opcode nobody knows", { opcode: 3 }, /kind of frame/],
  ["a control opcode nobody knows", { opcode: 11 }, /kind of frame/],
  ["a ping in pieces", { opcode: opcodes.ping, fin: false }, /cut up/],
  ["a ping that is too long", { opcode: opcodes.ping, payload: "x".repeat(126) }, /too long/],
  ["the rest of no message", { opcode: opcodes.more }, /no message/],
  ["a length in more octets than it needs", { wide: 2, payload: "short" }, /length/],
  ["a length in far more octets than it needs", { wide: 8, payload: "x".repeat(200) }, /length/],
  ["a close of one octet", { opcode: opcodes.close, payload: "x" }, /closes/],
  ["a close with a code that is reserved", { opcode: opcodes.close, payload: Buffer.from([0x03, 0xed]) }, /closes/],
];
for (const [title, written, said] of wrong) {
  test(`malformed: ${title}`, () => assert.match(why(frame(written)) ?? "", said));
}

test("malformed: a message inside another, anything after a close, a server's mask, a length beyond numbers", () => {
  assert.match(why(Buffer.concat([frame({ fin: false }), frame({})])) ?? "", /inside/);
  assert.match(
    why(Buffer.concat([frame({ opcode: opcodes.close, payload: "" }), frame({})])) ?? "",
    /after it has closed/,
  );
  assert.match(why(frame({}), { from: "server", deflate: false }) ?? "", /mask/);
  assert.match(why(Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.alloc(12, 0xff)])) ?? "", /length/);
  assert.match(why(frame({ bits: 0x40 }), { from: "client", deflate: false }) ?? "", /extension/);
});

const messages = fc.array(
  fc.record({
    size: fc.constantFrom(0, 1, 125, 126, 127, 1000, 65_535, 65_536, 70_000),
    masked: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 4 },
);
test("what is read is what was written, and its octets are all there, wherever they are cut", () => {
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 70_100 }), (list, cut) => {
      const payloads = list.map(({ size }) => randomBytes(size));
      const bytes = Buffer.concat(
        list.map(({ masked }, at) => frame({ payload: payloads[at] ?? "", mask: Buffer.from(masked) })),
      );
      const parts = read(bytes, client, cut);
      assert.ok(parts.every(({ kind }) => kind === "portion"));
      const portions = parts.filter((part) => part.kind === "portion");
      assert.deepEqual(Buffer.concat(portions.map(({ raw }) => raw)), bytes);
      assert.deepEqual(Buffer.concat(portions.map(({ plain }) => plain)), Buffer.concat(payloads));
      assert.equal(portions.filter(({ last }) => last).length, list.length);
    }),
    { numRuns: 60 },
  );
});

test("no octets make it throw", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 20 }),
      (bytes, deflate, cut) => {
        for (const from of ["client", "server"] as const) read(Buffer.from(bytes), { from, deflate }, cut);
      },
    ),
    { numRuns: 3000 },
  );
});

test("a close of ours is one that a client may read", () => {
  const [control] = read(writeClose(1008, "not permitted"), { from: "server", deflate: false });
  assert.equal(control?.kind === "control" && control.plain.readUInt16BE(0), 1008);
});

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const asked = [
  "Connection",
  "keep-alive, Upgrade",
  "Upgrade",
  "WebSocket",
  "Sec-WebSocket-Version",
  "13",
  "Sec-WebSocket-Key",
  key,
];
const offer = [...asked, "Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"];
const answered = [
  "Upgrade",
  "websocket",
  "Connection",
  "Upgrade",
  "Sec-WebSocket-Accept",
  "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
];

const openings: readonly [title: string, change: (headers: string[]) => string[], method?: string][] = [
  ["another method", (headers) => headers, "POST"],
  ["no Connection", (headers) => headers.with(1, "keep-alive")],
  ["another version", (headers) => headers.with(5, "8")],
  ["two versions", (headers) => [...headers, "Sec-WebSocket-Version", "13"]],
  ["no key", (headers) => headers.slice(0, 6)],
  ["a key that is none", (headers) => headers.with(7, "short")],
  ["two keys", (headers) => [...headers, "Sec-WebSocket-Key", key]],
  ["a body", (headers) => [...headers, "Content-Length", "5"]],
  ["chunks", (headers) => [...headers, "Transfer-Encoding", "chunked"]],
];
test("an opening is one, or is told apart", () => {
  assert.equal(checkOpening({ method: "GET", target: "/", headers: offer }), undefined);
  for (const [title, change, method = "GET"] of openings)
    assert.equal(typeof checkOpening({ method, target: "/", headers: change([...asked]) }), "string", title);
  assert.ok(asksForWebSocket(asked));
  for (const upgrade of ["websocket, h2c", "h2c", "TLS/1.0"])
    assert.equal(asksForWebSocket(["Upgrade", upgrade]), false);
  assert.equal(asksForWebSocket([...asked, "Upgrade", "websocket"]), false);
});

const extension = (text: string) => [...answered, "Sec-WebSocket-Extensions", text];
const switches: readonly [title: string, headers: readonly string[], agreed: object | string][] = [
  ["nothing more", answered, { deflate: undefined }],
  ["compression", extension("permessage-deflate"), { deflate: { client: true, server: true } }],
  [
    "compression each for itself",
    extension("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
    { deflate: { client: false, server: false } },
  ],
  [
    "smaller windows",
    extension('permessage-deflate; server_max_window_bits=10; client_max_window_bits = "9"'),
    { deflate: { client: true, server: true } },
  ],
  ["another protocol", answered.with(1, "h2c"), "it changes to another protocol than was asked for"],
  ["no Connection", answered.with(3, "close"), "Connection does not say upgrade"],
  ["another key's answer", answered.with(5, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), "it does not answer the key it was given"],
  ["an extension nobody knows", extension("permessage-bzip2"), "an extension nobody here can read"],
  ["two extensions", extension("permessage-deflate, x-more"), "an extension nobody here can read"],
  [
    "a parameter nobody knows",
    extension("permessage-deflate; mystery=1"),
    "an extension's parameter nobody here can read",
  ],
];
for (const [title, headers, agreed] of switches) {
  test(`a switch: ${title}`, () => {
    const head = { status: 101, reason: "Switching Protocols", headers };
    assert.deepEqual(checkSwitch({ method: "GET", target: "/", headers: offer }, head), agreed);
  });
}

test("compression nobody offered is not agreed on", () => {
  const head = { status: 101, reason: "", headers: extension("permessage-deflate") };
  assert.equal(checkSwitch({ method: "GET", target: "/", headers: asked }, head), "an extension that was not offered");
});

test("no list of extensions makes the parser throw, or slow", { timeout: 60_000 }, () => {
  const text = fc.stringMatching(/^[ ;,="a-z_0-9]{0,40}$/);
  fc.assert(
    fc.property(
      text,
      (said) =>
        void checkSwitch(
          { method: "GET", target: "/", headers: offer },
          { status: 101, reason: "", headers: extension(said) },
        ),
    ),
  );
  // a parser that looks back over the blanks would not be done before the deadline
  const long = `permessage-deflate; a${" ".repeat(2_000_000)}b`;
  checkSwitch({ method: "GET", target: "/", headers: offer }, { status: 101, reason: "", headers: extension(long) });
});

/** Messages of one sender, each leaning on those before. */
async function deflate(texts: readonly string[]): Promise<Buffer[]> {
  const deflating = createDeflateRaw();
  let parts: Buffer[] = [];
  deflating.on("data", (chunk: Buffer) => parts.push(chunk));
  const messages: Buffer[] = [];
  for (const text of texts) {
    await new Promise<void>((resolve) => {
      deflating.write(text);
      deflating.flush(constants.Z_SYNC_FLUSH, resolve);
    });
    messages.push(Buffer.concat(parts).subarray(0, -4));
    parts = [];
  }
  deflating.close();
  return messages;
}

test("compressed messages lean on those before, and are read piece by piece", async () => {
  const texts = ["hello ".repeat(2000), "hello ".repeat(2000), ""];
  const inflation = new Inflation(true, 100_000);
  for (const [at, message] of (await deflate(texts)).entries()) {
    let said = "";
    for (let from = 0; from < message.length; from += 7) {
      const piece = await inflation.push(message.subarray(from, from + 7), from + 7 >= message.length);
      said += String(piece);
    }
    if (message.length === 0) said += String(await inflation.push(message, true));
    assert.equal(said, texts[at]);
  }
  inflation.close();
});

test("compressed messages that stand for themselves", async () => {
  const inflation = new Inflation(false, 100_000);
  for (const _ of [1, 2, 3]) {
    const [message = Buffer.alloc(0)] = await deflate(["hello ".repeat(100)]);
    assert.equal(String(await inflation.push(message, true)), "hello ".repeat(100));
  }
});

const unreadable: readonly [title: string, message: Buffer][] = [
  ["that cannot be decompressed", Buffer.from("ffffff", "hex")],
  ["that ends itself", deflateRawSync("bye")],
  ["that grows beyond all measure", deflateRawSync(Buffer.alloc(1_000_000)).subarray(0, -2)],
];
for (const [title, message] of unreadable) {
  test(`a message ${title} is not read, nor any after it`, async () => {
    const inflation = new Inflation(true, 100_000);
    assert.match(String(await inflation.push(message, true)), /^a (?:compressed )?message that /);
    assert.match(String(await inflation.push(deflateRawSync("x"), true)), /^a (?:compressed )?message that /);
    inflation.close();
  });
}
