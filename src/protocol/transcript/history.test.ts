// Elements that stand as they stood are not read again; whatever was read between, none is taken for another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openConversation } from "../conversation.ts";
import { readRequest } from "../read.ts";
import { openHistory } from "./history.ts";

const head = { method: "POST", target: "/v1/messages", headers: ["content-type", "application/json"] };
const said = (...texts: readonly string[]) => texts.map((content) => ({ role: "assistant", content }));

function open() {
  const [conversation, history] = [openConversation(), openHistory()];
  return (messages: readonly object[], isTold = true) => {
    const { tree } = readRequest(head, Buffer.from(JSON.stringify({ messages })), conversation);
    if (tree === undefined) return assert.fail("no JSON");
    return isTold ? (history("anthropic", tree)?.elements ?? []).flat() : [];
  };
}

const textsOf = (utterances: readonly object[]) => utterances.map((one) => "text" in one && one.text);

test("the very same objects for what stands as it stood", () => {
  const read = open();
  const first = read(said("one", "two"));
  const second = read(said("one", "two", "three"));
  assert.deepEqual(textsOf(second), ["one", "two", "three"]);
  assert.equal(second[0], first[0]);
});

test("a body that was read and not told here leads to no confusion", () => {
  const read = open();
  read(said("one", "two", "three"));
  read(said("one", "zwo", "four"), false);
  assert.deepEqual(textsOf(read(said("one", "zwo", "four", "five"))), ["one", "zwo", "four", "five"]);
});

test("a body that is shorter than the one before, and begins as it does", () => {
  const read = open();
  read(said("one", "two", "three", "four"));
  assert.deepEqual(textsOf(read(said("one"))), ["one"]);
  assert.deepEqual(textsOf(read([])), []);
});
