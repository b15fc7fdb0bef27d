import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ambiguity } from "./request-path.ts";

for (const [path, why] of [
  ["/public/../admin", "dot segment"],
  ["/..", "dot segment"],
  ["/./a", "dot segment"],
  ["/a/.", "dot segment"],
  ["/%2e%2e/admin", "encoded dot"],
  ["/a/%2E", "encoded dot"],
  ["//a", "empty segment"],
  ["/a//b", "empty segment"],
  ["/a\\b", "backslash"],
  ["/a%5Cb", "backslash"],
  ["/a;x=1", "path parameter"],
  ["/a%3bx", "path parameter"],
  ["/a%2Fb", "encoded slash"],
  ["/a%00", "control"],
  ["/a%0d%0aHost:", "control"],
  ["/a%7f", "control"],
  ["/a#b", "fragment"],
  ["/a?b", "query"],
  ["/a b", "space"],
  ["/a\tb", "control"],
  ["/a\u0000", "control"],
  ["/ä", "non-ASCII"],
  ["/a%", "encodes nothing"],
  ["/a%zz", "encodes nothing"],
  ["/a%252e", "double"],
  ["/a%25%32e", "double"],
  ["/a%2561", "double"],
  ["", "slash"],
  ["*", "slash"],
  ["a", "slash"],
  ["http://x/a", "slash"],
] as const) {
  void test(`${JSON.stringify(path)} is ambiguous`, () => assert.match(ambiguity(path) ?? "", new RegExp(why)));
}

void test("plain paths are not", () => {
  for (const path of [
    "/",
    "/v1/messages",
    "/v1beta/models/gemini:generateContent",
    "/a.b/..c/...",
    "/caf%C3%A9",
    "/a%20b",
    "/@scope/name",
    "/~u/",
    "/100%25",
  ]) {
    assert.equal(ambiguity(path), undefined, path);
  }
});

void test("a path that passes means the same to a parser that normalises", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\/[a-z./%25;\\A-F0-9#?]{0,12}$/), (path) => {
      if (ambiguity(path) !== undefined) return;
      assert.equal(new URL(`http://x${path}`).pathname, path);
    }),
    { numRuns: 2000 },
  );
});
