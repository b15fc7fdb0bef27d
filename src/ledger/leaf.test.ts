import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { isRule, type Leaf, parseLeaf, serialiseLeaf } from "./leaf.ts";
import { hashLeaf } from "./tree.ts";

interface Vectors {
  readonly leaves: readonly { readonly why: string; readonly bytes: string; readonly hash: string }[];
}
const vectors = JSON.parse(readFileSync(new URL("../../vectors/ledger/leaf.json", import.meta.url), "utf8")) as Vectors;
const digest = "5e".repeat(32);

const sample: Leaf = {
  build: digest,
  counts: { "findings-secret": 1, "bytes-out": 17 },
  grade: "full",
  host: "h-0123456789ABCDEF",
  kind: "request",
  mono: 1_234_567,
  person: "u-0123456789ABCDEF",
  policy: digest,
  prev: { root: digest, size: 3 },
  purpose: "inference",
  rule: "user:network.allow[0]",
  sealed: [{ ct: digest, kid: "entries.p-0123456789ABCDEF.2026-11", pt: digest }],
  session: "s-00000001",
  time: "2026-11-20T09:51:20.123Z",
  tool: { name: "pi", sha256: digest, version: "0.73.1" },
  v: 1,
  verdict: "allow",
};

void test("leaves of this format stay readable, byte for byte", () => {
  for (const { why, bytes, hash } of vectors.leaves) {
    const leaf = parseLeaf(Buffer.from(bytes));
    assert.ok(leaf, why);
    assert.equal(serialiseLeaf(leaf)?.toString(), bytes, why);
    assert.equal(hashLeaf(Buffer.from(bytes)).toString("hex"), hash, why);
  }
});

/** RFC 8785, plainly, for what a leaf may hold. */
function canonicalise(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalise).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, member]) => `${JSON.stringify(key)}:${canonicalise(member)}`).join(",")}}`;
}

void test("the bytes are canonical JSON, and within the habit of 4 KiB", () => {
  const bytes = serialiseLeaf(sample);
  assert.equal(bytes?.toString(), canonicalise(sample));
  assert.ok(bytes.length < 4096);
  assert.deepEqual(parseLeaf(bytes), sample);
});

void test("a member missing, added, misnamed or out of form is refused", () => {
  const text = canonicalise(sample);
  const replaced = (from: string, to: string): Buffer => {
    assert.ok(text.includes(from), from);
    return Buffer.from(text.replace(from, to));
  };
  const bad = [
    replaced('"v":1', '"v":2'),
    replaced('"v":1,', ""),
    replaced('"v":1', '"v":1.0'),
    replaced('"v":1', '"v": 1'),
    replaced('"v":1,', '"path":"/etc/passwd","v":1,'),
    replaced('"grade":"full"', '"grade":"/etc"'),
    replaced('"counts":{"bytes-out":17,', '"counts":{"bytes-out":1e1,'),
    replaced('"counts":{"bytes-out":17,', '"counts":{"bytes-out":-1,'),
    replaced('"counts":{"bytes-out":17,', '"counts":{"api.example.com":17,'),
    replaced('{"bytes-out":17,"findings-secret":1}', '{"findings-secret":1,"bytes-out":17}'),
    replaced('{"bytes-out":17,', '{"bytes-out":17,"bytes-out":17,'),
    replaced("09:51:20.123Z", "09:51:20.123+01:00"),
    replaced("2026-11-20", "2026-02-30"),
    replaced("u-0123456789ABCDEF", "alice"),
    replaced('"name":"pi"', '"name":"\\u0070i"'),
    replaced("0.73.1", "10.0.0.1"),
    replaced("entries.p-0123456789ABCDEF", "entries.atlas"),
    replaced('"prev":{"root"', '"prev":{"extra":0,"root"'),
    Buffer.from(`${text} `),
    Buffer.from(text.slice(0, -1)),
    Buffer.from(`\uFEFF${text}`),
    Buffer.concat([Buffer.from(text), Buffer.alloc(65_536, 32)]),
  ];
  for (const bytes of bad) assert.equal(parseLeaf(bytes), undefined, bytes.toString("utf8", 0, 200));
});

void test("no bytes make the parser throw, and what it takes it writes the same", () => {
  const read = (bytes: Uint8Array): void => {
    const leaf = parseLeaf(bytes);
    if (leaf !== undefined) assert.deepEqual(serialiseLeaf(leaf), Buffer.from(bytes));
  };
  fc.assert(fc.property(fc.uint8Array(), read));
  fc.assert(fc.property(fc.json(), (text) => read(Buffer.from(text))));
  const text = canonicalise(sample);
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 3 }), (at, cut, put) =>
      read(Buffer.from(text.slice(0, at) + put + text.slice(at + cut))),
    ),
    { numRuns: 1000 },
  );
});

void test("a leaf beyond its hard bound is not written", () => {
  const sealed = Array.from({ length: 256 }, () => ({
    ct: digest,
    kid: `${"e".repeat(32)}.p-0123456789ABCDEF.2026-11`,
    pt: digest,
  }));
  assert.ok((serialiseLeaf({ ...sample, sealed })?.length ?? Infinity) <= 65_535);
  assert.equal(serialiseLeaf({ ...sample, sealed: [...sealed, ...sealed] }), undefined);
});

void test("rules of every layer pass; hosts, paths, URLs and names do not", () => {
  const rules = [
    "default",
    "secrets-never-leave",
    "user:network.allow[2]",
    "profile:pi:network.allow[0]",
    "organisation:credentials.anthropic",
  ];
  for (const rule of rules) assert.ok(isRule(rule), rule);
  const texts = [
    "api.example.com",
    "localhost:3000",
    "10.0.0.1",
    "/etc/passwd",
    "../x",
    "https://a",
    "user:/etc",
    "Alice",
    "a b",
    "a@b",
    "",
    "a\n",
    "ä",
  ];
  for (const text of texts) assert.ok(!isRule(text), text);
  fc.assert(fc.property(fc.webUrl(), (url) => !isRule(url)));
  fc.assert(fc.property(fc.domain(), (host) => !isRule(host)));
  fc.assert(fc.property(fc.emailAddress(), (address) => !isRule(address)));
  fc.assert(fc.property(fc.ipV4(), fc.ipV6(), (four, six) => !isRule(four) && !isRule(six)));
  fc.assert(fc.property(fc.stringMatching(/^\/[a-z/.]{1,40}$/), (path) => !isRule(path)));
});
