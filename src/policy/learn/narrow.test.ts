// Narrowness, over any record: the learned policy is valid, one line of printable ASCII at a time, and lets pass no request that
// no observation explains: the same host, port and method, and a path that differs at most where something seen had the shape
// of an id. The oracle here knows nothing of globs.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePolicy } from "../document.ts";
import { matchesPath } from "../glob.ts";
import { coversHost, parseHostPattern } from "../host-pattern.ts";
import { learnPolicy } from "./learn.ts";
import { background, hostOf, request } from "./rehearsal.ts";
import type { Fate, Seen, SeenRequest } from "./seen.ts";

const hosts = ["api.example.net", "b.api.example.net", "telemetry.example.net", "93.184.216.34", "2606:2800:220:1::34"];
const methods = ["GET", "POST", "PUT", "NULL", "get", "X\n- host: evil.test"];
const ids = [
  "1234",
  "123456",
  "deadbeef99",
  "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
  "1.2.3",
  "2026-11-27",
  "A1B2C3D4E5F6G7H8I9",
];
const words = [
  "v1",
  "items",
  "x",
  "v1beta",
  "12",
  "*",
  "**",
  "..",
  "a;b",
  "a%2fb",
  "{a,b}",
  "a#b",
  '"',
  "\\",
  "a: b",
  "'",
  "…",
];
const evil = [
  "\n- host: evil.test",
  "\u001b[2J",
  "\u202e",
  "# ",
  '" # ',
  "\u2028- host: evil.test",
  "\u0085x: y",
  "\t",
  "[holds a credential]",
];

const segment = fc.oneof(
  fc.constantFrom(...ids, ...words),
  fc
    .tuple(fc.constantFrom("", "pkg-", "org_", "a"), fc.constantFrom(...ids), fc.constantFrom("", ".tgz", "-x"))
    .map((parts) => parts.join("")),
  fc.string({ maxLength: 12, unit: "grapheme-ascii" }),
);
/** Such as may be granted, mostly, so that the property is about something. */
const good = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("v1", "items", "x", "12", "7", "a", "abcdef", "v2") },
  { weight: 1, arbitrary: fc.constantFrom(...ids) },
  { weight: 1, arbitrary: fc.constantFrom(...ids).map((id) => `pkg-${id}.tgz`) },
);
const path = fc.oneof(
  { weight: 6, arbitrary: fc.array(good, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`) },
  { weight: 3, arbitrary: fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join("/")}`) },
  { weight: 1, arbitrary: fc.constantFrom(...evil, "*", "**", "") },
);
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.constantFrom(...evil, "/usr/bin/curl"));
const fate = fc.constantFrom<Fate>("granted", "audit", "wanted", "stray", "barred");

const seenRequest: fc.Arbitrary<SeenRequest> = fc
  .record({
    fate,
    host: fc.constantFrom(...hosts),
    port: fc.constantFrom(443, 80, 8443),
    method: fc.constantFrom(...methods),
    path,
    purpose: fc.constantFrom("inference" as const, "other" as const, "telemetry" as const, "login" as const),
    executable: fc.option(text, { nil: undefined }),
    reason: text,
    index: fc.nat(1_000_000),
    bytes: fc.nat(1_000_000),
    push: fc.boolean(),
    credentials: fc.constantFrom<readonly string[]>([], ["anthropic"], ["lost"]),
  })
  .map(request);

const others: fc.Arbitrary<Seen> = fc
  .record({
    kind: fc.constantFrom("name" as const, "control-file" as const),
    said: text,
    host: fc.constantFrom(...hosts),
    fate,
    port: fc.constantFrom(25, 22),
  })
  .chain(({ kind, said, host, fate: how, port }) => {
    const evidence = { session: "s-7Q4M2X9K", index: 1, bytes: 1, executable: said };
    return fc.constantFrom<Seen>(
      kind === "name" ? { ...evidence, kind, name: said } : { ...evidence, kind, path: said },
      { ...evidence, kind: "opaque", fate: how, host: hostOf(host), port, reason: said },
      {
        ...evidence,
        kind: "ssh",
        fate: how,
        host: hostOf(host),
        port,
        user: "git",
        path: said,
        push: true,
        key: undefined,
        reason: said,
      },
    );
  });

const record = fc.array(fc.oneof({ weight: 4, arbitrary: seenRequest }, { weight: 1, arbitrary: others }), {
  maxLength: 30,
});

void test("any record: what is allowed near it was seen, up to ids within a segment", () => {
  let [near, passed] = [0, 0];
  fc.assert(
    fc.property(record, fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 30, maxLength: 60 }), (seen, picks) => {
      const { text: policy, allow } = learned(seen);
      assert.ok(!/[^\n -~]/.test(policy), "printable, one line at a time");
      assert.ok(!policy.split("\n").some((line) => /^(?!\s*#).*evil\.test/.test(line)));
      const requests = seen.filter((one) => one.kind === "request");
      for (const tried of nearMisses(requests, picks)) {
        near += 1;
        if (!passes(allow, tried)) continue;
        passed += 1;
        assert.ok(
          requests.some((one) => explains(one, tried)),
          `${JSON.stringify(tried)}\n${policy}`,
        );
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(near > 5000 && passed > 500, `${passed} of ${near} passed: the property says something`);
});

void test("any record: what was seen passes, but what is said not to", () => {
  fc.assert(
    fc.property(record, (seen) => {
      const { allow, text: policy } = learned(seen);
      for (const one of seen) {
        if (one.kind !== "request" || (one.fate !== "granted" && (one.fate !== "audit" || isSuspect(one)))) continue;
        if (passes(allow, one)) continue;
        assert.match(policy, /cannot be written in a policy|want of room/, JSON.stringify(one));
      }
    }),
    { numRuns: 200 },
  );
});

interface Tried {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
}

function learned(seen: readonly Seen[]) {
  const result = learnPolicy(seen, background({ tool: "x\n- host: evil.test", recognised: false }));
  assert.ok(result.ok, JSON.stringify(result));
  const parsed = parsePolicy(Buffer.from(result.text), "learned.yaml");
  assert.ok(parsed.ok);
  return { text: result.text, allow: parsed.policy.value.network?.allow ?? [] };
}

type Allow = ReturnType<typeof learned>["allow"];

function passes(allow: Allow, { host, port, method, path: asked }: Tried): boolean {
  return allow.some((entry) => {
    const pattern = parseHostPattern(entry.host ?? "");
    if (!pattern.ok || entry.protocol !== undefined || !coversHost(pattern.pattern, hostOf(host))) return false;
    const [ports, paths] = [entry.ports ?? [443, 80], entry.paths ?? ["/**"]];
    if (!ports.includes(port) || entry.methods?.includes(method) === false) return false;
    return paths.some((glob) => matchesPath(glob, asked));
  });
}

/** Another segment in a seen path, one more, one less; another's host, port, method. */
function* nearMisses(seen: readonly SeenRequest[], picks: readonly (readonly [number, number])[]): Generator<Tried> {
  const spare = [...ids, ...words, "fresh", "9999", "deadbeef00", ""];
  for (const [a, b] of picks) {
    const one = seen[a % Math.max(1, seen.length)];
    const two = seen[b % Math.max(1, seen.length)];
    if (one === undefined || two === undefined) return;
    const parts = one.path.split("/");
    const changed = parts.with(Math.min(parts.length - 1, 1 + (b % parts.length)), spare[b % spare.length] ?? "");
    yield { ...one, path: changed.join("/") };
    yield { ...one, path: `${one.path}/${spare[a % spare.length]}` };
    yield { ...one, path: parts.slice(0, -1).join("/") };
    yield { ...one, method: two.method };
    yield { ...one, host: two.host, port: two.port };
    yield { ...one, path: two.path };
  }
}

/** Each shape by itself, so that one too many in the code is seen here. */
const shape =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\d|v?\d+\.\d+\.\d+|[0-9a-z]{16,}|[0-9a-f]{8,}|\d{4,}/gi;

function explains(one: SeenRequest, tried: Tried): boolean {
  if (one.fate !== "granted" && (one.fate !== "audit" || isSuspect(one))) return false;
  if (one.host !== tried.host || one.port !== tried.port || one.method !== tried.method) return false;
  const [seen, asked] = [one.path.split("/"), tried.path.split("/")];
  return seen.length === asked.length && seen.every((part, at) => part === asked[at] || isLike(part, asked[at] ?? ""));
}

function isLike(seen: string, asked: string): boolean {
  if (!new RegExp(shape.source, "i").test(seen)) return false;
  const plain = seen.split(shape).map((text_) => text_.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  return new RegExp(`^${plain.join(".*")}$`, "s").test(asked);
}

function isSuspect({ purpose, host, path: asked }: SeenRequest): boolean {
  return (
    purpose === "telemetry" ||
    purpose === "login" ||
    (purpose === "other" && (host.includes("telemetry") || asked.includes("telemetry")))
  );
}
