import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseHost } from "../domain/brand.ts";
import { addressBytes, canonicalHost } from "./address.ts";

const canonical = (text: string) => {
  const host = parseHost(text);
  return host === undefined ? undefined : String(canonicalHost(host));
};

void test("every spelling of an IPv6 address becomes the one of RFC 5952", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const long = groups.map((value) => value.toString(16).padStart(4, "0").toUpperCase()).join(":");
      const expected = new URL(`http://[${long}]/`).hostname.slice(1, -1);
      assert.equal(canonical(long), expected);
      assert.equal(canonical(expected), expected);
      assert.deepEqual(
        addressBytes(long),
        groups.flatMap((value) => [value >> 8, value & 255]),
      );
    }),
  );
});

void test("a quad inside an IPv6 literal is read; names and IPv4 stay", () => {
  assert.equal(canonical("::ffff:127.0.0.1"), "::ffff:7f00:1");
  assert.deepEqual([canonical("Example.org."), canonical("10.0.0.1")], ["example.org", "10.0.0.1"]);
  assert.deepEqual([addressBytes("example.org"), addressBytes("10.0.0.1")], [undefined, [10, 0, 0, 1]]);
});
