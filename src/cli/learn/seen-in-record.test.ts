// Entries as the gateway writes them → what was seen. The reasons are those the judge gives today: were their words to change,
// what audit let pass for want of a grant alone would be told from the rest no longer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeFor, wantsGrant, wantsWord } from "../../decision/judge.ts";
import { judgeSsh } from "../../decision/ssh.ts";
import { type Host, parseHost } from "../../domain/brand.ts";
import type { Finding } from "../../domain/finding.ts";
import type { NetworkGrant } from "../../domain/reach.ts";
import type { Leaf } from "../../ledger/leaf.ts";
import type { RecordedEntry } from "../../ledger/record.ts";
import { type Surroundings, seenIn } from "./seen-in-record.ts";

const nothing: Surroundings = {
  sent: new Map(),
  special: new Set(),
  upstream: () => undefined,
  own: () => undefined,
  registry: () => undefined,
};

function entry(leaf: Partial<Leaf>, sealed: RecordedEntry["sealed"]): RecordedEntry {
  const whole = { kind: "request", session: "s-7Q4M2X9K", counts: { "bytes-out": 7 }, ...leaf } as Leaf;
  return { index: 9, leaf: whole, sealed, person: undefined, host: undefined };
}

const asked = { method: "GET", scheme: "https", host: "api.example.net", port: 443, target: "/v1/x?q=1" };
const host = (text: string): Host => parseHost(text) as Host;
const grant: NetworkGrant = {
  id: "user:network.allow[0]",
  host: { kind: "exact", name: host("api.example.net") },
  ports: [443],
  protocol: "http",
  methods: ["GET"],
  paths: ["/v1/x", "/r.git/**"],
  upstream: undefined,
  push: "ask",
  purpose: "other",
  why: undefined,
};

function judged(what: {
  host?: string;
  method?: string;
  path?: string;
  findings?: readonly Finding[];
  push?: boolean;
}) {
  const rules = {
    mode: "audit",
    network: [
      grant,
      { ...grant, id: "user:network.allow[1]", methods: ["POST"], push: "refuse" as const, paths: ["/no.git/**"] },
    ],
    credentials: [],
    logins: [],
    purposes: [],
  } as const;
  const destination = { scheme: "https", host: host(what.host ?? "api.example.net"), port: 443 } as const;
  const update = { old: "0".repeat(40), new: "1".repeat(40), ref: "refs/heads/main" };
  const push =
    what.push === true
      ? { kind: "push" as const, repository: "r", push: { updates: [update], options: [] } }
      : undefined;
  const { method = "GET", path = "/v1/x", findings = [] } = what;
  return judgeFor(rules).decide({ destination, method, path, findings, unreadable: undefined, push });
}

const placeholder: Finding = {
  kind: "secret",
  label: "k",
  place: { kind: "target" },
  encoding: "plain",
  what: "placeholder",
};

const fates: readonly [what: string, judged: Parameters<typeof judged>[0], fate: string][] = [
  ["granted", {}, "granted"],
  ["no grant for the host", { host: "other.example.net" }, "audit"],
  ["another method", { method: "POST" }, "audit"],
  ["another path", { path: "/v2" }, "audit"],
  ["an ambiguous path", { path: "/a%2fb" }, "stray"],
  ["a placeholder astray", { host: "other.example.net", findings: [placeholder] }, "stray"],
  ["a push that is asked about", { path: "/r.git/git-receive-pack", push: true }, "granted"],
  ["a push that is refused", { path: "/no.git/git-receive-pack", method: "POST", push: true }, "stray"],
];

for (const [what, given, fate] of fates)
  void test(`in audit, as the judge says it: ${what}`, () => {
    const { kind, rule, reason } = judged(given);
    const { host: to = asked.host, path = "/v1/x" } = given;
    const seen = seenIn(entry({ verdict: kind, rule }, { ...asked, host: to, target: path, reason }), nothing);
    assert.equal(seen?.kind === "request" ? seen.fate : undefined, fate, reason);
  });

void test("of the judge's reasons, those for want of a grant", () => {
  assert.ok(
    wantsGrant(
      judgeFor({ mode: "enforce", network: [], credentials: [], logins: [], purposes: [] }).reach(
        host("a.example"),
        443,
      ).reason,
    ),
  );
  const ssh = {
    host: host("a.example"),
    service: "git-upload-pack",
    repository: "/x",
    user: undefined,
    port: undefined,
    version: undefined,
  } as const;
  assert.ok(wantsGrant(judgeSsh({ mode: "enforce", network: [] }, ssh).reason));
  const near = { ...grant, protocol: "ssh", host: { kind: "exact", name: host("a.example") }, paths: ["/y"] } as const;
  assert.ok(wantsGrant(judgeSsh({ mode: "enforce", network: [near] }, ssh).reason));
  for (const reason of ["10.1.2.3 is private (RFC 1918), and no grant names it", "granted", "pushes are refused"])
    assert.ok(!wantsGrant(reason) && !wantsWord(reason), reason);
});

void test("a refusal for want of a grant, and any other", () => {
  const refusal = (rule: string, reason: string, more: object = {}) =>
    seenIn(entry({ kind: "refusal", verdict: "refuse", rule }, { ...asked, reason, ...more }), nothing);
  const cases = [
    ["default", "no grant covers api.example.net on port 443", {}, "wanted"],
    ["default", "10.1.2.3 is private (RFC 1918), and no grant names it", {}, "barred"],
    ["default", "no grant covers 10.1.2.3 on port 443", { host: "10.1.2.3" }, "barred"],
    ["gateway:framing", "no grant covers api.example.net on port 443", {}, "barred"],
    ["user:network.allow[0]", "a person is asked about a push", { question: "q-7Q4M2X9K" }, "wanted"],
  ] as const;
  for (const [rule, reason, more, fate] of cases) {
    const seen = refusal(rule, reason, more);
    assert.equal(seen?.kind === "request" ? seen.fate : undefined, fate, reason);
  }
});

void test("a name that led to this network is barred, but where a policy says where it leads", () => {
  const around = { ...nothing, special: new Set(["api.example.net"]) };
  const one = entry(
    { verdict: "allow", rule: "audit" },
    { ...asked, reason: "no grant covers api.example.net on port 443" },
  );
  const fate = (surroundings: Surroundings) => {
    const seen = seenIn(one, surroundings);
    return seen?.kind === "request" ? seen.fate : undefined;
  };
  assert.equal(fate(around), "barred");
  assert.equal(fate({ ...around, upstream: () => ({ address: "127.0.0.1:1" }) }), "audit");
});

void test("a grant of some paths of a registry is no word for all of it", () => {
  const one = entry({ verdict: "allow", rule: "user:network.allow[0]" }, { ...asked, reason: "granted" });
  const at = (own: Surroundings["own"]) => {
    const seen = seenIn(one, { ...nothing, own, registry: () => "npm" });
    return seen?.kind === "request" ? [seen.registry, seen.within] : [];
  };
  assert.deepEqual(
    at(() => ({ host: "api.example.net", paths: ["/v1/**"] })),
    [undefined, ["/v1/**"]],
  );
  assert.deepEqual(
    at(() => ({ registry: "npm" })),
    ["npm", undefined],
  );
  assert.deepEqual(
    at(() => undefined),
    ["npm", undefined],
  );
});

void test("npm's way to ask for a scoped package is one where npm fetches, and nowhere else", () => {
  const scoped = {
    ...asked,
    target: "/@scope%2fname",
    reason: "the path is ambiguous: it holds an encoded slash; enforce would refuse it",
  };
  const at = (registry: Surroundings["registry"]) => {
    const seen = seenIn(entry({ verdict: "allow", rule: "audit" }, scoped), { ...nothing, registry });
    return seen?.kind === "request" ? [seen.fate, seen.registry] : [];
  };
  assert.deepEqual(
    at(() => undefined),
    ["stray", undefined],
  );
  assert.deepEqual(
    at(() => "npm"),
    ["audit", "npm"],
  );
  assert.deepEqual(
    at(() => "pip"),
    ["stray", "pip"],
  );
});

void test("connections, ssh, names, control files; and what is not what it should be", () => {
  const kinds = [
    entry(
      { kind: "connection", verdict: "allow", rule: "user:network.services[0]" },
      { carried: "opaque", host: "localhost", port: 5432 },
    ),
    entry(
      { kind: "connection", verdict: "allow", rule: "user:network.allow[0]" },
      { carried: "opaque", host: "a.example", port: 25 },
    ),
    entry(
      { kind: "connection", verdict: "refuse", rule: "gateway:not-http" },
      { carried: "refused", host: "93.184.216.34", port: 25 },
    ),
    entry(
      { kind: "connection", verdict: "refuse", rule: "gateway:not-http" },
      { carried: "refused", host: "10.0.0.1", port: 25 },
    ),
    entry(
      { kind: "connection", verdict: "allow", rule: "user:network.publish[0]" },
      { carried: "published", port: 3000 },
    ),
    entry(
      { kind: "connection", verdict: "allow", rule: "r" },
      {
        carried: "ssh",
        scheme: "ssh",
        method: "git-receive-pack",
        host: "a.example",
        port: 22,
        user: "git",
        target: "x.git",
      },
    ),
    entry({ kind: "connection", verdict: "allow", rule: "r" }, { carried: "tls", host: "a.example", port: 443 }),
    entry({ kind: "name", verdict: "refuse", rule: "default" }, { name: "a.example" }),
    entry({ kind: "control-file", verdict: "refuse" }, { path: ".git/hooks/x" }),
    entry({ kind: "credential", verdict: "allow" }, { subject: "s", object: "commit" }),
    entry({ kind: "exec" }, { arguments: ["x"] }),
    entry({ verdict: "allow", rule: "r" }, "destroyed"),
    entry({ verdict: "allow", rule: "r" }, { host: "not a host", port: 443, method: "GET", target: "/" }),
    entry({ verdict: "allow", rule: "r" }, { ...asked, port: "443" }),
    entry({ verdict: "allow", rule: "r" }, { ...asked, target: ["/"] }),
  ];
  const told = kinds.map((one) => {
    const seen = seenIn(one, nothing);
    return seen === undefined ? undefined : `${seen.kind} ${"fate" in seen ? seen.fate : ""}`.trim();
  });
  assert.deepEqual(told, [
    "service granted",
    "opaque granted",
    "opaque wanted",
    "opaque barred",
    "published",
    "ssh granted",
    undefined,
    "name",
    "control-file",
    "signed",
    ...Array.from({ length: 5 }, () => undefined),
  ]);
});

void test("the query is no part of a path, and bytes are those that left", () => {
  const seen = seenIn(entry({ verdict: "allow", rule: "r" }, asked), { ...nothing, sent: new Map([[9, 120]]) });
  assert.deepEqual(seen?.kind === "request" && [seen.path, seen.bytes], ["/v1/x", 120]);
});
