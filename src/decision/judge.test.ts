import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Host, parseHost } from "../domain/brand.ts";
import type { Disclosure } from "../domain/disclosure.ts";
import type { Finding } from "../domain/finding.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { parseHostPattern } from "../policy/host-pattern.ts";
import type { CredentialGrant } from "../policy/policy.ts";
import { judgeFor, mayBeSpecial, type Rules } from "./judge.ts";

function hostOf(text: string): Host {
  const host = parseHost(text);
  assert.ok(host !== undefined, text);
  return host;
}

function grant(host: string, part: Partial<NetworkGrant> = {}): NetworkGrant {
  const parsed = parseHostPattern(host);
  assert.ok(parsed.ok);
  const open = { methods: undefined, paths: undefined, upstream: undefined, why: undefined } as const;
  return {
    id: `user:network.allow[${host.length}]`,
    host: parsed.pattern,
    ports: [443, 80],
    protocol: "http",
    purpose: "other",
    ...open,
    ...part,
  };
}

const credential: CredentialGrant = {
  id: "anthropic",
  rule: "user:credentials.anthropic",
  from: { env: "A" },
  to: { host: hostOf("api.example"), header: "x-api-key", paths: ["/v1/**"] },
  as: "A",
  shape: "",
  optional: false,
};

const purposes: Rules["purposes"] = [
  { host: grant("api.example").host, paths: ["/v1/**"], purpose: "inference" },
  { host: grant("api.example").host, paths: ["/log"], purpose: "telemetry" },
  { host: grant("t.example").host, paths: undefined, purpose: "telemetry" },
];

function rules(mode: Rules["mode"], ...network: NetworkGrant[]): Rules {
  return { mode, network, credentials: [credential], logins: [], purposes };
}

function disclosure(url: string, part: Partial<Disclosure> = {}): Disclosure {
  const { protocol, hostname, port, pathname } = new URL(url);
  const scheme = protocol === "http:" ? "http" : "https";
  const destination = {
    scheme,
    host: hostOf(hostname.replace(/^\[|\]$/g, "")),
    port: Number(port) || (scheme === "http" ? 80 : 443),
  } as const;
  return { destination, method: "GET", path: pathname, findings: [], unreadable: undefined, ...part };
}

const found = (part: Partial<Finding>): readonly Finding[] => [
  {
    kind: "secret",
    label: "anthropic",
    place: { kind: "header", name: "X-Api-Key" },
    encoding: "plain",
    what: "credential",
    ...part,
  },
];
const decide = (given: Rules, url: string, part: Partial<Disclosure> = {}) =>
  judgeFor(given).decide(disclosure(url, part));
const reach = (given: Rules, host: string, port?: number) => judgeFor(given).reach(hostOf(host), port);
const open = grant("api.example");

void test("a granted name and port is reached; anything else is refused by default", () => {
  const given = rules("enforce", grant("api.example", { ports: [443], why: "tests" }), grant("*.w.example"));
  assert.deepEqual(reach(given, "api.example"), {
    kind: "allow",
    rule: "user:network.allow[11]",
    reason: "tests",
    purpose: "other",
    grant: given.network[0],
  });
  assert.equal(reach(given, "api.example", 443).kind, "allow");
  assert.equal(reach(given, "a.w.example", 80).reason, "granted");
  for (const [host, port] of [
    ["api.example", 80],
    ["w.example", 443],
    ["api.example.evil.test", 443],
    ["xapi.example", 443],
    ["x.example", undefined],
  ] as const) {
    const verdict = reach(given, host, port);
    assert.deepEqual([verdict.kind, verdict.rule, verdict.grant], ["refuse", "default", undefined], host);
  }
  assert.match(reach(given, "x.example", 25).reason, /no grant covers x\.example on port 25/);
});

void test("an empty list refuses everything", () => {
  fc.assert(
    fc.property(fc.domain(), fc.integer({ min: 1, max: 65_535 }), (host, port) =>
      assert.equal(reach(rules("enforce"), host, port).kind, "refuse"),
    ),
  );
});

void test("audit passes public names on, and says what enforce would have done", () => {
  const verdict = reach(rules("audit"), "t.example", 443);
  assert.deepEqual(
    [verdict.kind, verdict.rule, verdict.purpose, verdict.grant],
    ["allow", "audit", "telemetry", undefined],
  );
  assert.match(verdict.reason, /enforce would refuse it/);
});

const special = [
  "127.0.0.1",
  "10.0.0.1",
  "169.254.169.254",
  "fd00:ec2::254",
  "::1",
  "::ffff:127.0.0.1",
  "64:ff9b::7f00:1",
  "localhost",
  "metadata.google.internal",
];

void test("special addresses and names are refused in every mode", () => {
  for (const mode of ["enforce", "audit"] as const) {
    for (const host of special) {
      assert.equal(reach(rules(mode), host, 443).kind, "refuse", host);
      const url = `https://${host.includes(":") ? `[${host}]` : host}/`;
      const verdict = decide(rules(mode), url);
      assert.deepEqual([verdict.kind, verdict.rule], ["refuse", "default"], host);
    }
  }
});

void test("a suffix or plain grant of a special name does not open it; a literal, an upstream or tcp does", () => {
  assert.equal(
    reach(rules("enforce", grant("localhost"), grant("*.google.internal")), "metadata.google.internal").kind,
    "refuse",
  );
  assert.equal(reach(rules("audit", grant("localhost")), "localhost").kind, "refuse");
  for (const one of [grant("10.0.0.1"), grant("10.0.0.1", { protocol: "tcp" })])
    assert.equal(reach(rules("enforce", one), "10.0.0.1", 443).kind, "allow");
  assert.equal(reach(rules("enforce", grant("::1")), "0:0:0:0:0:0:0:1", 443).kind, "allow");
  assert.equal(reach(rules("enforce", grant("127.0.0.1")), "::ffff:127.0.0.1", 443).kind, "refuse");
  assert.equal(
    reach(
      rules("enforce", grant("localhost", { upstream: { address: "127.0.0.1:1", ca: undefined } })),
      "localhost",
      443,
    ).kind,
    "allow",
  );
  assert.deepEqual(
    [grant("a.example"), grant("10.0.0.1"), grant("*.a.example", { protocol: "tcp" })].map(mayBeSpecial),
    [false, true, true],
  );
});

void test("where two grants cover a connection, opened and judged comes before opaque", () => {
  const opaque = grant("api.example", { protocol: "tcp", id: "a" });
  assert.equal(reach(rules("enforce", opaque, open), "api.example", 443).grant?.protocol, "http");
  assert.equal(reach(rules("enforce", opaque), "api.example", 443).grant?.protocol, "tcp");
  assert.equal(decide(rules("enforce", opaque), "https://api.example/").kind, "refuse");
  const raw = {
    ...disclosure("https://api.example/"),
    destination: { scheme: "tcp", host: hostOf("api.example"), port: 443 },
    path: "",
  } as const;
  assert.equal(judgeFor(rules("enforce", opaque)).decide(raw).kind, "allow");
  assert.equal(judgeFor(rules("enforce", open)).decide(raw).kind, "refuse");
});

void test("methods and paths are judged; the first grant that fits decides, exact names before suffixes", () => {
  const suffix = grant("*.v.example", { id: "suffix" });
  const exact = grant("api.v.example", { id: "exact", methods: ["POST"], paths: ["/v1/messages**", "/v1/*/x"] });
  const given = rules("enforce", suffix, exact);
  assert.equal(decide(given, "https://api.v.example/v1/messages/count", { method: "POST" }).rule, "exact");
  assert.equal(decide(given, "https://api.v.example/v1/messages", { method: "GET" }).rule, "suffix");
  const alone = rules("enforce", exact);
  for (const [method, path] of [
    ["GET", "/v1/messages"],
    ["post", "/v1/messages"],
    ["POST", "/v2/messages"],
    ["POST", "/v1/a/b/x"],
  ] as const) {
    const verdict = decide(alone, `https://api.v.example${path}`, { method });
    assert.deepEqual([verdict.kind, verdict.rule], ["refuse", "default"]);
    assert.match(verdict.reason, /exact covers the host, but not/);
  }
  const audited = decide({ ...alone, mode: "audit" }, "https://api.v.example/v2");
  assert.deepEqual([audited.kind, audited.rule, audited.grant], ["allow", "audit", exact]);
  assert.match(decide(alone, "https://other.u.example:8443/").reason, /no grant covers other\.u\.example on port 8443/);
});

void test("what cannot be read, or be read in two ways, is refused in enforce and recorded in audit", () => {
  for (const part of [{ unreadable: "unknown encoding" }, { path: "/v1/../admin" }, { path: "/v1/%2e%2e/admin" }]) {
    assert.equal(decide(rules("enforce", open), "https://api.example/", part).kind, "refuse");
    const audited = decide(rules("audit", open), "https://api.example/", part);
    assert.deepEqual([audited.kind, audited.rule, audited.grant], ["allow", "audit", open]);
  }
});

void test("a real credential has one place in the world; anywhere else it is refused in every mode", () => {
  const home = "https://api.example/v1/messages";
  for (const mode of ["enforce", "audit"] as const) {
    const given = rules(mode, open, grant("other.example"));
    assert.equal(decide(given, home, { findings: found({}) }).kind, "allow");
    const leaks: [string, Partial<Disclosure>][] = [
      ["https://other.example/v1/messages", { findings: found({}) }],
      ["http://api.example/v1/messages", { findings: found({}) }],
      ["https://api.example/v2/messages", { findings: found({}) }],
      ["https://api.example/", { path: "/v1/../v1/x", findings: found({}) }],
      [home, { findings: found({ place: { kind: "header", name: "authorization" } }) }],
      [home, { findings: found({ place: { kind: "body", offset: 3 }, encoding: "base64" }) }],
      [home, { findings: found({ place: { kind: "target" } }) }],
      [home, { findings: found({ label: "unknown" }) }],
      [home, { findings: [...found({}), ...found({ place: { kind: "body", offset: 0 } })] }],
      ["https://unlisted.example/", { findings: found({}), unreadable: "also" }],
    ];
    for (const [url, part] of leaks) {
      const verdict = decide(given, url, part);
      assert.equal(verdict.kind, "refuse", `${mode} ${url} ${JSON.stringify(part)}`);
      assert.match(verdict.rule, /^(?:user:credentials\.anthropic|default)$/);
    }
  }
  assert.match(
    decide(rules("audit"), home, { findings: found({ place: { kind: "body", offset: 3 }, encoding: "base64" }) })
      .reason,
    /in the body \(base64\)/,
  );
});

void test("a credential without paths of its own is at home on every path of its host", () => {
  const given = {
    ...rules("enforce", open),
    credentials: [{ ...credential, to: { ...credential.to, paths: undefined } }],
  };
  assert.equal(decide(given, "https://api.example/any", { findings: found({}) }).kind, "allow");
});

void test("a placeholder may stand anywhere toward its own host, and toward no other", () => {
  const findings = found({ what: "placeholder", place: { kind: "body", offset: 0 } });
  const own = decide(rules("enforce", open), "https://api.example/v1/x", { findings });
  assert.equal(own.kind, "allow");
  const clear = decide(rules("enforce", open), "http://api.example/v1/x", { findings });
  const elsewhere = decide(rules("enforce", open), "https://x.example/v1/x", { findings });
  for (const verdict of [clear, elsewhere])
    assert.deepEqual([verdict.kind, verdict.rule], ["refuse", "user:credentials.anthropic"]);
  assert.equal(decide(rules("audit", open), "https://x.example/v1/x", { findings }).rule, "audit");
});

void test("a refusal says what the place is for, path by path", () => {
  const purposeOf = (url: string) => decide(rules("enforce"), url).purpose;
  assert.deepEqual(
    [
      purposeOf("https://api.example/v1/x"),
      purposeOf("https://api.example/log"),
      purposeOf("https://api.example/x"),
      purposeOf("https://t.example/"),
    ],
    ["inference", "telemetry", "other", "telemetry"],
  );
});

void test("whatever enforce allows, audit allows; a rule never holds a host", () => {
  const hosts = fc.constantFrom("api.example", "x.example", "10.0.0.1", "localhost");
  const any = fc.record({
    host: hosts,
    methods: fc.constantFrom(undefined, ["GET"]),
    paths: fc.constantFrom(undefined, ["/v1/**"]),
    protocol: fc.constantFrom("http" as const, "tcp" as const),
  });
  fc.assert(
    fc.property(
      fc.array(any, { maxLength: 4 }),
      hosts,
      fc.constantFrom("/v1/a", "/", "/a/../b"),
      fc.constantFrom("GET", "POST"),
      (grants, host, path, method) => {
        const network = grants.map(({ host: name, ...part }, index) =>
          grant(name, { ...part, id: `user:network.allow[${index}]` }),
        );
        const enforced = decide(rules("enforce", ...network), `https://${host}/`, { path, method });
        const audited = decide(rules("audit", ...network), `https://${host}/`, { path, method });
        if (enforced.kind === "allow") assert.deepEqual(audited, enforced);
        assert.match(enforced.rule, /^(?:default|user:network\.allow\[\d\])$/);
        assert.equal(enforced.kind === "allow", enforced.grant !== undefined);
      },
    ),
  );
});

test("a service opens its own port of the loopback, in every mode no other", () => {
  const service = grant("127.0.0.1", { protocol: "tcp", ports: [5432], id: "user:network.services[0]" });
  for (const mode of ["enforce", "audit"] as const) {
    const judge = judgeFor({ mode, network: [service], credentials: [], logins: [], purposes: [] });
    assert.equal(judge.reach(hostOf("127.0.0.1"), 5432).rule, "user:network.services[0]");
    for (const [host, port] of [
      ["127.0.0.1", 5433],
      ["127.0.0.2", 5432],
      ["localhost", 5432],
      ["::1", 5432],
      ["10.0.0.1", 5432],
    ] as const)
      assert.equal(judge.reach(hostOf(host), port).kind, "refuse", `${host} ${port} ${mode}`);
  }
});

void test("npm's own registry is asked for a scoped package with an encoded slash, and nothing else is", () => {
  const npm = grant("npm.example", { registry: "npm", paths: ["/npm/**"], purpose: "registry" });
  const plain = grant("npm.example", { id: "user:network.allow[9]" });
  const judge = judgeFor(rules("enforce", plain, npm));
  const answer = (path: string, one = judge) => {
    const { kind, rule } = one.decide({ ...disclosure("https://npm.example/"), path });
    return `${kind} ${rule}`;
  };
  assert.equal(answer("/npm/@team%2fsum"), `allow ${npm.id}`, "by its own entry, though another stands before it");
  assert.equal(answer("/npm/@team%2Fsum"), `allow ${npm.id}`);
  for (const path of [
    "/else/@team%2fsum",
    "/npm/@team%2f..",
    "/npm/@..%2fsum",
    "/npm/team%2fsum",
    "/npm/@a%2fb%2fc",
    "/npm/@a%2fb/-/c",
  ])
    assert.equal(answer(path), "refuse default", path);
  assert.equal(answer("/npm/@team%2fsum", judgeFor(rules("enforce", plain))), "refuse default");
  assert.equal(answer("/npm/@team%2fsum", judgeFor(rules("enforce", { ...npm, registry: "pip" }))), "refuse default");
});

void test("beyond the organisation's hosts nothing passes in audit either, and within them it does", () => {
  const widest = [grant("*.example.org").host, grant("api.example").host];
  const audited = { ...rules("audit", grant("api.example", { methods: ["GET"] })), widest };
  const judge = judgeFor(audited);
  for (const [url, kind] of [
    ["https://a.example.org/x", "allow"],
    ["https://api.example/v1/x", "allow"],
    ["https://example.org/x", "refuse"],
    ["https://elsewhere.example/x", "refuse"],
    ["https://93.184.216.34/x", "refuse"],
  ] as const) {
    const verdict = judge.decide(disclosure(url, { method: "POST" }));
    const reach = judge.reach(disclosure(url).destination.host, undefined);
    assert.deepEqual([verdict.kind, reach.kind], [kind, kind], url);
    if (kind === "refuse") {
      assert.match(verdict.reason, /is beyond the hosts the organisation allows$/);
      assert.deepEqual([verdict.rule, verdict.grant], ["default", undefined]);
    }
  }
  assert.equal(judgeFor({ ...audited, widest: [] }).decide(disclosure("https://a.example.org/x")).kind, "refuse");
});
