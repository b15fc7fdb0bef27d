// A connection of HTTP/2 from a hostile client: the same is heard and said however the octets are cut, and after the end
// nothing is heard.

import assert from "node:assert/strict";
import { End, framesOf, Hand, request } from "../../../src/gateway/http2/dialogue.ts";
import { kinds, writeSettings } from "../../../src/gateway/http2/frames.ts";
import { pieces, type Target } from "../target.ts";

const hand = new Hand();
const limits = { idleFrames: 20, streams: 8, headFrames: 4, head: 2048 };

function converse(bytes: Buffer, size: number) {
  const end = new End("server", limits);
  end.connection.receive(hand.hello());
  for (const piece of pieces(bytes, size)) end.connection.receive(Buffer.from(piece));
  const open = end.connection.streams;
  const { heard } = end;
  const said = end.take();
  assert.ok(open <= limits.streams + 1, "more streams are open than are taken");
  const failed = heard.findIndex((line) => line.startsWith("failed"));
  if (failed >= 0)
    assert.ok(
      heard.slice(failed + 1).every((line) => line.includes("lost: ")),
      "it is heard after its end",
    );
  end.connection.ended("over");
  assert.equal(end.take().length, 0, "it speaks after its end");
  return { heard: [...heard], said, body: Buffer.concat(end.body) };
}

function check(bytes: Buffer): string {
  const whole = converse(bytes, bytes.length + 1);
  for (const size of [1, 7]) {
    const cut = converse(bytes, size);
    assert.deepEqual(cut.heard, whole.heard);
    assert.ok(cut.body.equals(whole.body));
    assert.ok(cut.said.equals(whole.said));
  }
  assert.ok(framesOf(whole.said).length > 0);
  return whole.heard
    .map((line) => line.split(" ").slice(0, 3).join(" ").replaceAll(/\d+/g, ""))
    .slice(-3)
    .join();
}

const body = hand.frame(kinds.data, 1, "hello", 1);
export const target: Target = {
  seeds: [
    hand.head(1),
    Buffer.concat([hand.head(1, request, false), body]),
    Buffer.concat([
      hand.head(1, request, false),
      hand.frame(kinds.data, 1, "\x03abc\0\0\0", 8),
      hand.head(1, ["x-a", "b"]),
    ]),
    Buffer.concat([
      hand.head(3),
      hand.head(5),
      hand.frame(kinds.reset, 3, "\0\0\0\x08"),
      hand.frame(kinds.ping, 0, "12345678"),
    ]),
    Buffer.concat([
      writeSettings([
        [4, 100],
        [5, 20_000],
      ]),
      hand.frame(kinds.window, 0, "\0\0\x10\0"),
      hand.head(7),
    ]),
    Buffer.concat([hand.frame(kinds.headers, 1, "\x82\x87", 0), hand.frame(kinds.continuation, 1, "\x84", 4)]),
    Buffer.concat([
      hand.head(1),
      hand.frame(kinds.goAway, 0, "\0\0\0\0\0\0\0\0"),
      hand.frame(kinds.priority, 1, "\0\0\0\0\x10"),
    ]),
  ],
  words: [
    hand.head(1),
    hand.head(9, request, false),
    body,
    hand.frame(kinds.settings, 0, "", 1),
    hand.frame(kinds.window, 1, "\x7f\xff\xff\xff"),
    hand.frame(kinds.push, 1, "\0\0\0\x02\x82"),
    hand.frame(77, 1, "?"),
    "\x3f\xe1\x1f",
    "\x40\x01a\x01b",
    "\xbe",
  ],
  run: check,
};
