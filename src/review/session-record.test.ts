import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { parseSessionId } from "../domain/brand.ts";
import {
  latestFor,
  loadSessionRecords,
  parseSessionRecord,
  type SessionRecord,
  saveSessionRecord,
} from "./session-record.ts";

const state = mkdtempSync(join(tmpdir(), "postern-record-"));
after(() => rmSync(state, { recursive: true }));

const point = {
  tree: "a".repeat(40),
  modes: "b",
  empty: [],
  ignored: [],
  uncaptured: [],
  references: {},
  indexes: {},
  underway: {},
  seconds: 0,
  looked: 0,
};

function record(name: string, workspace: string, started: number): SessionRecord {
  const session = parseSessionId(name) ?? assert.fail(name);
  return { session, workspace, started, before: point, after: undefined, quarantine: join(state, "q") };
}

test("saved, loaded, replaced at the end, the newest of a workspace found", () => {
  const first = record("s-AAAAAAA1", "/w/one", 9);
  const second = record("s-AAAAAAA2", "/w/one", 10);
  for (const each of [second, first, record("s-AAAAAAA3", "/w/two", 99)])
    assert.equal(saveSessionRecord(state, each), undefined);
  assert.equal(latestFor(state, "/w/one")?.session, "s-AAAAAAA2");
  assert.equal(latestFor(state, "/w/none"), undefined);
  assert.equal(saveSessionRecord(state, { ...second, after: point }), undefined);
  assert.deepEqual(loadSessionRecords(state, second.session), [{ ...second, after: point }]);
  const [there, elsewhere] = [record("s-AAAAAAA5", "/w/three", 1), record("s-AAAAAAA5", "/w/four", 1)];
  for (const each of [there, { ...elsewhere, interrupted: true }])
    assert.equal(saveSessionRecord(state, each), undefined);
  const both = loadSessionRecords(state, there.session).toSorted((a, b) => (a.workspace < b.workspace ? -1 : 1));
  assert.deepEqual(both, [{ ...elsewhere, interrupted: true }, there]);
  for (const name of readdirSync(join(state, "sessions")))
    assert.equal(statSync(join(state, "sessions", name)).mode & 0o777, 0o600);
});

test("an unwritable state directory is a fault with a hint", () => {
  writeFileSync(join(state, "file"), "");
  assert.match(saveSessionRecord(join(state, "file"), record("s-AAAAAAA4", "/w", 1))?.hint ?? "", /writable/);
});

test("a broken record is none, and the one before it counts", () => {
  mkdirSync(join(state, "sessions"), { recursive: true });
  const newest = readdirSync(join(state, "sessions")).find((name) => name.includes("AAAAAAA2")) ?? assert.fail();
  writeFileSync(join(state, "sessions", newest), "{");
  assert.equal(latestFor(state, "/w/one")?.session, "s-AAAAAAA1");
});

test("any JSON: a record or undefined, no throw", () => {
  const whole = JSON.stringify({ version: 1, ...record("s-AAAAAAA1", "/w", 1) });
  assert.notEqual(parseSessionRecord(whole), undefined);
  assert.equal(parseSessionRecord(whole.replace("aaaa", "zzzz")), undefined);
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void parseSessionRecord(text)));
});
