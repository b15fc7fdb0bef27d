import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parseHost } from "../domain/brand.ts";
import type { Entered, Incoming, ReplyFacts } from "../domain/inspection.ts";
import { incomingBounds, openCollect } from "./incoming.ts";

const host = (name: string) => parseHost(name) ?? assert.fail(name);
const facts: ReplyFacts = {
  host: host("web.example"),
  path: "/page",
  purpose: "other",
  protocol: "unknown",
  mediaType: "text/plain",
  coding: "",
};

function bench(rules: Parameters<typeof openCollect>[0] = { purposes: [] }) {
  const came: Incoming[] = [];
  let now = 0;
  const enter = async (incoming: Incoming): Promise<Entered> => {
    came.push(incoming);
    return { octets: incoming.octets.length, covert: [], missed: 0 };
  };
  const collect = openCollect(rules, enter, () => now);
  return {
    came,
    open: (more: Partial<ReplyFacts>) => collect({ ...facts, ...more }) ?? assert.fail("not looked at"),
    wait: (milliseconds: number): void => {
      now += milliseconds;
    },
    say: async (octets: number, more: Partial<ReplyFacts> = {}): Promise<Entered | undefined> => {
      const collecting = collect({ ...facts, ...more });
      collecting?.push(Buffer.alloc(octets, "a"));
      return collecting?.end();
    },
  };
}

test("a model's own replies, a login's and those of trusted hosts are not looked at", async () => {
  const pattern = { kind: "exact", name: host("vendor.example") } as const;
  const { say } = bench({
    purposes: [{ host: pattern, paths: ["/v1/**"], purpose: "inference" }],
    trusted: { hosts: [{ rule: "r", pattern: { kind: "suffix", suffix: ".docs.example" } }], files: [] },
  });
  for (const more of [
    { purpose: "inference" },
    { purpose: "login" },
    { protocol: "anthropic" },
    { host: host("vendor.example"), path: "/v1/messages" },
    { host: host("a.docs.example") },
  ] as const)
    assert.equal(await say(10, more), undefined, JSON.stringify(more));
  for (const more of [
    {},
    { protocol: "mcp" },
    { host: host("vendor.example"), path: "/blog" },
    { host: host("other.example"), path: "/v1/messages" },
    { purpose: "registry" },
  ] as const)
    assert.equal((await say(10, more))?.octets, 10, JSON.stringify(more));
});

test("a reply is looked at so far, a host in a while so far, and another host all the same", async () => {
  const { came, say, wait } = bench();
  const long = await say(incomingBounds.reply + 5);
  assert.deepEqual([long?.octets, came[0]?.cut], [incomingBounds.reply, true]);
  for (let at = 0; at < 3; at += 1) assert.equal((await say(incomingBounds.reply))?.missed, 0);
  assert.deepEqual(await say(1_000), { octets: 0, covert: [], missed: 1 }, "the host has said too much");
  assert.equal((await say(1_000, { host: host("other.example") }))?.octets, 1_000);
  wait(1_000);
  assert.equal((await say(200_000))?.octets, 200_000);
  assert.equal((await say(200_000))?.octets, 0);
  for (let at = 0; at < 8; at += 1) await say(incomingBounds.reply, { host: host(`h${at}.example`) });
  assert.equal((await say(incomingBounds.reply, { host: host("h9.example") }))?.missed, 1, "all together have");
});

test("events of a stream are handed on as they come; what comes in pieces as one", async () => {
  const { came } = bench();
  const enter = async (incoming: Incoming): Promise<undefined> => void came.push(incoming);
  const collect = openCollect({ purposes: [] }, enter, () => 0);
  const stream = collect({ ...facts, mediaType: "text/event-stream; charset=utf-8" });
  for (const piece of ["data: one\n\n", "data: tw", "o\n\n", "data: three"]) stream?.push(Buffer.from(piece));
  assert.deepEqual(
    came.map(({ octets }) => String(octets)),
    ["data: one\n\n", "data: two\n\n"],
  );
  await stream?.end();
  await stream?.end();
  assert.equal(came.length, 3, "the end of it once");
  const plain = collect(facts);
  for (const piece of ["one\n\n", "two\n\n"]) plain?.push(Buffer.from(piece));
  await plain?.end();
  assert.equal(String(came[3]?.octets), "one\n\ntwo\n\n");
});

test("a coded stream is handed on as one", async () => {
  const { came } = bench();
  const enter = async (incoming: Incoming): Promise<undefined> => void came.push(incoming);
  const collect = openCollect({ purposes: [] }, enter, () => 0);
  const coded = collect({ ...facts, mediaType: "text/event-stream", coding: "gzip" });
  for (const piece of ["one\n\n", "two\n\n"]) coded?.push(Buffer.from(piece));
  assert.equal(came.length, 0);
  await coded?.end();
  assert.deepEqual(
    came.map(({ octets }) => String(octets)),
    ["one\n\ntwo\n\n"],
  );
});

test("beyond so many hosts those that come share one budget, until others have said nothing for a while", async () => {
  const { say, wait } = bench();
  const of = (at: number) => ({ host: host(`h${at}.example`) });
  for (let at = 0; at < incomingBounds.hosts; at += 1) await say(1, of(at));
  for (let at = 0; at < 4; at += 1) assert.equal((await say(incomingBounds.reply, of(2_000)))?.missed, 0);
  assert.equal((await say(1_000, of(2_001)))?.missed, 1, "it is not told apart from the one before");
  assert.equal((await say(1_000, of(0)))?.missed, 0, "one of the first is");
  wait(1_000);
  for (let at = 0; at < 3; at += 1) assert.equal((await say(300_000, of(2_002)))?.missed, 0, "nor any more");
});

test("an event without end is handed on as far as is looked at, as cut, and what follows is looked at as well", async () => {
  const { came, open } = bench();
  const stream = open({ mediaType: "text/event-stream" });
  for (const octets of [incomingBounds.reply - 1, 1, 10]) stream.push(Buffer.alloc(octets, "a"));
  stream.push(Buffer.from("\n\n"));
  assert.deepEqual(
    came.map(({ octets, cut }) => [octets.length, cut]),
    [
      [incomingBounds.reply, true],
      [12, false],
    ],
  );
});

test("of every event of a stream it is told what was seen, of each kind the most", async () => {
  const seen = [[3], [9, 5], [4], ...Array.from({ length: 1_999 }, () => [])];
  const enter = async ({ octets }: Incoming): Promise<Entered> => ({
    octets: octets.length,
    covert: (seen.shift() ?? []).map((bits, nth) => ({ label: `kind ${nth}`, bits })),
    missed: 0,
  });
  const stream = openCollect({ purposes: [] }, enter, () => 0)({ ...facts, mediaType: "text/event-stream" });
  for (let nth = 0; nth < 2_002; nth += 1) stream?.push(Buffer.from("data: a\n\n"));
  assert.deepEqual(await stream?.end(), {
    octets: 2_002 * 9,
    covert: [
      { label: "kind 0", bits: 9 },
      { label: "kind 1", bits: 5 },
    ],
    missed: 0,
  });
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("what is kept of a reply does not grow beyond what is looked at, nor for coming octet by octet, nor with events", async () => {
  const chunk = Buffer.alloc(incomingBounds.reply, "a");
  const inUse = (): number => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  for (const mediaType of ["text/plain", "text/event-stream"]) {
    const enter = async (): Promise<Entered> => ({ octets: 1, covert: [{ label: "kind", bits: 1 }], missed: 0 });
    const reply = openCollect({ purposes: [] }, enter, () => 0)({ ...facts, mediaType });
    const before = inUse();
    for (let at = 0; at < chunk.length; at += 12) {
      reply?.push(mediaType === "text/plain" ? chunk.subarray(at, at + 12) : Buffer.from("\n\n"));
      if (at % 1_200 === 0) await Promise.resolve();
    }
    for (let at = 0; at < 60_000; at += 1) reply?.push(chunk.subarray(at, at + 1));
    await new Promise(setImmediate);
    const grown = inUse() - before;
    assert.ok(grown < 4_000_000, `${mediaType}: ${grown} octets more`);
    assert.ok(reply !== undefined);
  }
});

test("a reply's entry does not wait for an inspector that does not answer", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const collect = openCollect(
    { purposes: [] },
    () => Promise.withResolvers<undefined>().promise,
    () => 0,
  );
  const collecting = collect(facts) ?? assert.fail();
  collecting.push(Buffer.from("one"));
  const ended = collecting.end();
  context.mock.timers.tick(incomingBounds.patience);
  assert.equal((await ended).missed, 1);
});
