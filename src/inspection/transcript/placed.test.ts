// A block that was known stays so without being looked up again, but not where what it rests on has become something else: there
// a text whose reply was cut is meant more likely.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivered, Utterance } from "../../domain/transcript.ts";
import type { Block } from "./blocks.ts";
import { memoryLimits } from "./limits.ts";
import { Memory } from "./memory.ts";
import { place } from "./placed.ts";
import { tell } from "./retelling.ts";

const text = (words: string): Utterance => ({ kind: "text", text: words, path: "" });
const call = (id: string): Utterance => ({ kind: "call", tool: "read", call: id, made: `{"n":"${id}"}`, path: "" });
const blockOf = (one: Utterance): Block => tell([one]).blocks[0] ?? assert.fail();
const whole = (words: string): Delivered => ({
  utterances: [text(words)],
  cut: false,
  several: false,
  unheard: false,
  response: undefined,
});
const cut = (words: string): Delivered => ({ ...whole(words), cut: true });
const where = { person: 1, isFirst: false };

function openMemory(limits = memoryLimits) {
  const memory = new Memory((each) => each, limits);
  const nameOf = (one: Utterance): number => memory.nameOf(blockOf(one));
  /** Answered to a history that ends in `behind`; the very same object where nothing has come since. */
  const answer = (behind: Utterance, delivered: () => Delivered): void => {
    memory.add({ place: "", person: 1, history: [nameOf(behind)], lead: undefined }, delivered);
    memory.settle();
  };
  return { memory, nameOf, answer };
}

test("behind another block", () => {
  const { memory, nameOf, answer } = openMemory();
  const [one, other, all, some] = [call("one"), call("other"), whole("so"), cut("so it was")];
  answer(one, () => all);
  answer(other, () => some);
  const block = blockOf(text("so"));
  assert.equal(place(memory, block, nameOf(one), where).name, nameOf(text("so")));
  assert.equal(place(memory, block, nameOf(other), where).name, nameOf(text("so it was")));
});

test("where its reply has gone on", () => {
  const { memory, nameOf, answer } = openMemory();
  const one = call("one");
  let come = cut("so");
  answer(one, () => come);
  const block = blockOf(text("so"));
  assert.equal(place(memory, block, nameOf(one), where).name, nameOf(text("so")));
  come = cut("so it was");
  memory.settle();
  assert.equal(place(memory, block, nameOf(one), where).name, nameOf(text("so it was")));
});

test("where its reply was let go of", () => {
  const { memory, nameOf, answer } = openMemory({ ...memoryLimits, answers: 1 });
  const [one, other, all, again, some] = [call("one"), call("other"), whole("so"), whole("so"), cut("so it was")];
  answer(one, () => some);
  answer(one, () => all);
  const block = blockOf(text("so"));
  assert.equal(place(memory, block, nameOf(one), where).name, nameOf(text("so")));
  answer(other, () => again);
  assert.equal(place(memory, block, nameOf(one), where).name, nameOf(text("so it was")));
});

test("and where nothing has, it is the very same", () => {
  const { memory, nameOf, answer } = openMemory();
  const [one, all, more] = [call("one"), whole("so"), whole("and more")];
  answer(one, () => all);
  const block = blockOf(text("so"));
  const placed = place(memory, block, nameOf(one), where);
  answer(one, () => more);
  assert.equal(place(memory, block, nameOf(one), where), placed);
});
