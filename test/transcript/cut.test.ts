// Replies that ended before they were over, of which a client may keep as much as it likes: no finding; and beside each the change that
// looks like it and is one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { call, model, none, one, open, result, text, user } from "./asking.ts";

test("the beginning of a text that was cut may be told, and later be left out", () => {
  const { ask, answer, breakOff } = open();
  ask([user("begin")]);
  answer(model(text("first")));
  const begun = [user("begin"), model(text("first")), user("on")];
  ask(begun);
  breakOff("it was said so far");
  const kept = [...begun, model(text("it was said")), user("and?")];
  assert.deepEqual(ask(kept).counts, none);
  answer(model(text("last")));
  const last = [model(text("last")), user("well")];
  assert.deepEqual(ask([...kept, ...last]).counts, none);
  assert.deepEqual(ask([...begun, ...last]).counts, none);
  assert.deepEqual(ask([user("begin"), user("on"), model(text("it was said")), user("and?"), ...last]).counts, none);
  const other = [...begun, model(text("it was never said")), user("and?"), ...last];
  assert.deepEqual(ask(other).counts, one("forged"));
});

test("a call that was cut off in its arguments is known by its identifier", () => {
  const { ask, breakOff } = open();
  ask([user("begin")]);
  breakOff('{"path":"a', call("c1", "edit", {}));
  const told = (name: string) => ask([user("begin"), model(call("c1", name, { path: "a" })), result("c1")]).counts;
  assert.deepEqual(told("edit"), none);
  assert.deepEqual(told("remove"), one("edited"));
});

test("a text that was cut is told apart from another that says just as much, by what stands before it", () => {
  const { ask, answer, breakOff } = open();
  ask([user("begin")]);
  answer(model(text("first")));
  const first = [user("begin"), model(text("first"))];
  ask([...first, user("on")]);
  answer(model(text("second")));
  ask([...first, user("on"), model(text("second")), user("on")]);
  answer(model(text("well")));
  // back, and on in another way
  ask([...first, user("or")]);
  breakOff("well then");
  assert.deepEqual(ask([...first, user("or"), model(text("well")), user("and?")]).counts, none);
  // once more, whole
  ask([...first, user("or else")]);
  breakOff("so it is");
  ask([...first, user("or else")]);
  answer(model(text("so"), call("c1", "edit", { path: "a" })));
  const whole = [...first, user("or else"), model(text("so"), call("c1", "edit", { path: "a" })), result("c1")];
  assert.deepEqual(ask(whole).counts, none);
});

test("what a reply had brought once is no measure of a history, when it has gone on", () => {
  const { ask, answer, say } = open();
  ask([user("begin")]);
  answer(model(text("first")));
  const first = [user("begin"), model(text("first"))];
  ask([...first, user("on")]);
  answer(model(text("it comes")));
  ask([...first, user("or")]);
  const go = say("it comes");
  const stopped = [user("or"), model(text("it comes")), user("stop")];
  assert.deepEqual(ask([...first, ...stopped]).counts, none);
  go(" and goes on");
  assert.deepEqual(ask([user("begin"), model(text("other")), ...stopped]).counts, one("edited"));
});

test("a text that was told here before a like one was cut elsewhere is no beginning of that", () => {
  const { ask, lose, answer, breakOff } = open();
  ask([user("begin")]);
  lose();
  const first = [user("begin"), model(text("so")), user("on")];
  assert.equal(ask(first).unheard, 1);
  answer(model(text("second")));
  const second = [...first, model(text("second")), user("and?")];
  assert.deepEqual(ask(second).counts, none);
  breakOff("so it is");
  // back, and on in another way; and on with what came
  assert.deepEqual(ask([...first.slice(0, 2), user("or")]).counts, none);
  assert.deepEqual(ask([...second, model(text("so")), user("well")]).counts, none);
  assert.deepEqual(ask([...second, model(text("so it was")), user("well")]).counts, one("edited"));
  assert.deepEqual(ask([...first, model(text("other")), user("and?")]).counts, one("edited"));
});

test("what a conversation that was begun elsewhere holds is that, whatever it could be of what was said here", () => {
  const { ask, answer, breakOff } = open();
  ask([user("other")]);
  breakOff("so it is");
  ask([user("other")]);
  answer(model({ type: "thinking", thinking: "I look", signature: "c2ln" }, text("second")));
  ask([user("other"), model(text("second")), user("and?")]);
  answer(model(text("I look second")));
  const elsewhere = [user("on another day"), model(text("so")), user("on"), model(text("I look"), text("second"))];
  assert.deepEqual(ask([...elsewhere, user("and?")]).before, 2);
  answer(model(text("so")));
  const whole = [...elsewhere, user("and?"), model(text("so")), user("well")];
  assert.deepEqual(ask(whole).counts, none);
  answer(model(text("done")));
  assert.deepEqual(ask([...whole, model(text("done")), user("bye")]).counts, none);
  assert.deepEqual(ask([...whole, model(text("dome")), user("bye")]).counts, one("edited"));
});

test("a text told with its thought before it is another than one that says as much and was delivered elsewhere", () => {
  const { ask, answer } = open();
  ask([user("other")]);
  answer(model({ type: "thinking", thinking: "I look", signature: "c2ln" }, text("second")));
  ask([user("begin")]);
  answer(model(text("first")));
  const told = [user("begin"), model(text("I look"), text("second")), user("on")];
  assert.deepEqual(ask(told).counts, one("edited"));
});
