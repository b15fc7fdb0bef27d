// What of a path becomes a star, and what never does.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkPathGlob, matchesPath } from "../glob.ts";
import { patternOf, repositoryOf } from "./shapes.ts";

const cases: readonly [path: string, pattern: string | undefined][] = [
  ["/v1/messages", "/v1/messages"],
  ["/v1beta/models/gemini-2.5-flash:generateContent", "/v1beta/models/gemini-2.5-flash:generateContent"],
  ["/api/0/things", "/api/0/things"],
  ["/api/items/12", "/api/items/12"],
  ["/api/items/123456", "/api/items/*"],
  ["/api/items/123456.json", "/api/items/*.json"],
  ["/a/3f2504e0-4f89-41d3-9a0c-0305e82c3301/b", "/a/*/b"],
  ["/logs/2026-11-27", "/logs/*"],
  ["/left-pad/-/left-pad-1.3.0.tgz", "/left-pad/-/left-pad-*.tgz"],
  ["/x/v1.2.3-rc.1/y", "/x/*/y"],
  ["/commit/deadbeef1", "/commit/*"],
  ["/commit/deadbeef", "/commit/deadbeef"],
  ["/orgs/org_01ABCDEFGHJKMNPQ", "/orgs/org_*"],
  ["/claude_code_penguin_mode", "/claude_code_penguin_mode"],
  ["/x/1.2.3-rc1deadbeef12", "/x/*-rc1deadbeef12"],
  ["/123456", "/123456"],
  ["/123456/deadbeef99", "/123456/deadbeef99"],
  ["/x/a%20deadbeef12", "/x/a%20deadbeef12"],
  ["/a/*", undefined],
  ["/a/**", undefined],
  ["/a?b", undefined],
  ["/a{b}", undefined],
  ["/a/../b", undefined],
  ["/a//b", undefined],
  ["/a%2fb", undefined],
  ["*", undefined],
  ["**", undefined],
  ["[holds a credential]", undefined],
  ["/a\u202eb", undefined],
  [`/${"a".repeat(600)}`, undefined],
  [`/x/${"12345/".repeat(9)}x`, undefined],
];

for (const [path, pattern] of cases)
  void test(`a path: ${path.slice(0, 60)}`, () => assert.equal(patternOf(path), pattern));

void test("a repository's name is never generalised", () => {
  assert.equal(repositoryOf("team/2048.git"), "/team/2048.git");
  assert.equal(repositoryOf("~/x"), "/~/x");
  assert.equal(repositoryOf("/a/*"), undefined);
});

const word = fc.oneof(
  fc.stringMatching(/^[a-z0-9._~%-]{1,24}$/),
  fc.constantFrom(
    "v1",
    "1234",
    "deadbeef99",
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "1.2.3",
    "2026-11-27",
    "**",
    "*",
    "%",
  ),
);
const paths = fc.array(word, { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join("/")}`);

void test("any path: its pattern is a policy's, matches it, and crosses no slash", () => {
  fc.assert(
    fc.property(paths, (path) => {
      const pattern = patternOf(path);
      if (pattern === undefined) return;
      assert.equal(checkPathGlob(pattern), undefined);
      assert.ok(matchesPath(pattern, path), `${pattern} ${path}`);
      assert.ok(!pattern.includes("**"));
      assert.equal(pattern.split("/").length, path.split("/").length);
    }),
    { numRuns: 2000 },
  );
});
