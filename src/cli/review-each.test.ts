import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileItem, Review } from "../review/landing/review.ts";
import { chooseEach } from "./review-each.ts";

const hunk = (start: number) => ({ start, count: 1, newStart: start, newCount: 1, lines: ["-a", "+b"] });
const object = "0".repeat(40);
const version = { kind: "file" as const, object, mode: 0o644 };

function item(id: string, hunks: number): FileItem {
  return {
    kind: "file",
    id,
    root: "/w",
    path: id,
    before: version,
    after: version,
    joined: false,
    apart: undefined,
    digest: id,
    difference: { kind: "hunks", hunks: Array.from({ length: hunks }, (_, at) => hunk(1 + at * 20)) },
  };
}

async function play(items: readonly FileItem[], answers: readonly string[]) {
  const [told, left] = [[] as string[], [...answers]];
  const ask = (question: string) => {
    told.push(question);
    return Promise.resolve(left.shift() ?? "");
  };
  const choice = await chooseEach({ items } as unknown as Review, { tell: (line) => told.push(line), ask });
  return { ...choice, told, left };
}

test("each hunk is asked for, and only a clear yes is one", async () => {
  const { words, seen } = await play([item("a", 3), item("b", 1), item("c", 1)], ["y", "", "yes", "maybe", "Y"]);
  assert.deepEqual(words, ["a#1,3", "c"]);
  assert.deepEqual(seen, ["a", "b", "c"]);
});

test("the rest of a file goes with one answer, and is shown all the same", async () => {
  const { words, told } = await play([item("a", 3), item("b", 3)], ["a", "n", "d"]);
  assert.deepEqual(words, ["a#1,2,3"]);
  assert.equal(told.filter((line) => line.includes("#3  @@")).length, 2);
});

test("after the last question nothing is chosen, and nothing counts as shown", async () => {
  const { words, seen } = await play([item("a", 2), item("b", 1), item("c", 1)], ["y", "q", "y", "y"]);
  assert.deepEqual(words, ["a#1"]);
  assert.deepEqual(seen, ["a"]);
});
