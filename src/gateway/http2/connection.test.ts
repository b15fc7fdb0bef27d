// Dialogues with one end of a connection, octets in and octets out: what it lets pass, what it ends, what it never waits for.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { converse, End, framesOf, Hand, nobody, request } from "./dialogue.ts";
import { flags, kinds, writeFrame, writeNumbers, writeSettings } from "./frames.ts";

function served(more: ConstructorParameters<typeof End>[1] = {}) {
  const server = new End("server", more);
  const hand = new Hand();
  server.connection.receive(hand.hello());
  server.take();
  return { server, hand };
}

function both(more: ConstructorParameters<typeof End>[1] = {}) {
  const client = new End("client", more);
  const server = new End("server", more);
  converse(client, server);
  return { client, server, ask: () => client.listen(client.connection.open()) };
}

test("a request with body and trailers, a reply with body and trailers", () => {
  const { client, server, ask } = both();
  const stream = ask();
  stream.head(request, nobody, false);
  stream.say(Buffer.from("ask"));
  stream.end(Buffer.from("ed"), ["x-sum", "1"], nobody);
  converse(client, server);
  assert.deepEqual(server.heard, [`1 fields ${request.join(" ")}`, "1 fields x-sum 1 last"]);
  assert.equal(Buffer.concat(server.body).toString(), "asked");
  const [answer] = server.streams;
  answer?.head([":status", "103"], nobody, false);
  answer?.head([":status", "200"], nobody, false);
  answer?.end(Buffer.from("told"), [], nobody);
  converse(client, server);
  assert.deepEqual(client.heard, ["1 said", "1 fields :status 103", "1 fields :status 200", "1 data last"]);
  assert.equal(client.connection.streams + server.connection.streams, 0);
});

const h = new Hand();
const bare = (kind: number, stream: number, payload: Buffer | string = "", flag = 0) =>
  h.frame(kind, stream, payload, flag);
const block = Buffer.from("828486", "hex");
const wrong: readonly [title: string, bytes: Buffer, code: string][] = [
  ["a frame that is too long", Buffer.from("0040010000000000 01".replaceAll(" ", ""), "hex"), "frameSize"],
  ["data on no stream", bare(kinds.data, 0, "x"), "protocol"],
  ["data on a stream nobody opened", bare(kinds.data, 1, "x"), "protocol"],
  [
    "padding longer than its frame",
    Buffer.concat([h.head(1, request, false), bare(kinds.data, 1, "\xff", flags.padded)]),
    "protocol",
  ],
  ["a head on no stream", bare(kinds.headers, 0, block, flags.endHeaders), "protocol"],
  ["a stream of the server's own", bare(kinds.headers, 2, block, flags.endHeaders), "protocol"],
  [
    "a head cut up by a ping",
    Buffer.concat([bare(kinds.headers, 1, block), bare(kinds.ping, 0, "12345678")]),
    "protocol",
  ],
  [
    "a head cut up by another's",
    Buffer.concat([bare(kinds.headers, 1, block), bare(kinds.continuation, 3, block, 4)]),
    "protocol",
  ],
  ["the rest of no head", bare(kinds.continuation, 1, block, flags.endHeaders), "protocol"],
  ["a head that cannot be read", bare(kinds.headers, 1, Buffer.from([0x80]), flags.endHeaders), "compression"],
  ["a priority longer than its head", bare(kinds.headers, 1, "abc", flags.endHeaders | flags.priority), "protocol"],
  ["data behind its end", Buffer.concat([h.head(1), bare(kinds.data, 1, "x")]), "streamClosed"],
  ["a head behind its end", Buffer.concat([h.head(1), h.head(1)]), "streamClosed"],
  ["a reset of no stream", bare(kinds.reset, 0, writeNumbers(8)), "protocol"],
  ["a reset of a stream nobody opened", bare(kinds.reset, 5, writeNumbers(8)), "protocol"],
  ["a reset of the wrong size", bare(kinds.reset, 1, "abc"), "frameSize"],
  ["settings of a stream", bare(kinds.settings, 1), "protocol"],
  ["settings of the wrong size", bare(kinds.settings, 0, "12345"), "frameSize"],
  ["an acknowledgement that says something", bare(kinds.settings, 0, "123456", flags.ack), "frameSize"],
  ["pushes neither allowed nor forbidden", writeSettings([[2, 2]]), "protocol"],
  ["a window that is too large", writeSettings([[4, 2 ** 31]]), "flow"],
  ["frames shorter than everybody takes", writeSettings([[5, 16_383]]), "protocol"],
  ["frames longer than there are", writeSettings([[5, 2 ** 24]]), "protocol"],
  ["a push", bare(kinds.push, 1, writeNumbers(2)), "protocol"],
  ["a ping of the wrong size", bare(kinds.ping, 0, "1234567"), "frameSize"],
  ["a ping of a stream", bare(kinds.ping, 1, "12345678"), "protocol"],
  ["a farewell of a stream", bare(kinds.goAway, 1, writeNumbers(0, 0)), "protocol"],
  ["a farewell of the wrong size", bare(kinds.goAway, 0, "1234567"), "frameSize"],
  ["a window update of nothing", bare(kinds.window, 0, writeNumbers(0)), "protocol"],
  ["a window update of the wrong size", bare(kinds.window, 0, "abc"), "frameSize"],
  ["a window update of a stream nobody opened", bare(kinds.window, 7, writeNumbers(1)), "protocol"],
  ["a window beyond the largest", bare(kinds.window, 0, writeNumbers(0x7fff_ffff)), "flow"],
];
for (const [title, bytes, code] of wrong) {
  test(`ends the connection: ${title}`, () => {
    const { server } = served();
    server.connection.receive(bytes);
    server.connection.receive(h.frame(kinds.ping, 0, "12345678"));
    assert.ok(server.heard.some((line) => line.startsWith("failed: ")));
    const said = server.frames();
    assert.equal(said.at(-1), `goAway ${code}`);
  });
}

test("what does not begin as HTTP/2, or not with settings, is ended", () => {
  for (const bytes of [
    "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
    `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"\0".repeat(40)}`,
  ]) {
    const server = new End("server");
    server.connection.receive(Buffer.from(bytes, "latin1"));
    assert.equal(server.frames().at(-1), "goAway protocol");
  }
});

test("what nobody knows is stepped over", () => {
  const { server, hand } = served();
  server.connection.receive(bare(0x2a, 7, "what is this"));
  server.connection.receive(bare(kinds.priority, 9, "12345"));
  server.connection.receive(writeSettings([[0x99, 7]]));
  server.connection.receive(hand.head(1));
  assert.deepEqual(server.heard, [`1 fields ${request.join(" ")} last`]);
});

const floods: readonly [title: string, once: (at: number) => Buffer, more?: Record<string, number>][] = [
  ["pings", () => bare(kinds.ping, 0, "12345678")],
  ["settings", () => writeSettings([])],
  ["priorities", () => bare(kinds.priority, 1, "12345")],
  ["frames nobody knows", () => bare(0x2a, 0)],
  ["window updates", () => bare(kinds.window, 0, writeNumbers(1))],
  ["empty data", (at) => (at === 0 ? h.head(1, request, false) : bare(kinds.data, 1))],
  ["streams taken back", (at) => Buffer.concat([h.head(2 * at + 1), bare(kinds.reset, 2 * at + 1, writeNumbers(8))])],
  ["streams beyond the bound", (at) => h.head(2 * at + 1), { streams: 3 }],
  [
    "data on closed streams",
    (at) =>
      at === 0
        ? Buffer.concat([h.head(1, request, false), bare(kinds.reset, 1, writeNumbers(8))])
        : bare(kinds.data, 1, "x"),
  ],
];
for (const [title, once, more] of floods) {
  test(`a flood is ended, and does not fill memory: ${title}`, () => {
    const { server } = served({ idleFrames: 50, ...more });
    for (let at = 0; at < 1000; at += 1) server.connection.receive(once(at));
    const failed = server.heard.filter((line) => line.startsWith("failed: "));
    assert.equal(failed.length, 1);
    assert.ok(server.said.length < 10_000);
    assert.equal(server.frames().at(-1), "goAway calm");
  });
}

test("the same frames are taken from who has the time, or sends data", () => {
  const { server, hand } = served({ idleFrames: 50, idleFramesPerSecond: 50 });
  for (let at = 0; at < 1000; at += 1) {
    server.now += 20;
    server.connection.receive(bare(kinds.ping, 0, "12345678"));
  }
  server.connection.receive(hand.head(1, request, false));
  for (let at = 0; at < 1000; at += 1) {
    server.connection.receive(bare(kinds.data, 1, Buffer.alloc(1024)));
    server.connection.receive(bare(kinds.ping, 0, "12345678"));
  }
  assert.equal(
    server.heard.some((line) => line.startsWith("failed: ")),
    false,
  );
});

const unread: readonly [title: string, once: (at: number) => Buffer][] = [
  ["pings", () => bare(kinds.ping, 0, "12345678")],
  ["pings among data", () => Buffer.concat([bare(kinds.data, 1, Buffer.alloc(2048)), bare(kinds.ping, 0, "12345678")])],
  ["requests", (at) => Buffer.concat([h.head(2 * at + 3, request, true)])],
];
for (const [title, once] of unread) {
  test(`who does not take what it is told has no patience given back: ${title}`, () => {
    const { server, hand } = served({ idleFrames: 50, streams: 5000 });
    server.connection.receive(hand.head(1, request, false));
    server.open = false;
    for (let at = 0; at < 1000; at += 1) {
      server.now += 1000;
      // its answer, as the head alone
      server.streams.at(-1)?.head([":status", "204"], nobody, server.streams.length > 1);
      server.connection.receive(once(at));
    }
    assert.ok(server.said.length < 10_000);
    assert.equal(server.frames().at(-1), "goAway calm");
  });
}

test("a head in more frames or octets than anybody needs ends the connection before it is whole", () => {
  for (const [piece, count] of [
    ["", 40],
    ["x".repeat(16_000), 5],
  ] as const) {
    const { server } = served();
    server.connection.receive(bare(kinds.headers, 1, piece));
    for (let at = 0; at < count; at += 1) server.connection.receive(bare(kinds.continuation, 1, piece));
    assert.equal(server.frames().at(-1), "goAway calm");
    assert.deepEqual(server.heard.length, 1);
  }
});

test("streams beyond the bound are refused, to be sent again", () => {
  const { server, hand } = served({ streams: 2 });
  for (const id of [1, 3, 5]) server.connection.receive(hand.head(id));
  assert.deepEqual(server.frames(), ["reset 5 refused"]);
});

test("a window that was passed ends the connection; what is not used is not sent for", () => {
  const { server, hand } = served({ streamWindow: 1000, connectionWindow: 100_000 });
  server.consumes = false;
  server.connection.receive(hand.head(1, request, false));
  server.connection.receive(bare(kinds.data, 1, Buffer.alloc(1000)));
  assert.deepEqual(server.frames(), []);
  server.connection.receive(bare(kinds.data, 1, Buffer.alloc(1)));
  assert.deepEqual(server.frames(), ["goAway flow"]);
});

test("padding counts, and comes back", () => {
  const { server, hand } = served({ streamWindow: 1000 });
  server.connection.receive(hand.head(1, request, false));
  for (let at = 0; at < 20; at += 1)
    server.connection.receive(
      bare(kinds.data, 1, Buffer.concat([Buffer.from([200]), Buffer.alloc(200)]), flags.padded),
    );
  assert.equal(Buffer.concat(server.body).length, 0);
  assert.ok(server.frames().every((line) => line.startsWith("window 1 ")));
});

test("a reader that has stopped holds back its own stream, and no other", () => {
  const { client, server, ask } = both({ streamWindow: 70_000, connectionWindow: 140_000 });
  server.consumes = false;
  const slow = ask();
  const quick = ask();
  slow.head(request, nobody, false);
  quick.head(request, nobody, false);
  assert.equal(slow.say(Buffer.alloc(500_000)), false);
  converse(client, server);
  assert.equal(Buffer.concat(server.body).length, 70_000);
  server.consumes = true;
  quick.end(Buffer.alloc(500_000), [], nobody);
  converse(client, server);
  assert.equal(Buffer.concat(server.body).length, 570_000);
  server.streams[0]?.consume(70_000);
  slow.end(Buffer.alloc(0), [], nobody);
  converse(client, server);
  assert.equal(Buffer.concat(server.body).length, 1_000_000);
  assert.ok(client.heard.includes("1 drained"));
});

test("a transport that is full holds everything back but what must be said", () => {
  const { client, ask } = both();
  client.open = false;
  const stream = ask();
  stream.head(request, nobody, false);
  stream.end(Buffer.alloc(50_000), [], nobody);
  assert.deepEqual(
    client.frames().map((line) => line.split(" ")[0]),
    ["headers"],
  );
  client.open = true;
  client.connection.drained();
  assert.equal(client.frames().length, 4);
});

test("streams take turns", () => {
  const { client, server, ask } = both();
  const streams = [ask(), ask()];
  client.open = false;
  for (const stream of streams) {
    stream.head(request, nobody, false);
    stream.end(Buffer.alloc(30_000), [], nobody);
  }
  client.take();
  client.open = true;
  client.connection.drained();
  assert.deepEqual(
    framesOf(client.take()).map(({ stream }) => stream),
    [1, 3, 1, 3],
  );
  assert.equal(server.heard.length, 0);
});

test("the connection's window holds all streams back together", () => {
  const client = new End("client");
  client.connection.receive(writeSettings([[4, 1_000_000]]));
  client.take();
  const streams = [1, 2].map(() => client.listen(client.connection.open()));
  for (const stream of streams) {
    stream.head(request, nobody, false);
    stream.say(Buffer.alloc(50_000));
  }
  const sent = (): number =>
    framesOf(client.take()).reduce((sum, { kind, payload }) => sum + (kind === kinds.data ? payload.length : 0), 0);
  assert.equal(sent(), 65_535);
  client.connection.receive(bare(kinds.window, 0, writeNumbers(1000)));
  assert.equal(sent(), 1000);
  client.connection.receive(bare(kinds.window, 0, writeNumbers(100_000)));
  assert.equal(sent(), 100_000 - 66_535);
});

test("a window taken back in the middle is kept to", () => {
  const client = new End("client");
  client.connection.receive(writeSettings([[4, 1000]]));
  const stream = client.listen(client.connection.open());
  stream.head(request, nobody, false);
  stream.say(Buffer.alloc(2000));
  client.connection.receive(writeSettings([[4, 0]]));
  client.take();
  client.connection.receive(bare(kinds.window, 1, writeNumbers(1000)));
  assert.deepEqual(client.frames(), []);
  client.connection.receive(bare(kinds.window, 1, writeNumbers(500)));
  assert.deepEqual(client.frames(), ["data 1 0 500"]);
});

test("who is taken leave of learns what was not done with, and opens nothing more", () => {
  const { client, server, ask } = both();
  for (const stream of [ask(), ask()]) stream.head(request, nobody, true);
  client.connection.receive(writeFrame(kinds.goAway, 0, 0, writeNumbers(1, 0)));
  assert.deepEqual(client.heard.slice(2), ["3 lost: the other end takes no more here, untouched", "leaving"]);
  assert.equal(client.connection.room, 0);
  server.connection.leave();
  server.connection.receive(client.take());
  assert.deepEqual(server.frames().slice(0, 1), ["goAway none"]);
});

test("a client takes no stream and no push, and no more streams than it is told", () => {
  const client = new End("client");
  client.connection.receive(writeSettings([[3, 1]]));
  client.listen(client.connection.open()).head(request, nobody, true);
  assert.equal(client.connection.room, 0);
  client.take();
  client.connection.receive(bare(kinds.headers, 2, block, flags.endHeaders));
  assert.deepEqual(client.frames(), ["goAway protocol"]);
  assert.match(client.heard.at(-1) ?? "", /^1 lost: a stream it may not open$/);
});

test("whatever is said arrives whole and in order, however the octets are cut and the windows stand", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 4000 }), (said, cut, window) => {
      const { client, server, ask } = both({ streamWindow: window, connectionWindow: 100_000 });
      const stream = ask();
      stream.head(request, nobody, false);
      for (const piece of said) stream.say(Buffer.from(piece));
      stream.end(Buffer.alloc(0), [], nobody);
      converse(client, server, cut);
      assert.deepEqual(Buffer.concat(server.body), Buffer.concat(said));
      assert.equal(server.heard.at(-1), "1 data last");
    }),
    { numRuns: 200 },
  );
});

test("no octets make it throw, and what it says is frames", () => {
  const frame = fc
    .tuple(
      fc.integer({ min: 0, max: 11 }),
      fc.integer({ min: 0, max: 6 }),
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(255),
    )
    .map(([kind, stream, payload, flag]) => writeFrame(kind, flag, stream, Buffer.from(payload)));
  fc.assert(
    fc.property(
      fc.constantFrom("server" as const, "client" as const),
      fc.array(
        fc.oneof(
          frame,
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        { maxLength: 20 },
      ),
      (role, frames) => {
        const end = new End(role);
        if (role === "client") end.listen(end.connection.open()).head(request, nobody, false);
        end.connection.receive(role === "server" ? new Hand().hello() : writeSettings([]));
        for (const bytes of frames) end.connection.receive(bytes);
        const said = end.take();
        const read = framesOf(said).reduce((sum, { payload }) => sum + payload.length + 9, 0);
        assert.equal(read + (role === "client" ? 24 : 0), said.length);
      },
    ),
    { numRuns: 3000 },
  );
});
