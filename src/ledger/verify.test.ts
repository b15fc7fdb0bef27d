import assert from "node:assert/strict";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { signerFrom } from "./note.ts";
import { placesIn } from "./places.ts";
import { sampleSession, sampleState, writeSample } from "./sample.ts";
import {
  attack,
  cutTo,
  type Expected,
  expectFlaw,
  headOf,
  resign,
  rewrite,
  signerOf,
  sql,
  type Tamper,
} from "./tampering.ts";
import { type VerifyOptions, verify } from "./verify.ts";
import { Writer } from "./writer.ts";

const state = sampleState();
const single = join(state.path, "single"); // twelve entries, a head after each
const grouped = join(state.path, "grouped"); // twelve entries, heads after 3, 9 and 12
let older = ""; // the head of `single` after seven

before(() => {
  writeSample(
    single,
    Array.from({ length: 7 }, () => 1),
  );
  older = headOf(single);
  writeSample(
    single,
    Array.from({ length: 5 }, () => 1),
    sampleSession("s-00000002"),
  );
  writeSample(grouped, [3, 6, 3]);
});
after(() => state[Symbol.dispose]());

void describe("a record nobody touched", () => {
  void test("holds, and says what it holds", async () => {
    const result = await attack(single, () => undefined, { head: older, contents: true });
    assert.ok(result.kind === "ok");
    const { size, heads, sealed, continues } = result;
    assert.deepEqual(
      { size, heads, sealed, continues },
      { size: 12, heads: 12, sealed: { open: 12, closed: 0, gone: 0 }, continues: 7 },
    );
    assert.deepEqual(result.sessions.get("s-00000002"), { entries: 5, first: 7, last: 11 });
    assert.equal(parseCheckpoint(headOf(single))?.root.toString("base64"), result.root);
    assert.equal((await attack(grouped, () => undefined, { session: "s-00000001" })).kind, "ok");
  });

  void test("holds after keys were destroyed, with and without the ciphertexts", async () => {
    const shred = (_: DatabaseSync, at: string): void => unlinkSync(placesIn(at).keyring);
    const closed = await attack(single, shred);
    assert.deepEqual(closed.kind === "ok" && closed.sealed, { open: 0, closed: 12, gone: 0 });
    const gone = await attack(single, (database, at) => {
      shred(database, at);
      database.exec("UPDATE sealed SET body = NULL");
    });
    assert.deepEqual(gone.kind === "ok" && gone.sealed, { open: 0, closed: 0, gone: 12 });
  });

  void test("holds while it is being written", async () => {
    using writer = new Writer(single, sampleSession("s-00000003"));
    assert.equal((await verify(single)).kind, "ok");
    assert.equal(writer.head().size, 12);
  });

  void test("is absent where there is none", async () => {
    await assert.rejects(
      verify(join(state.path, "nowhere")),
      (error) => error instanceof Fault && error.code === "absent",
    );
  });
});

void describe("entries", () => {
  void test("a byte flipped in the file itself", () =>
    expectFlaw(
      single,
      (database, at) => {
        const hash = database.prepare("SELECT hash FROM entry WHERE position = 5").get()?.["hash"];
        assert.ok(hash instanceof Uint8Array);
        database.close();
        const file = readFileSync(placesIn(at).store);
        const place = file.indexOf(hash);
        assert.ok(place > 0);
        file.writeUInt8(file.readUInt8(place - 100) ^ 1, place - 100); // within the leaf that stands before it
        writeFileSync(placesIn(at).store, file);
      },
      { what: "changed", index: 5 },
    ));

  const rows: readonly (readonly [string, string, Tamper, Expected])[] = [
    [
      "a byte flipped",
      single,
      sql("UPDATE entry SET leaf = CAST(replace(leaf, 'allow', 'allox') AS BLOB) WHERE position = 5"),
      { what: "changed", index: 5 },
    ],
    [
      "a stored hash flipped",
      single,
      sql("UPDATE entry SET hash = zeroblob(32) WHERE position = 5"),
      { what: "changed", index: 5 },
    ],
    ["changed, stored hash too", single, (database) => rewrite(database, 5), { what: "history", index: 5 }],
    [
      "changed, stored hash too, in a group",
      grouped,
      (database) => rewrite(database, 5),
      { what: "history", index: 3, end: 9 },
    ],
    ["deleted", single, sql("DELETE FROM entry WHERE position = 5"), { what: "missing", index: 5 }],
    ["two deleted", single, sql("DELETE FROM entry WHERE position IN (5, 6)"), { what: "missing", index: 5, end: 7 }],
    ["all deleted", single, sql("DELETE FROM entry"), { what: "missing", index: 0, end: 1 }],
    [
      "deleted, the rest moved up",
      single,
      sql(
        "DELETE FROM entry WHERE position = 5",
        "UPDATE entry SET position = position - 1 WHERE position > 5",
        "DELETE FROM sealed WHERE place = 1280",
        "UPDATE sealed SET place = place - 256 WHERE place > 1280",
      ),
      { what: "previous", index: 5 },
    ],
    [
      "inserted, the rest moved down",
      single,
      sql(
        "UPDATE entry SET position = -position - 1 WHERE position >= 5",
        "UPDATE entry SET position = -position WHERE position < 0",
        "INSERT INTO entry SELECT 5, leaf, hash, session, kind FROM entry WHERE position = 2",
        "UPDATE sealed SET place = -place - 256 WHERE place >= 1280",
        "UPDATE sealed SET place = -place WHERE place < 0",
        "INSERT INTO sealed SELECT 1280, kid, key, body FROM sealed WHERE place = 512",
      ),
      { what: "history", index: 5 },
    ],
    [
      "inserted before the first",
      single,
      sql("INSERT INTO entry SELECT -1, leaf, hash, session, kind FROM entry WHERE position = 0"),
      { what: "inserted", index: 0 },
    ],
    [
      "two reordered",
      single,
      sql(
        "UPDATE entry SET position = CASE position WHEN 3 THEN -4 ELSE -3 END WHERE position IN (3, 4)",
        "UPDATE entry SET position = -position WHERE position < 0",
        "UPDATE sealed SET place = CASE place WHEN 768 THEN -1024 ELSE -768 END WHERE place IN (768, 1024)",
        "UPDATE sealed SET place = -place WHERE place < 0",
      ),
      { what: "previous", index: 3 },
    ],
    ["the last ones deleted", single, sql("DELETE FROM entry WHERE position >= 10"), { what: "missing", index: 10 }],
    [
      "one appended under no head",
      single,
      sql(
        "INSERT INTO entry SELECT 12, leaf, hash, session, kind FROM entry WHERE position = 11",
        "INSERT INTO sealed SELECT 3072, kid, key, body FROM sealed WHERE place = 2816",
      ),
      { what: "unsigned", index: 12 },
    ],
    [
      "filed under another session",
      single,
      sql("UPDATE entry SET session = 's-00000009' WHERE position = 5"),
      { what: "misfiled", index: 5 },
    ],
    [
      "filed under another kind",
      single,
      sql("UPDATE entry SET kind = 'name' WHERE position = 5"),
      { what: "misfiled", index: 5 },
    ],
    ["the frontier changed", single, sql("UPDATE frontier SET nodes = zeroblob(64)"), { what: "frontier" }],
  ];
  for (const [name, original, tamper, expected] of rows) void test(name, () => expectFlaw(original, tamper, expected));

  void test("a leaf of another form, by whoever holds the key", () =>
    expectFlaw(
      single,
      (database, at) => {
        rewrite(database, 5, '"mono":', '"path":"/etc/passwd","mono":');
        resign(database, at);
      },
      { what: "malformed", index: 5 },
    ));
});

void describe("heads", () => {
  const rows: readonly (readonly [string, Tamper, Expected])[] = [
    [
      "signature stripped",
      sql("UPDATE head SET note = substr(note, 1, instr(note, char(10, 10))) WHERE size = 5"),
      { what: "head" },
    ],
    [
      "signature of another key instead",
      sql("UPDATE head SET note = replace(note, '— postern', '— nretsop') WHERE size = 5"),
      { what: "signature" },
    ],
    [
      "root changed",
      sql("UPDATE head SET note = (SELECT note FROM head WHERE size = 4) WHERE size = 5"),
      { what: "head" },
    ],
    [
      "size changed",
      sql(
        "UPDATE head SET note = replace(note, char(10) || '5' || char(10), char(10) || '6' || char(10)) WHERE size = 5",
      ),
      { what: "head" },
    ],
    ["taken away", sql("DELETE FROM head WHERE size = 5"), { what: "previous", index: 5 }],
    ["the last one taken away", sql("DELETE FROM head WHERE size = 12"), { what: "unsigned", index: 11 }],
    ["one too many", sql("INSERT INTO head SELECT 13, note FROM head WHERE size = 12"), { what: "missing", index: 12 }],
    ["one over nothing", sql("INSERT INTO head SELECT -1, note FROM head WHERE size = 12"), { what: "head" }],
  ];
  for (const [name, tamper, expected] of rows) void test(name, () => expectFlaw(single, tamper, expected));

  void test("another root under the old signature", () =>
    expectFlaw(
      single,
      (database) => {
        const [four, five] = [4, 5].map((size) =>
          String(database.prepare("SELECT note FROM head WHERE size = ?").get(size)?.["note"]),
        );
        const root = (note = ""): string => note.split("\n")[2] ?? "";
        database.prepare("UPDATE head SET note = ? WHERE size = 5").run(String(five).replace(root(five), root(four)));
      },
      { what: "head" },
    ));

  void test("a bit of a signature flipped", () =>
    expectFlaw(
      single,
      (database) => {
        const note = String(database.prepare("SELECT note FROM head WHERE size = 5").get()?.["note"]);
        const [line = ""] = /\S+\n$/.exec(note) ?? [];
        const bytes = Buffer.from(line, "base64");
        bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30);
        database
          .prepare("UPDATE head SET note = ? WHERE size = 5")
          .run(note.replace(line, `${bytes.toString("base64")}\n`));
      },
      { what: "signature" },
    ));

  void test("the verifier key swapped or gone", async () => {
    const swap =
      (text: string): Tamper =>
      (_, at) =>
        writeFileSync(placesIn(at).verifier, text);
    await expectFlaw(single, (_, at) => swap(signerFrom(signerOf(at).name, Buffer.alloc(32, 1)).text)(_, at), {
      what: "signature",
    });
    await expectFlaw(single, swap("x"), { what: "key" });
    await expectFlaw(single, (_, at) => unlinkSync(placesIn(at).verifier), { what: "key" });
  });
});

void describe("what is sealed", () => {
  const rows: readonly (readonly [string, Tamper, Expected, VerifyOptions?])[] = [
    [
      "ciphertext changed",
      sql("UPDATE sealed SET body = CAST(body || 'x' AS BLOB) WHERE place = 1280"),
      { what: "sealed", index: 5 },
    ],
    [
      "ciphertext gone, key here",
      sql("UPDATE sealed SET body = NULL WHERE place = 1280"),
      { what: "sealed", index: 5 },
    ],
    ["row gone", sql("DELETE FROM sealed WHERE place = 1280"), { what: "sealed", index: 5 }],
    [
      "a row more",
      sql("INSERT INTO sealed SELECT 1281, kid, key, body FROM sealed WHERE place = 1280"),
      { what: "sealed", index: 5 },
    ],
    [
      "a row beyond the end",
      sql("INSERT INTO sealed SELECT 12800, kid, key, body FROM sealed WHERE place = 1280"),
      { what: "sealed", index: 50 },
    ],
    [
      "key id changed",
      sql("UPDATE sealed SET kid = 'bodies.p-0000000000000000.2026-11' WHERE place = 1280"),
      { what: "sealed", index: 5 },
    ],
    [
      "wrapped key changed",
      sql("UPDATE sealed SET key = zeroblob(60) WHERE place = 1280"),
      { what: "sealed", index: 5 },
      { contents: true },
    ],
  ];
  for (const [name, tamper, expected, options] of rows)
    void test(name, () => expectFlaw(single, tamper, expected, options));
});

void describe("against what was kept elsewhere", () => {
  void test("the end cut off, heads and all: by this host's own anchor, and by an older head", async () => {
    await expectFlaw(single, (database) => cutTo(database, 5), { what: "rollback", index: 5, end: 12 });
    const cut: Tamper = (database, at) => {
      cutTo(database, 5);
      writeFileSync(placesIn(at).lock, "");
    };
    await expectFlaw(single, cut, { what: "rollback", index: 5, end: 7 }, { head: older });
    assert.equal((await attack(single, cut)).kind, "ok", "without anything kept elsewhere this cannot be seen");
  });

  void test("rewritten and signed again with the stolen key", async () => {
    const fork: Tamper = (database, at) => {
      rewrite(database, 3);
      resign(database, at);
    };
    await expectFlaw(single, fork, { what: "fork", index: 0, end: 7 }, { head: older });
    assert.equal((await attack(single, fork)).kind, "ok", "without anything kept elsewhere this cannot be seen");
  });

  void test("rewritten and signed again, the anchor forgotten", () =>
    expectFlaw(
      single,
      (database, at) => {
        const anchor = readFileSync(placesIn(at).lock);
        rewrite(database, 3);
        resign(database, at);
        writeFileSync(placesIn(at).lock, anchor);
      },
      { what: "fork", index: 0, end: 12 },
    ));

  void test("another key under the same name, everything signed with it", () =>
    expectFlaw(
      single,
      (database, at) => {
        const signer = signerFrom(signerOf(at).name, Buffer.alloc(32, 1));
        resign(database, at, signer);
        writeFileSync(placesIn(at).verifier, `${signer.text}\n`);
      },
      { what: "key" },
      { head: older },
    ));

  void test("another log's head, or no head", async () => {
    const nothing: Tamper = () => undefined;
    await expectFlaw(single, nothing, { what: "origin" }, { head: headOf(grouped) });
    await expectFlaw(single, nothing, { what: "origin" }, { head: "not a head\n" });
    await expectFlaw(single, nothing, { what: "key" }, { head: older.replace("\n7\n", "\n6\n") });
  });

  void test("a session that never was", () =>
    expectFlaw(single, () => undefined, { what: "session" }, { session: "s-0000000Z" }));
});

void test("any byte of the file flipped: found, or without effect on what is read", async () => {
  const file = readFileSync(placesIn(grouped).store);
  const whole = await verify(grouped, { contents: true });
  for (let at = 0; at < file.length; at += 997) {
    const result = await attack(
      grouped,
      (database, copy) => {
        database.close();
        const flipped = Buffer.from(file);
        flipped.writeUInt8(flipped.readUInt8(at) ^ 0x55, at);
        writeFileSync(placesIn(copy).store, flipped);
      },
      { contents: true },
    );
    if (result.kind === "ok") assert.deepEqual(result, whole, `byte ${at}`);
  }
});

void test("a store of another program or version is refused", async () => {
  await expectFlaw(single, sql("PRAGMA application_id = 7"), { what: "store" });
  await expectFlaw(single, sql("PRAGMA user_version = 2"), { what: "store" });
  await expectFlaw(single, (_, at) => writeFileSync(placesIn(at).store, "x".repeat(5000)), { what: "store" });
});
