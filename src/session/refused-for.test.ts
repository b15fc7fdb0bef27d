// The summary's list of what was refused, by purpose.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Append, Entry } from "../domain/entry.ts";
import { openRefusedFor } from "./refused-for.ts";

function entered(entries: readonly Entry[]) {
  const passed: Entry[] = [];
  const append: Append = (entry) => {
    passed.push(entry);
    return new Promise(() => undefined);
  };
  const refused = openRefusedFor(append);
  for (const entry of entries) void refused.append(entry, "now");
  assert.deepEqual(passed, entries);
  return refused.told();
}

const refusal = (purpose: "telemetry" | "flags" | undefined, host: string): Entry => ({
  kind: "refusal",
  verdict: "refuse",
  rule: "default",
  ...(purpose === undefined ? {} : { purpose }),
  sealed: { host },
});

test("each host once under each of its purposes, in the order they came", () => {
  const a = [refusal("telemetry", "a.test"), refusal("flags", "b.test"), refusal("telemetry", "a.test")];
  assert.deepEqual(entered([...a, refusal("flags", "a.test"), refusal(undefined, "c.test")]), [
    { purpose: "telemetry", hosts: ["a.test"] },
    { purpose: "flags", hosts: ["b.test", "a.test"] },
  ]);
});

test("what was let go is not among them, and the list is bounded", () => {
  const request: Entry = {
    kind: "request",
    verdict: "allow",
    rule: "r",
    purpose: "inference",
    sealed: { host: "a.test" },
  };
  assert.deepEqual(entered([request]), []);
  const many = Array.from({ length: 500 }, (_, at) => refusal("flags", `${at}.test`));
  assert.equal(entered(many)[0]?.hosts.length, 200);
});
