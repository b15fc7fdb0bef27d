// The one line at the start: what it says, and that it stays one.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Host, SessionId } from "../domain/brand.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { profiles } from "../policy/profile.ts";
import { bannerOf } from "./banner.ts";

const session = { grade: "full", mode: "enforce", edits: "live", id: "s-7Q4M2K9A" as SessionId } as const;

function grant(text: string, purpose: NetworkGrant["purpose"] = "other"): NetworkGrant {
  const host = text.startsWith("*")
    ? ({ kind: "suffix", suffix: text.slice(1) } as const)
    : ({ kind: "exact", name: text as Host } as const);
  const rest = { methods: undefined, paths: undefined, upstream: undefined, why: undefined };
  return { id: "user", host, ports: [443], protocol: "http", purpose, ...rest };
}

const cases: readonly [readonly NetworkGrant[], string][] = [
  [[], "reaches nothing"],
  [[grant("a.test"), grant("*.b.it"), grant("a.test")], "reaches a.test, *.b.it"],
  [[grant("api.anthropic.com", "inference")], "to api.anthropic.com"],
  [[grant("x.test"), grant("api.openai.com", "inference"), grant("y.test")], "to api.openai.com +2"],
  [[grant("generativelanguage.googleapis.com", "inference")], "reaches 1 host"],
  [[grant("generativelanguage.googleapis.com"), grant("a.test")], "reaches 2 hosts"],
];

test("what is let through, as far as there is room", () => {
  for (const [network, reach] of cases)
    assert.equal(bannerOf(session, { network }), `postern: boundary full, enforce, live edits, ${reach}, s-7Q4M2K9A`);
  const known = [grant("x.test"), grant("api.openai.com", "inference"), grant("api.mistral.ai", "inference")];
  const keyed = bannerOf(session, { network: known }, ["api.mistral.ai" as Host]);
  assert.equal(keyed, "postern: boundary full, enforce, live edits, to api.mistral.ai +2, s-7Q4M2K9A");
  const audit = bannerOf({ ...session, mode: "audit", edits: "staged" }, { network: [grant("a.test")] });
  assert.equal(audit, "postern: boundary full, audit, staged edits, reaches what is public, s-7Q4M2K9A");
  const limited = bannerOf({ ...session, mode: "audit" }, { network: [], widest: [] });
  assert.equal(limited, "postern: boundary full, audit, live edits, reaches what is allowed, s-7Q4M2K9A");
});

test("80 columns at most, whatever is granted, under any grade", () => {
  const known = profiles.flatMap(({ hosts }) => hosts.map(({ host, purpose }) => grant(host, purpose)));
  const any = fc.record({
    widest: fc.constantFrom(undefined, []),
    some: fc.subarray(known),
    others: fc.array(fc.domain().map((name) => grant(name))),
    grade: fc.constantFrom("full" as const, "outer" as const, "partial" as const, "record-only" as const),
    mode: fc.constantFrom("enforce" as const, "audit" as const),
    edits: fc.constantFrom("live" as const, "staged" as const),
  });
  fc.assert(
    fc.property(any, ({ some, others, widest, ...under }) => {
      const line = bannerOf({ ...session, ...under }, { network: [...some, ...others], widest });
      assert.ok(line.length <= 80, line);
      const weakest = `postern: record-only: not a boundary, ${under.mode}, ${under.edits}, `;
      const other = `postern: boundary ${under.grade}, ${under.mode}, ${under.edits} edits, `;
      assert.ok(line.startsWith(under.grade === "record-only" ? weakest : other), line);
      assert.ok(line.endsWith(", s-7Q4M2K9A"));
    }),
  );
});
