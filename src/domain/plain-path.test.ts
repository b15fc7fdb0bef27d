// Spellings of one path, all read as the same; and paths that are others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { plainly } from "./plain-path.ts";

for (const spelled of [
  "/oauth/token",
  "/OAuth/Token",
  "//oauth///token",
  "/oauth/./token",
  "/oauth/token/",
  "/oauth/token/.",
  "/oauth;a=b/token;c",
  "\\oauth\\token",
  "/oauth/%74oken",
  "/oauth/%2574oken",
  "/oauth/%25252e/token",
  "/oauth/to\u0000ken",
])
  test(`one spelling of many: ${JSON.stringify(spelled)}`, () => assert.equal(plainly(spelled), "/oauth/token"));

test("the root stays, others stay others", () => {
  assert.deepEqual(["/", "//", "/./", "/a/b", "/ab"].map(plainly), ["/", "/", "/", "/a/b", "/ab"]);
});
