import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Entry } from "../domain/entry.ts";
import { Fault } from "../domain/fault.ts";
import { openBook } from "./book.ts";
import { ownThread, sealedBytes } from "./limits.ts";
import { placesIn } from "./places.ts";
import { openRecord } from "./record.ts";
import { sampleDraft, sampleSession, sampleState, writeSample } from "./sample.ts";
import { verify } from "./verify.ts";
import { Writer } from "./writer.ts";

const fault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

void test("appended in order, durable under a head, read back with names and contents", async () => {
  using state = sampleState();
  const session = sampleSession();
  {
    await using book = await openBook({ state: state.path, session });
    assert.deepEqual(await book.append({ kind: "session.start" }), { index: 0 });
    const many = Array.from({ length: 1500 }, (_, at) =>
      book.append({ kind: "request", counts: { "bytes-out": at }, sealed: { at } }),
    );
    const head = await book.head();
    assert.equal(head.size, 1501, "a head asked for later is one over everything before");
    assert.deepEqual(
      (await Promise.all(many)).map(({ index }) => index),
      Array.from({ length: 1500 }, (_, at) => at + 1),
    );
    assert.equal((await verify(state.path, { head: head.checkpoint })).kind, "ok");
    void book.append({ kind: "session.stop" });
  }
  using record = openRecord(state.path);
  assert.equal(record.size(), 1502, "closing waits for what was appended");
  const [first] = record.entries({ to: 1 });
  assert.deepEqual([first?.person, first?.host], ["alice-example", "workstation-7"]);
  assert.deepEqual(first?.sealed, {
    tool: { name: "pi", version: "0.73.1", path: "/opt/pi/bin/pi" },
    workspace: "/home/alice-example/atlas",
    mode: "enforce",
    edits: "live",
    headless: false,
  });
  const [entry] = record.entries({ session: session.id, kind: "request", from: 8, to: 9 });
  assert.deepEqual([entry?.index, entry?.sealed, entry?.leaf.counts], [8, { at: 7 }, { "bytes-out": 7 }]);
  assert.equal([...record.entries({ kind: "session.stop" })].length, 1);
  assert.equal([...record.entries({ session: "s-0000000Z" })].length, 0);
});

void test("what nobody waits for shares a group with what follows, keeps its order, and is durable without company", async () => {
  using state = sampleState();
  await using book = await openBook({ state: state.path, session: sampleSession() });
  await book.append({ kind: "session.start" });
  const soon = book.append({ kind: "reply" }, "soon");
  await Promise.resolve(); // the first has left in a message of its own
  const now = book.append({ kind: "request" });
  assert.deepEqual(await Promise.all([soon, now]), [{ index: 1 }, { index: 2 }]);
  using database = new DatabaseSync(placesIn(state.path).store, { readOnly: true });
  const heads = database.prepare("SELECT size FROM head ORDER BY size").all();
  assert.deepEqual(
    heads.map(({ size }) => size),
    [1, 3],
  );
  assert.deepEqual(await book.append({ kind: "reply" }, "soon"), { index: 3 });
});

void test("a reader sees what is written after it opened, and only then a change", () => {
  using state = sampleState();
  using writer = new Writer(state.path, sampleSession());
  using record = openRecord(state.path);
  assert.deepEqual([record.changed(), record.size(), record.head()], [false, 0, undefined]);
  writer.prepare(sampleDraft());
  assert.equal(writer.commit(), 0);
  assert.deepEqual([record.changed(), record.changed(), record.size()], [true, false, 1]);
});

void test("an entry outside the schema is refused alone", async () => {
  using state = sampleState();
  await using book = await openBook({ state: state.path, session: sampleSession() });
  const loop: { self?: unknown } = {};
  loop.self = loop;
  await assert.rejects(book.append({ kind: "request", rule: "api.example.com" }), fault("schema"));
  await assert.rejects(book.append({ kind: "request", counts: { ["other" as "items"]: 1 } }), fault("schema"));
  await assert.rejects(book.append({ kind: "request", sealed: { loop } }), fault("schema"));
  await assert.rejects(book.append({ kind: "request", sealed: { text: "x".repeat(sealedBytes) } }), fault("too-large"));
  const largest = { text: "x".repeat(sealedBytes - '{"text":""}'.length) };
  assert.deepEqual(await book.append({ kind: "request", sealed: largest }), { index: 0 });
  const full = Array.from({ length: 64 }, () => book.append({ kind: "request", sealed: largest }));
  await assert.rejects(book.append({ kind: "request", sealed: largest }), fault("busy"));
  await Promise.all(full);
});

void test("after closing nothing is taken, and closing twice is closing once", async () => {
  using state = sampleState();
  const book = await openBook({ state: state.path, session: sampleSession() });
  await Promise.all([book[Symbol.asyncDispose](), book[Symbol.asyncDispose]()]);
  await assert.rejects(book.append({ kind: "heartbeat" }), fault("closed"));
  await assert.rejects(book.head(), fault("closed"));
});

void test("an unrecognised command's own name and version are sealed only", async () => {
  using state = sampleState();
  const tool = { ...sampleSession().tool, name: "marker-tool", version: "9.8.7", recognised: false };
  await using book = await openBook({ state: state.path, session: sampleSession("s-00000001", { tool }) });
  await book.append({ kind: "session.start" });
  using record = openRecord(state.path);
  const [entry] = record.entries();
  assert.deepEqual(entry?.leaf.tool, { name: "unrecognised", sha256: tool.sha256 });
  assert.match(JSON.stringify(entry.sealed), /marker-tool.*9\.8\.7/);
});

void test("what is sealed is in no leaf and nowhere in the record's files in clear", async () => {
  using state = sampleState();
  const principal = { name: "marker-person", uid: 1, host: "marker-machine" };
  const tool = { ...sampleSession().tool, recognised: false, name: "marker-tool", path: "/opt/marker-tool" };
  const session = sampleSession("s-00000001", { principal, tool, workspace: "/home/marker-person/marker-project" });
  const texts = fc.sample(
    fc.oneof(fc.domain(), fc.webPath(), fc.emailAddress()).filter((text) => text.length > 7),
    { numRuns: 200, seed: 1 },
  );
  {
    await using book = await openBook({ state: state.path, session });
    await Promise.all(
      texts.map((text) => book.append({ kind: "request", sealed: { host: text, [text]: [text] } } satisfies Entry)),
    );
    await book.append({ kind: "session.start" });
    const { record } = placesIn(state.path); // while it is open: the write-ahead log too
    const bytes = Buffer.concat(readdirSync(record).map((name) => readFileSync(join(record, name))));
    assert.ok(bytes.includes("session.start"));
    for (const text of ["marker", ...texts]) assert.ok(!bytes.includes(text), text);
  }
  using record = openRecord(state.path);
  assert.deepEqual(
    new Set([...record.entries({ kind: "request" })].map(({ sealed }) => Object(sealed).host)),
    new Set(texts),
  );
});

void test("keys destroyed: contents are gone, names stay; names erased: nobody's", () => {
  using state = sampleState();
  writeSample(state.path, [1]);
  using record = openRecord(state.path);
  const read = () => [...record.entries()].map(({ sealed, person, host }) => ({ sealed, person, host }));
  assert.deepEqual(read(), [{ sealed: { host: "api.example.com" }, person: "alice-example", host: "workstation-7" }]);
  unlinkSync(placesIn(state.path).keyring);
  assert.deepEqual(read(), [{ sealed: "destroyed", person: "alice-example", host: "workstation-7" }]);
  unlinkSync(placesIn(state.path).names);
  assert.deepEqual(read(), [{ sealed: "destroyed", person: undefined, host: undefined }]);
});

void test("a key destroyed while a session writes is not used again, nor is its id", () => {
  using state = sampleState();
  using writer = new Writer(state.path, sampleSession());
  const { keyring } = placesIn(state.path);
  for (let each = 0; each < 3; each += 1) {
    writer.prepare(sampleDraft());
    writer.commit();
    if (each < 2) writeFileSync(keyring, readFileSync(keyring, "utf8").replace(/"[A-Za-z0-9+/]{43}="/, "null"));
  }
  using record = openRecord(state.path);
  const entries = [...record.entries()].map(({ sealed, leaf }) => [
    sealed,
    leaf.sealed[0]?.kid.split(".").slice(2).join("."),
  ]);
  assert.deepEqual(entries, [
    ["destroyed", "2026-11"],
    ["destroyed", "2026-11.2"],
    [{ host: "api.example.com" }, "2026-11.3"],
  ]);
});

void test("everything of the state directory is for its owner only", () => {
  using state = sampleState();
  using writer = new Writer(state.path, sampleSession());
  writer.prepare(sampleDraft());
  writer.commit();
  const { record, vault } = placesIn(state.path);
  for (const directory of [record, vault]) {
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    for (const name of readdirSync(directory)) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
  }
});

void test("a record put back to an earlier state is not continued", () => {
  using state = sampleState();
  const { store, lock } = placesIn(state.path);
  writeSample(state.path, [2]);
  copyFileSync(store, `${store}.old`);
  writeSample(state.path, [2]);
  const anchor = readFileSync(lock);
  copyFileSync(`${store}.old`, store);
  assert.throws(() => new Writer(state.path, sampleSession()), fault("damaged"));
  // another history of the same size
  writeFileSync(lock, "");
  writeSample(state.path, [2]);
  writeFileSync(lock, anchor);
  assert.throws(() => new Writer(state.path, sampleSession()), fault("damaged"));
});

void test("a record put back under a running session ends it, and nothing is acknowledged", async () => {
  using state = sampleState();
  const { store } = placesIn(state.path);
  const book = await openBook({ state: state.path, session: sampleSession() });
  await book.append({ kind: "heartbeat" });
  using database = new DatabaseSync(store);
  database.exec("DELETE FROM entry; DELETE FROM head; DELETE FROM frontier; DELETE FROM sealed");
  await assert.rejects(book.append({ kind: "request" }), fault("damaged"));
  await assert.rejects(book.broken, fault("damaged"));
  await assert.rejects(book.append({ kind: "request" }), fault("damaged"));
  await assert.rejects(book.head(), fault("damaged"));
  await book[Symbol.asyncDispose]();
});

const removals: readonly (readonly [string, (record: string) => void])[] = [
  ["moved away", (record) => renameSync(record, `${record}-away`)],
  ["removed", (record) => rmSync(record, { recursive: true })],
  [
    "replaced by a copy",
    (record) => {
      renameSync(record, `${record}-away`);
      cpSync(`${record}-away`, record, { recursive: true });
    },
  ],
];

for (const [how, remove] of removals)
  void test(`a record ${how} under a running session ends it, in either thread, and nothing more is acknowledged`, async () => {
    for (const before of [1, ownThread * 4]) {
      using state = sampleState();
      const { record } = placesIn(state.path);
      const book = await openBook({ state: state.path, session: sampleSession() });
      for (let at = 0; at < before; at += 1) await book.append({ kind: "heartbeat" });
      remove(record);
      await assert.rejects(book.append({ kind: "request" }), fault("unwritable"));
      await assert.rejects(book.broken, fault("unwritable"));
      await book[Symbol.asyncDispose]();
      if (how === "removed") continue;
      rmSync(record, { recursive: true, force: true });
      renameSync(`${record}-away`, record);
      const found = await verify(state.path);
      assert.ok(found.kind === "ok" && found.size === before);
    }
  });

const spoilings: readonly (readonly [string, (state: string) => void])[] = [
  ["its key is gone", (state) => unlinkSync(placesIn(state).signer)],
  [
    "its key is another",
    (state) =>
      writeFileSync(
        placesIn(state).signer,
        readFileSync(placesIn(state).signer, "utf8").replace(/.{9}\n$/, "AAAAAAAA=\n"),
      ),
  ],
  ["its verifier key is another", (state) => writeFileSync(placesIn(state).verifier, "x\n")],
  ["its key table is unreadable", (state) => writeFileSync(placesIn(state).keyring, "{")],
  ["its name table is unreadable", (state) => writeFileSync(placesIn(state).names, '{"version":1,"rows":{"u-1":7}}')],
  ["its frontier is another", (state) => change(state, "UPDATE frontier SET nodes = zeroblob(32)")],
  [
    "its last head is unsigned",
    (state) => change(state, "UPDATE head SET note = substr(note, 1, 80) || 'AAAA' || substr(note, 85)"),
  ],
  ["its last entry is gone", (state) => change(state, "DELETE FROM entry")],
  ["it is a later version's", (state) => change(state, "PRAGMA user_version = 9")],
];

function change(state: string, sql: string): void {
  using database = new DatabaseSync(placesIn(state).store);
  database.exec(sql);
}

for (const [name, spoil] of spoilings)
  void test(`a record is not continued when ${name}`, async () => {
    using state = sampleState();
    writeSample(state.path, [1]);
    spoil(state.path);
    await assert.rejects(async () => {
      const book = await openBook({ state: state.path, session: sampleSession() });
      await book.append({ kind: "request", sealed: {} });
    }, fault("damaged"));
  });

void test("a state directory that cannot be one is a fault before anything is written", async () => {
  using state = sampleState();
  mkdirSync(join(state.path, "record"));
  writeFileSync(join(state.path, "vault"), "a file");
  await assert.rejects(openBook({ state: state.path, session: sampleSession() }), fault("unwritable"));
  rmSync(join(state.path, "vault"));
  chmodSync(state.path, 0o700);
  await using book = await openBook({ state: state.path, session: sampleSession() });
  assert.deepEqual(await book.append({ kind: "heartbeat" }), { index: 0 });
});

/** Of this process, as the kernel names them. */
const threads = (): string[] =>
  readdirSync("/proc/self/task").map((id) => readFileSync(`/proc/self/task/${id}/comm`, "utf8").trim());

void test("few entries start no thread; more do, and each is written once, in order", async () => {
  using state = sampleState();
  const book = await openBook({ state: state.path, session: sampleSession() });
  const append = (count: number) =>
    Promise.all(Array.from({ length: count }, () => book.append({ kind: "request", sealed: {} })));
  await append(ownThread);
  assert.ok(!threads().includes("book"));
  const indexes = (await append(1)).map(({ index }) => index);
  // while it starts, and after it took over
  for (let round = 0; indexes.length < 500; round += 1) {
    indexes.push(...(await append(1)).map(({ index }) => index));
    if (round % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(threads().includes("book"));
  assert.deepEqual(
    indexes,
    Array.from({ length: 500 }, (_, at) => ownThread + at),
  );
  assert.equal(book.entries(), ownThread + 500);
  await book[Symbol.asyncDispose]();
  assert.equal((await verify(state.path)).kind, "ok");
});

void test("closed while its thread still starts, it has written everything and leaves no thread", async () => {
  using state = sampleState();
  const book = await openBook({ state: state.path, session: sampleSession() });
  const all = Array.from({ length: 40 }, () => book.append({ kind: "request" }));
  await book[Symbol.asyncDispose]();
  assert.equal((await Promise.all(all)).length, 40);
  assert.ok(!threads().includes("book"));
  using record = openRecord(state.path);
  assert.equal(record.size(), 40);
});
