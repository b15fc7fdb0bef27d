import assert from "node:assert/strict";
import { test } from "node:test";
import { mixed } from "./keyed.ts";
import { addPublic, isPublic, openPublic, publicOctets } from "./known-public.ts";

test("whatever was added is public, and of other passages fewer than one in a hundred", () => {
  const known = openPublic();
  const count = 1_500_000;
  for (let at = 0; at < count; at += 1) addPublic(known, mixed(at));
  for (let at = 0; at < count; at += 1) if (!isPublic(known.pieces, mixed(at))) assert.fail(`${at} is missing`);
  let chance = 0;
  for (let at = count; at < count + 100_000; at += 1) if (isPublic(known.pieces, mixed(at))) chance += 1;
  assert.ok(chance < 1000, `${chance} of 100,000`);
  assert.equal(publicOctets(known), (1 + 2) * 2 ** 20);
});

test("added twice is added once", () => {
  const known = openPublic();
  for (let round = 0; round < 3; round += 1) for (let at = 0; at < 1000; at += 1) addPublic(known, mixed(at));
  assert.ok(known.held <= 1000 && known.held > 990);
});
