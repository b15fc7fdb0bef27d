// Where a credential is at home.

import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesHome } from "./gate.ts";

test("on its own paths", () => {
  assert.equal(matchesHome("/v1/messages**", "/v1/messages"), true);
  assert.equal(matchesHome("/v1/messages**", "/v1/messages/batches"), true);
  assert.equal(matchesHome("/v1/messages**", "/v1/files"), false);
});

test("npm's own way to write a scoped package is at home at its registry alone", () => {
  assert.equal(matchesHome("/npm/**", "/npm/@team%2fsum", "npm"), true);
  assert.equal(matchesHome("/npm/**", "/npm/@team%2fsum", "pip"), false);
  assert.equal(matchesHome("/npm/**", "/npm/@team%2fsum"), false);
  assert.equal(matchesHome("/npm/**", "/npm/@team%2f..%2fsum", "npm"), false);
  assert.equal(matchesHome("/npm/**", "/other/@team%2fsum", "npm"), false);
});

test("never on a path that an upstream could read as another", () => {
  for (const path of [
    "/%252e%252e/files",
    "//files",
    "/..%252ffiles",
    ";/x",
    "%3f/..%252f",
    "/.%09./x",
    "/%2e%2e/files",
  ])
    assert.equal(matchesHome("/v1/messages**", `/v1/messages${path}`), false, path);
});
