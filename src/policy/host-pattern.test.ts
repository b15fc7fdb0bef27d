import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseHost } from "../domain/brand.ts";
import {
  coversHost,
  coversPattern,
  type HostPattern,
  parseHostPattern,
  splitAddress,
  writeHost,
} from "./host-pattern.ts";

const pattern = (text: string): HostPattern => {
  const parsed = parseHostPattern(text);
  assert.ok(parsed.ok, text);
  return parsed.pattern;
};
const covers = (text: string, name: string): boolean => {
  const host = parseHost(name);
  return host !== undefined && coversHost(pattern(text), host);
};

for (const [text, name, expected] of [
  ["*.allowed.test", "sub.allowed.test", true],
  ["*.allowed.test", "a.b.allowed.test", true],
  ["*.allowed.test", "SUB.Allowed.Test.", true],
  ["*.allowed.test", "allowed.test", false],
  ["*.allowed.test", "xallowed.test", false],
  ["*.allowed.test", "allowed.test.evil.test", false],
  ["*.allowed.test", "sub.allowed.test.evil.test", false],
  ["allowed.test", "allowed.test", true],
  ["Allowed.TEST.", "allowed.test", true],
  ["allowed.test", "sub.allowed.test", false],
  ["10.0.0.1", "10.0.0.1", true],
  ["10.0.0.1", "10.0.0.11", false],
  ["::1", "0:0:0:0:0:0:0:1", true],
  ["2001:DB8::A", "2001:db8:0:0:0:0:0:a", true],
  ["2001:db8::a", "2001:db8::b", false],
] as const) {
  void test(`${text} ${expected ? "covers" : "does not cover"} ${name}`, () =>
    assert.equal(covers(text, name), expected));
}

for (const text of [
  "",
  "*",
  "**",
  "*.",
  "*.com",
  "*.co.uk",
  "*.com.au",
  "com.*",
  "a.*.com",
  "*a.example.org",
  "https://x/",
  "x/y",
  "x?y",
  "x#y",
  "u@x",
  "x:443",
  "[::1]",
  "a_b..c",
  "a_b.example",
  ".example.org",
  "-a.example",
  "10.0.0.0/8",
  "fc00::/7",
  "*.10.0.0.1",
  "*.1",
  "0x7f.1",
  "127.1",
  "2130706433",
  "0177.0.0.1",
  "1.2.3.4.5",
  "256.1.1.1",
  "fe80::1%eth0",
  "bücher.example",
  "a b.example",
  "a\u0000.example",
  "a\t.example",
  "allowed.test\r\nHost: evil.test",
  `${"a".repeat(64)}.example`,
  `${"a.".repeat(130)}example`,
]) {
  void test(`${JSON.stringify(text)} is refused with a hint`, () => {
    const parsed = parseHostPattern(text);
    assert.ok(!parsed.ok && parsed.message !== "" && parsed.hint !== "");
  });
}

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,5}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 2, maxLength: 5 }).map((labels) => labels.join("."));

void test("a suffix covers exactly the names with one label and more before it", () => {
  fc.assert(
    fc.property(name, name, (suffix, other) => {
      if (!parseHostPattern(`*.${suffix}`).ok) return;
      assert.ok(covers(`*.${suffix}`, `x.${suffix}`));
      assert.ok(!covers(`*.${suffix}`, suffix));
      assert.ok(!covers(`*.${suffix}`, `x${suffix}`));
      assert.equal(covers(`*.${suffix}`, other), other.endsWith(`.${suffix}`));
    }),
  );
});

void test("what one pattern covers of another, it covers of every name of it", () => {
  fc.assert(
    fc.property(fc.tuple(name, name, label), fc.boolean(), fc.boolean(), ([a, b, extra], wideSuffix, narrowSuffix) => {
      const [wide, narrow] = [wideSuffix ? `*.${a}` : a, narrowSuffix ? `*.${b}.${a}` : `${b}.${a}`];
      if (!parseHostPattern(wide).ok) return;
      const one = narrowSuffix ? `${extra}.${b}.${a}` : `${b}.${a}`;
      assert.equal(coversPattern(pattern(wide), pattern(narrow)), covers(wide, one));
    }),
  );
  assert.ok(!coversPattern(pattern("*.a.example.org"), pattern("*.example.org")));
});

void test("random text never throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => void parseHostPattern(text)));
});

void test("patterns are written as they were read, addresses split at their port", () => {
  for (const text of ["*.example.org", "example.org", "::1"]) assert.equal(writeHost(pattern(text)), text);
  assert.deepEqual(splitAddress("[::1]:8443"), { host: "::1", port: 8443 });
  assert.deepEqual(splitAddress("localhost:1"), { host: "localhost", port: 1 });
  for (const text of ["localhost", "localhost:0", "localhost:65536", "::1:80", "a:b:1", "x:443junk"])
    assert.equal(splitAddress(text), undefined);
});
