// What a grant says of a push, in both modes; everything that is no push is left alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import type { Disclosure } from "../domain/disclosure.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { judgeFor, type Rules } from "./judge.ts";

const host = parseHost("git.example") ?? assert.fail();
const [a, b] = ["a".repeat(40), "b".repeat(40)];
const real = {
  kind: "push",
  repository: "/team/one",
  push: { updates: [{ old: a, new: b, ref: "refs/heads/main" }], options: [] },
} as const;
const probe = { ...real, push: { updates: [], options: [] } };
const unreadable = { kind: "unreadable", reason: "it is odd" } as const;

function decide(
  mode: Rules["mode"],
  push: NetworkGrant["push"],
  read: Disclosure["push"],
  path = "/team/one/git-receive-pack",
) {
  const grant: NetworkGrant = {
    id: "user:network.allow[0]",
    host: { kind: "exact", name: host },
    ports: [443],
    protocol: "http",
    methods: undefined,
    paths: ["/team/**"],
    upstream: undefined,
    push,
    purpose: "other",
    why: undefined,
  };
  const judge = judgeFor({ mode, network: [grant], credentials: [], logins: [], purposes: [] });
  const destination = { scheme: "https", host, port: 443 } as const;
  return judge.decide({ destination, method: "POST", path, findings: [], unreadable: undefined, push: read });
}

test("enforce: allowed, asked or refused, as the grant says", () => {
  const kinds = (push: NetworkGrant["push"]) =>
    [real, probe, unreadable, undefined].map((read) => decide("enforce", push, read).kind);
  assert.deepEqual(kinds(undefined), ["allow", "allow", "allow", "allow"]);
  assert.deepEqual(kinds("allow"), ["allow", "allow", "allow", "allow"]);
  assert.deepEqual(kinds("ask"), ["ask", "allow", "refuse", "allow"]);
  assert.deepEqual(kinds("refuse"), ["refuse", "refuse", "refuse", "allow"]);
  assert.equal(decide("enforce", "ask", real, "/other/git-receive-pack").kind, "refuse", "no grant covers it");
  assert.equal(decide("enforce", "refuse", real).rule, "user:network.allow[0]");
});

test("audit: it passes, and the record says what enforce would do", () => {
  for (const push of ["ask", "refuse"] as const) {
    const { kind, rule, reason, grant } = decide("audit", push, real);
    assert.deepEqual([kind, rule, grant?.id], ["allow", "audit", "user:network.allow[0]"]);
    assert.match(reason, /enforce/);
  }
  assert.equal(decide("audit", "ask", unreadable).rule, "audit");
});
