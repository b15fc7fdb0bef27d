// What is heard of replies: all of it, in order, before what is asked behind it; and where too much waits, that it is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mostWaiting, openEar, openWaiting } from "./ear.ts";
import type { Heard } from "./transcripts.ts";

const reply = { status: 200, mediaType: "text/event-stream", coding: "" };

function listen(waiting = openWaiting()) {
  const heard: Heard[] = [];
  const ear = openEar(waiting, (one, transfer) => heard.push(structuredClone(one, { transfer: [...transfer] })));
  const said = (asked: number): string =>
    heard
      .flatMap((one) => (one.asked === asked && one.kind === "octets" ? one.parts : []))
      .map((part) => Buffer.from(part).toString())
      .join("|");
  const ends = (asked: number) => heard.flatMap((one) => (one.asked === asked && one.kind === "ends" ? [one.how] : []));
  return { ear, heard, said, ends, waiting };
}

test("gathered, and told when something is asked, when it is much, and when it ends", () => {
  const { ear, said, ends } = listen();
  const [one, other] = [ear.overhear(1, reply), ear.overhear(2, reply)];
  one?.push(Buffer.from("a"));
  other?.push(Buffer.from("b"));
  one?.push(Buffer.from("c"));
  assert.equal(said(1), "");
  ear.flush();
  assert.deepEqual([said(1), said(2)], ["a|c", "b"]);
  one?.push(Buffer.alloc(100_000, "d"));
  assert.equal(said(1).length, "a|c|".length + 100_000);
  other?.push(Buffer.from("e"));
  other?.end(true);
  one?.end(false);
  assert.deepEqual([said(2), ends(2), ends(1)], ["b|e", ["whole"], ["broken"]]);
});

test("what came is copied, and still its owner's", () => {
  const { ear, said } = listen();
  const hearing = ear.overhear(1, reply);
  const octets = Buffer.from("as it was");
  hearing?.push(octets);
  octets.fill("x");
  ear.flush();
  assert.equal(said(1), "as it was");
  assert.equal(octets.toString(), "xxxxxxxxx");
});

test("where too much waits the rest is lost, and that is said once; who has heard makes room", () => {
  const { ear, ends, waiting } = listen();
  const hearing = ear.overhear(1, reply);
  for (let octets = 0; octets <= mostWaiting; octets += 2 ** 20) hearing?.push(Buffer.alloc(2 ** 20));
  assert.deepEqual(ends(1), ["lost"]);
  assert.equal(Atomics.load(waiting, 0), mostWaiting);
  hearing?.push(Buffer.alloc(1));
  hearing?.end(true);
  assert.deepEqual(ends(1), ["lost"]);
  Atomics.sub(waiting, 0, mostWaiting);
  const next = ear.overhear(2, reply);
  next?.push(Buffer.alloc(1));
  next?.end(true);
  assert.deepEqual(ends(2), ["whole"]);
});

test("lost, where whoever passes it on could not keep it", () => {
  const { ear, ends } = listen();
  const hearing = ear.overhear(1, "messages");
  hearing?.lose();
  hearing?.end(true);
  assert.deepEqual(ends(1), ["lost"]);
});
