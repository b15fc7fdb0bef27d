import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Entry, entryKinds } from "../domain/entry.ts";
import { objectionTo } from "./vocabulary.ts";

void test("entries within the vocabulary pass", () => {
  for (const kind of entryKinds) assert.equal(objectionTo({ kind }), undefined);
  const entry: Entry = {
    kind: "request",
    verdict: "redact",
    rule: "secrets-never-leave",
    purpose: "inference",
    counts: { "bytes-out": 1, "findings-secret": 0, "bytes-out.restricted": 2 },
    sealed: { anything: ["at", { all: null }] },
  };
  assert.equal(objectionTo(entry), undefined);
});

void test("anything outside it is refused, and the reason never quotes it", () => {
  const bad: object[] = [
    { kind: "request", verdict: "maybe-marker" },
    { kind: "marker" },
    { kind: "request", rule: "/marker" },
    { kind: "request", purpose: "marker" },
    { kind: "request", counts: { marker: 1 } },
    { kind: "request", counts: { "bytes-out.marker": 1 } },
    { kind: "request", counts: { "bytes-out": 1.5 } },
    { kind: "request", counts: { "bytes-out": -1 } },
    { kind: "request", counts: { "bytes-out": Number.NaN } },
    { kind: "request", counts: { "bytes-out": 2 ** 53 } },
    { kind: "request", marker: "marker" },
    { kind: "request", counts: JSON.parse('{"__proto__":1}') },
  ];
  for (const entry of bad)
    assert.doesNotMatch(objectionTo(entry as Entry) ?? "marker", /marker/, JSON.stringify(entry));
});

void test("no text outside the vocabulary gets by as kind, verdict, purpose or count", () => {
  const host = fc.oneof(fc.domain(), fc.webUrl(), fc.stringMatching(/^[a-z]{4,12}\d$/), fc.string());
  fc.assert(
    fc.property(host, (text) => {
      for (const key of ["kind", "verdict", "purpose"]) assert.ok(objectionTo({ kind: "request", [key]: `${text}!` }));
      assert.ok(objectionTo({ kind: "request", counts: { [`${text}!`]: 1 } }));
    }),
  );
});
