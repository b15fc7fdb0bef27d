import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { checkFileGlob, checkPathGlob, matchesPath } from "./glob.ts";

for (const [glob, path, expected] of [
  ["/v1/messages**", "/v1/messages", true],
  ["/v1/messages**", "/v1/messages/count_tokens", true],
  ["/v1/messages", "/v1/messages/", false],
  ["/v1/*", "/v1/messages", true],
  ["/v1/*", "/v1/messages/batches", false],
  ["/v1/*", "/v1/", true],
  ["/v1/**", "/v1/a/b/c", true],
  ["/v1/**", "/v1", false],
  ["/models/*:generate", "/models/gemini:generate", true],
  ["/models/*:generate", "/models/a/b:generate", false],
  ["**", "/anything/at/all", true],
  ["**/x", "/a/b/x", true],
  ["/a/**/b/*", "/a/1/2/b/3", true],
  ["/a/**/b/*", "/a/1/2/b/3/4", false],
  ["/public/**", "/publicly", false],
  ["/a", "/A", false],
] as const) {
  void test(`${glob} ${expected ? "matches" : "does not match"} ${path}`, () =>
    assert.equal(matchesPath(glob, path), expected));
}

void test("it agrees with the regular expression it stands for", () => {
  const glob = fc
    .array(fc.constantFrom("*", "**", "/", "a", "b"), { maxLength: 7 })
    .map((parts) => parts.join("").replace(/\*{3,}/g, "**"));
  const path = fc.array(fc.constantFrom("/", "a", "b"), { maxLength: 9 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(glob, path, (pattern, text) => {
      const form = pattern.replace(/\*\*|\*/g, (star) => (star === "**" ? ".*" : "[^/]*"));
      assert.equal(matchesPath(pattern, text), new RegExp(`^${form}$`, "s").test(text));
    }),
    { numRuns: 2000 },
  );
});

void test("many stars over a long path do not backtrack", () => {
  assert.equal(matchesPath("/**a**a**a**a**a**a**a**b", `/${"a".repeat(30_000)}`), false);
});

void test("globs that could never match, or mean something else, are refused", () => {
  for (const glob of [
    "",
    "v1",
    "*x",
    "/a?b",
    "/a#b",
    "/***",
    "/[ab]",
    "/{a,b}",
    "/a b",
    "/ä",
    "/a/../b",
    "/./a",
    "/a//b",
    "/a\\b",
    "/a;b",
    "/%2e",
    "/a%2Fb",
    "/*a*a*a*a*a*a*a*a*a",
  ]) {
    assert.ok(checkPathGlob(glob) !== undefined, glob);
  }
  for (const glob of ["/", "/**", "**", "/v1/messages**", "/models/*:generateContent", "/.well-known/x", "/a..b"]) {
    assert.equal(checkPathGlob(glob), undefined, glob);
  }
});

void test("file globs stay in the workspace", () => {
  for (const glob of ["/etc", "~/x", "../x", "a/../../b", "!x", "a***", "[a]", "a\nb", "*a*a*a*a*a*a*a*a*a"])
    assert.ok(checkFileGlob(glob) !== undefined, glob);
  for (const glob of [".env", ".env.*", "secrets/**", "a b.txt"]) assert.equal(checkFileGlob(glob), undefined, glob);
});
