import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordedEntry } from "../ledger/record.ts";
import { absent, coveredBy, judge, type Told, type Tried } from "./row.ts";

const attempt: Tried = {
  area: "files",
  id: "read:home",
  rule: "default files.read",
  tried: "read a file",
  landed: undefined,
  stopped: absent,
};
const place = { file: "/policy.yaml", line: 4, column: 7 };

function told(answer?: string, entries: readonly RecordedEntry[] = []): Told {
  return {
    report: answer === undefined ? {} : { "read:home": answer },
    entries,
    missing: [],
    policy: { origins: { "user:files.read[0]": place } },
  };
}

function recordedAt(index: number): RecordedEntry {
  return { index, sealed: undefined, person: undefined, host: undefined } as RecordedEntry;
}

test("tried and stopped: held, by the kernel's answer", () => {
  const { outcome, by, rule } = judge(told("ENOENT"), attempt);
  assert.deepEqual([outcome, by, rule], ["held", "not there (ENOENT)", "default files.read"]);
});

test("what was never tried, or answered as nothing in earnest is, does not hold", () => {
  assert.equal(judge(told(), attempt).outcome, "broken");
  for (const odd of ["ok", "EINVAL", "Cannot access 'numbers' before initialization"])
    assert.match(judge(told(odd), attempt).by, /^cannot be judged: it was answered /);
  assert.equal(judge(told("ok"), attempt).outcome, "broken");
});

test("what landed counts before any answer; a rule that lets it is named with its place", () => {
  const landed = { ...attempt, landed: "it was read" };
  assert.deepEqual(judge(told("ENOENT"), landed).outcome, "broken");
  const open = judge(told(), { ...landed, let: "user:files.read[0]" });
  assert.deepEqual([open.outcome, open.rule, open.place], ["open", "user:files.read[0]", place]);
});

test("a rule that would let it through says nothing where it did not come through", () => {
  assert.equal(judge(told("ENOENT"), { ...attempt, let: "user:files.read[0]" }).outcome, "held");
});

test("what must be on the record is, or it does not hold", () => {
  const recorded = (): boolean => true;
  const silent = judge(told("ENOENT"), { ...attempt, recorded });
  assert.deepEqual([silent.outcome, silent.by], ["broken", "left no entry (not there (ENOENT))"]);
  const entry = recordedAt(12);
  const { outcome, entry: index } = judge(told("ENOENT", [entry]), { ...attempt, recorded });
  assert.deepEqual([outcome, index], ["held", 12]);
  assert.equal(judge(told("ENOENT", [entry]), { ...attempt, recorded: () => false }).outcome, "broken");
});

test("the narrowest grant that covers a path is the one that is named", () => {
  const rules = { "read:/home/me": "wide", "read:/home/me/notes": "narrow", "write:/work": "work" };
  const files = { read: ["/home/me", "/home/me/notes"], write: ["/work"], hide: [], mask: [], toolchains: [], rules };
  const policy = { files };
  assert.equal(coveredBy(policy, "/home/me/notes/a", ["read", "write"]), "narrow");
  assert.equal(coveredBy(policy, "/home/me/other", ["read", "write"]), "wide");
  assert.equal(coveredBy(policy, "/work/a", ["read"]), undefined);
  assert.equal(coveredBy(policy, "/home/meanwhile", ["read", "write"]), undefined);
});
