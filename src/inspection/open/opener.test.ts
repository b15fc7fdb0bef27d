import assert from "node:assert/strict";
import { test } from "node:test";
import { steps } from "../steps.ts";
import { openOpener } from "./opener.ts";

const written = (message: string): string => `a ${Buffer.from(message).toString("base64")} b`;

void test("opener: what is asked again is not opened again, and is the same", () => {
  const open = openOpener(() => undefined);
  const text = written("a message of some length");
  const before = steps.opened;
  const first = open(text);
  assert.deepEqual(
    first.found.map((one) => one.text),
    ["a message of some length"],
  );
  const once = steps.opened - before;
  assert.equal(open(text), first);
  assert.equal(steps.opened - before, once);
  assert.notDeepEqual(open(written("another one that is as long")).found, first.found);
});

void test("opener: no more is remembered than is said", () => {
  const [one, other] = [written("a message of some length"), written("another one of that length")];
  const open = openOpener(() => undefined, one.length + other.length - 1);
  const first = open(one);
  open(other);
  assert.notEqual(open(one), first);
  const long = written("x".repeat(200));
  assert.notEqual(open(long), open(long));
});
