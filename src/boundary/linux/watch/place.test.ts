// Following a path takes no longer than is given for it, however it was laid; what is looked up within that is followed as ever.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../limits.ts";
import { findPlace, patience } from "./place.ts";

const whose = { root: 3, numbers: () => undefined };

test("a way that leads nowhere through too many places is unknown, and not followed on", () => {
  let opened = 0;
  const openIn = (): number => {
    opened += 1;
    return -2;
  };
  const long = `/${Array.from({ length: 2000 }, () => "b").join("/")}`;
  assert.deepEqual(findPlace(openIn, whose, long), { kind: "unknown" });
  assert.equal(opened, limits.placesOpened);
});

test("what is given for one call is not given again for its second path", () => {
  const given = patience();
  let opened = 0;
  const openIn = (): number => {
    opened += 1;
    return -2;
  };
  for (const path of [`/${"b/".repeat(200)}x`, `/${"c/".repeat(200)}x`])
    assert.equal(findPlace(openIn, whose, path, given).kind, "unknown");
  assert.ok(opened <= limits.placesOpened + 1);
});

test("a short way to nothing is missing, as the kernel would say", () => {
  assert.deepEqual(
    findPlace(() => -2, whose, "/a/b/c"),
    { kind: "missing", errno: 2 },
  );
});
