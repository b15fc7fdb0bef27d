// What may be typed after `postern allow`, and the grant it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readPlace } from "./allow.ts";

const cases: readonly [string, ReturnType<typeof readPlace>][] = [
  ["a.test", { host: "a.test" }],
  ["*.a.test", { host: "*.a.test" }],
  ["a.test:443", { host: "a.test" }],
  ["a.test:8443", { host: "a.test", ports: [8443] }],
  ["a.test/v1/**", { host: "a.test", paths: ["/v1/**"] }],
  ["https://a.test", { host: "a.test" }],
  ["https://a.test/", { host: "a.test" }],
  ["HTTPS://a.test:8443/v1/x?key=1#y", { host: "a.test", ports: [8443], paths: ["/v1/x"] }],
  ["http://a.test:80/", { host: "a.test" }],
  ["http://a.test:443/", { host: "a.test", ports: [443] }],
  ["https://[2001:db8::1]:8443/", { host: "2001:db8::1", ports: [8443] }],
  ["2001:db8::1", { host: "2001:db8::1" }],
  ["ftp://a.test", { host: "ftp:", paths: ["//a.test"] }],
  ["user@a.test", { host: "user@a.test" }],
];

test("a host, and what narrows it; the policy's own parser refuses the rest", () => {
  for (const [what, place] of cases) assert.deepEqual(readPlace(what), place, what);
});
