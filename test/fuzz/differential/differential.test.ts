// The hand-made cases and a bounded number of composed ones through us and through the runtime's server, strict and lenient, and
// through a proxy by the book; what leaves us through all of them again. nginx is asked by `npm run conformance fuzz`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openChance } from "../../journeys/chance.ts";
import { latin1 } from "../target.ts";
import { cases } from "./cases.ts";
import { explain, isFaithful, isSamePath } from "./compare.ts";
import { composed } from "./composed.ts";
import { neighbours, openComparison } from "./differential.ts";
import { openNodeReader, openProxyReader } from "./reading.ts";
import { clients } from "./reply-readers.ts";

const seed = 20_261_127;
const readers = [openNodeReader(false), openNodeReader(true), openProxyReader()];

function* first<Item>(count: number, items: Iterable<Item>): Generator<Item> {
  let left = count;
  for (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}

void test(`no disagreement that nobody has explained: ${cases.length} cases, and others from seed ${seed}`, async () => {
  await using comparison = await openComparison(readers);
  const chance = openChance(seed);
  for (const one of cases) await comparison.compare(one);
  for (const one of first(400, composed(chance))) await comparison.compare(one);
  for (const one of first(200, neighbours(cases, chance))) await comparison.compare(one);
  const { unexplained, told } = comparison.result();
  assert.deepEqual(unexplained, []);
  for (const { name } of readers) {
    // or nothing was compared
    assert.ok((told[`${name}, behind us`]?.["alike"] ?? 0) > 100, name);
    assert.ok((told[`${name}, before us`]?.["alike"] ?? 0) > 200, name);
  }
});

const seen = (target: string, more: object = {}) => ({ method: "GET", target, host: "a.example", size: 0, ...more });

/** Nothing in it: what is told of it counts. */
const bytes = "";

void test("a disagreement is one: another boundary, host, path or body, and one request more", () => {
  const ours = [seen("/a"), seen("/b")];
  assert.equal(explain({ ours, theirs: [...ours], refused: [], closed: false, bytes }), "alike");
  for (const theirs of [
    [seen("/a"), seen("/c")],
    [seen("/a"), seen("/b", { host: "b.example" })],
    [seen("/a"), seen("/b", { size: 1 })],
    [seen("/a"), seen("/b", { method: "POST" })],
    [seen("/b")],
  ]) {
    assert.equal(explain({ ours, theirs, refused: ["gateway:framing"], closed: false, bytes }), undefined);
    assert.equal(isFaithful(ours, theirs), undefined);
  }
  const more = [...ours, seen("/c")];
  assert.equal(explain({ ours, theirs: more, refused: ["gateway:framing"], closed: false, bytes }), "we are stricter");
  const [unreadable, before] = [["built-in:unreadable"], [seen("/z"), ...ours]];
  assert.equal(explain({ ours, theirs: before, refused: unreadable, closed: false, bytes }), "we refuse one");
  assert.equal(
    explain({ ours, theirs: [seen("/y"), ...before], refused: unreadable, closed: false, bytes }),
    undefined,
  );
  assert.equal(explain({ ours, theirs: before.toReversed(), refused: unreadable, closed: false, bytes }), undefined);
  assert.equal(explain({ ours, theirs: before, refused: ["gateway:framing"], closed: false, bytes }), undefined);
  assert.equal(explain({ ours, theirs: more, refused: [], closed: true, bytes }), "we close");
  assert.equal(explain({ ours, theirs: more, refused: [], closed: false, bytes }), undefined);
  assert.equal(isFaithful(ours, more), undefined);
  assert.equal(isFaithful(ours, ours.slice(0, 1)), undefined);
  assert.equal(
    isFaithful(ours, ours.slice(0, 1), ({ target }) => target === "/b"),
    "they refuse",
  );
  assert.equal(
    explain({ ours, theirs: [seen("http://A.example:80/a"), seen("/b")], refused: [], closed: false, bytes }),
    "alike",
  );
  assert.ok(isSamePath(seen("/%61?b"), "/a") && isSamePath(seen("/a/../b"), "/b") && !isSamePath(seen("/a"), "/b"));
});

void test("HTTP/0.9 is one line that nothing ends, and no other", () => {
  const theirs = [seen("/a", { host: "" })];
  const old = (text: string, more: readonly object[] = theirs) =>
    explain({ ours: [], theirs: more as typeof theirs, refused: [], closed: false, bytes: text });
  assert.equal(old("GET /a\r\n1.1"), "they read HTTP/0.9");
  assert.equal(old("GET /a\n"), "they read HTTP/0.9");
  for (const text of ["GET /a\r\n\r\n", "GET /a\r\nx\n\n", "GET /a HTTP/1.1\r\n", "GET /b\r\n", "GET /a"])
    assert.equal(old(text), undefined, JSON.stringify(text));
  assert.equal(old("GET /a\r\n", [seen("/a")]), undefined);
  const whole = [seen("/aHTTP/1.1", { host: "b.example" })];
  assert.equal(old("GET http://b.example/aHTTP/1.1\r\nHost: b.example\r", whole), "they read HTTP/0.9");
  assert.equal(old("GET http://b.example/aHTTP/1.1\r\nHost: b.example\r\n\r\n", whole), undefined);
  assert.equal(old("GET http://c.example/aHTTP/1.1\r\nHost: b.example\r", whole), undefined);
  assert.equal(old("GET /a\r\n", [seen("/a", { host: "", method: "POST" })]), undefined);
  assert.equal(old("GET /a\r\n", [...theirs, ...theirs]), undefined);
});

void test("what waits for its deadline is one request in chunks, behind an offer of another protocol", () => {
  const offer = "POST /a HTTP/1.1\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\nxyz";
  const told = (bytes: string, refused: readonly string[] = [], count = 1) =>
    explain({ ours: [], theirs: Array.from({ length: count }, () => seen("/a")), refused, closed: false, bytes });
  assert.equal(told(offer), "we wait");
  assert.equal(told(offer.replace("Upgrade", "X")), undefined);
  assert.equal(told(offer.replace("chunked", "x")), undefined);
  assert.equal(told(offer, [], 2), undefined);
  assert.notEqual(told(offer, ["gateway:framing"]), "we wait");
});

void test("every reader reads", async () => {
  const request = latin1(
    "POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.1\r\nHost: b\r\n\r\n",
  );
  for (const reader of readers) {
    const { requests } = await reader.read(request);
    assert.deepEqual(
      requests.map(({ target, host, body }) => [target, host, body]),
      [
        ["/a", "a.example", "hi"],
        ["/b", "b", ""],
      ],
      reader.name,
    );
  }
  const folded = latin1("GET /a HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n");
  const read = await Promise.all(readers.map((reader) => reader.read(folded)));
  assert.deepEqual(
    read.map(({ requests }) => requests.length),
    [0, 1, 0],
  );
  for (const [name, ask] of Object.entries(clients)) {
    const reply = { status: 200, headers: ["Content-Length", "2"], body: "hi" };
    assert.deepEqual(await ask(latin1("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "GET"), reply, name);
    assert.equal(await ask(latin1("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi"), "GET"), undefined, name);
  }
});
