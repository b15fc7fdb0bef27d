// What published clients do to a conversation by themselves, one by one, and what vendors allow: no finding; and beside each the change
// that looks like it and is one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { token } from "../holes/stand.ts";
import { type Asking, call, completions, messages, model, none, one, open, result, text, user } from "./asking.ts";

test("a thought is told as a text", () => {
  const { ask, answer } = open();
  ask([user("begin")]);
  answer(model({ type: "thinking", thinking: "I ponder" }, text("and say")));
  const { counts, known } = ask([user("begin"), model(text("I ponder"), text("and say")), user("on")]);
  assert.deepEqual([counts, known], [none, 1]);
  assert.deepEqual(ask([user("begin"), model(text("I pondered"), text("and say")), user("on")]).counts, one("edited"));
});

test("Claude Code leaves out that a command goes where it is", () => {
  const { ask, answer } = open();
  ask([user("begin")]);
  answer(model(call("c1", "Bash", { command: "cd /work/parcel && npm test" })));
  const told = (command: string) => ask([user("begin"), model(call("c1", "Bash", { command })), result("c1")]).counts;
  assert.deepEqual(told("npm test"), none);
  assert.deepEqual(told("npm publish"), one("edited"));
});

test("texts that a client puts in by itself; any other is found", () => {
  const { ask, answer } = open();
  ask([user("begin")]);
  answer(model(text("said")));
  const told = (filler: string) =>
    ask([user("begin"), model(text("said")), user("on"), model(text(filler)), user("well")]).counts;
  assert.deepEqual(told("No response requested."), none);
  assert.deepEqual(told("No response was requested."), one("forged"));
});

test("a text that the reply is asked to go on with", () => {
  const { ask, answer } = open();
  const { counts, before } = ask([user("begin"), model(text("{ so"))]);
  assert.deepEqual([counts, before], [none, 1]);
  answer(model(text("it goes }")));
  assert.deepEqual(ask([user("begin"), model(text("{ so it goes }")), user("on")]).counts, none);
  assert.deepEqual(ask([user("begin"), model(text("{ so it went }")), user("on")]).counts, one("edited"));
  // and later on, too
  const later = ask([user("begin"), model(text("{ so it goes }")), user("on"), model(text("[ and"))]);
  assert.deepEqual([later.counts, later.known, later.before], [none, 1, 1]);
});

test("of several answers one is taken", () => {
  const chat = { target: completions };
  const said = (content: string) => ({ role: "assistant", content });
  const { ask, answer } = open();
  ask([user("begin")], chat);
  answer({ choices: ["this", "that"].map((content, index) => ({ index, message: said(content) })) });
  assert.deepEqual(ask([user("begin"), said("that"), user("on")], chat).counts, none);
  assert.deepEqual(ask([user("begin"), said("this"), user("on")], chat).counts, none);
  assert.equal(ask([user("begin"), said("the third"), user("on")], chat).counts.edited, 1);
  // nor is the other one missing where something was said before
  const begun = [user("begin"), said("this"), user("on")];
  answer({ choices: [{ index: 0, message: said("further") }] });
  ask(begun, chat);
  answer({ choices: ["left", "right"].map((content, index) => ({ index, message: said(content) })) });
  assert.deepEqual(ask([...begun, said("right"), user("so")], chat).counts, none);
});

test("a call in a place of its own, under an identifier that was given to another", () => {
  const { ask, answer } = open();
  ask([user("begin")]);
  answer(model(call("c1", "edit", { path: "a" })));
  const begun = [user("begin"), model(call("c1", "edit", { path: "a" })), result("c1")];
  assert.deepEqual(ask(begun).counts, none);
  answer(model(text("so")));
  const more = [model(call("c1", "edit", { path: "b" })), result("c1")];
  const { counts } = ask([...begun, ...more, model(text("so")), user("on")]);
  assert.deepEqual(counts, one("edited"));
});

test("the same words of a person begin two conversations, where their client calls them otherwise", () => {
  const { ask, answer } = open();
  const as = (name: string): Asking => ({ more: { metadata: { user_id: name } } });
  ask([user("begin")], as("a"));
  answer(model(text("said")));
  const other = [user("begin"), model(text("said elsewhere")), user("on")];
  assert.deepEqual([ask(other, as("b")).counts, ask(other, as("b")).before], [none, 1]);
  assert.deepEqual(ask(other, as("a")).counts, one("edited"));
});

test("what was delivered to another conversation was not to this one", () => {
  const { ask, answer } = open();
  ask([user("another")]);
  answer(model(text("Yes, all of it.")));
  ask([user("begin")]);
  answer(model(text("No.")));
  const begun = [user("begin"), model(text("No.")), user("on")];
  ask(begun);
  answer(model(text("Well.")));
  const yes = [model(text("Yes, all of it.")), user("so")];
  assert.deepEqual(ask([...begun, ...yes, model(text("Well.")), user("on")]).counts, one("forged"));
  assert.deepEqual(ask([user("another"), ...yes]).counts, none);
  // told as one's own from the first, it was begun so
  const told = [user("third"), ...yes];
  assert.deepEqual([ask(told).counts, ask(told).known], [none, 1]);
});

test("while a reply comes, what of it is told is known; no more is taken for granted by that", () => {
  const { ask, answer, say } = open();
  ask([user("begin")]);
  answer(model(text("first")));
  const begun = [user("begin"), model(text("first")), user("on")];
  ask(begun);
  const go = say("it comes");
  assert.deepEqual(ask([...begun, model(text("it comes")), user("stop")]).counts, none);
  go(" and goes on");
  const changed = [user("begin"), model(text("other")), user("on"), model(text("it comes")), user("stop")];
  assert.deepEqual(ask(changed).counts, one("edited"));
});

test("the middle is cut out to make room; a few blocks of it are not", () => {
  const { ask, answer } = open();
  const told: object[] = [user("begin")];
  for (let nth = 0; nth < 14; nth += 1) {
    ask(told);
    answer(model(text(`step ${nth}`)));
    told.push(model(text(`step ${nth}`)), user(`on ${nth}`));
  }
  assert.deepEqual(ask([...told.slice(0, 4), ...told.slice(24)]).counts, none);
  assert.deepEqual(ask([...told.slice(0, 4), ...told.slice(8)]).counts, { ...none, missing: 2 });
});

test("a text more often than it was delivered", () => {
  const { ask, answer } = open();
  ask([user("begin")]);
  answer(model(text("Yes.")));
  const [yes, no] = [
    [model(text("Yes.")), user("and this?")],
    [model(text("No.")), user("and that?")],
  ];
  assert.deepEqual(ask([user("begin"), ...yes]).counts, none);
  answer(model(text("No.")));
  assert.deepEqual(ask([user("begin"), ...yes, ...no]).counts, none);
  answer({ error: "busy" });
  assert.deepEqual(ask([user("begin"), ...yes, ...no, ...yes]).counts, one("forged"));
  answer(model(text("Yes.")));
  assert.deepEqual(ask([user("begin"), ...yes, ...no]).counts, none);
  answer(model(text("Yes.")));
  assert.deepEqual(ask([user("begin"), ...yes, ...no, ...yes]).counts, none);
});

test("what is not answered with anything to be told again is not waited for", () => {
  const { asked, ask, answer } = open();
  assert.equal(typeof asked([user("begin")]), "number");
  assert.equal(asked([user("begin")], { target: `${messages}/count_tokens` }), undefined);
  assert.equal(asked([user("begin")], { target: "/v1/responses/compact" }), undefined);
  assert.equal(asked([user("begin")], { target: "/v1/responses", form: "socket", more: { type: "x" } }), undefined);
  const made = { target: "/v1/responses", form: "socket", more: { type: "response.create" } } as const;
  assert.equal(typeof asked([user("begin")], made), "number");
  // several at once: which reply is whose is not told
  const streams = { ...made, more: { ...made.more, stream_id: "s1" } };
  ask([user("other")], streams);
  answer({ type: "response.completed", response: { id: "r1", output: [] } });
  const { counts, unheard } = ask([user("other"), { role: "assistant", content: "said" }, user("on")], streams);
  assert.deepEqual([counts, unheard], [none, 1]);
});

test("names that a history gives are told, and none that holds a secret or is none", () => {
  const { ask, answer } = open();
  ask([user("begin")]);
  answer(model(text("said")));
  const forged = [token, "x".repeat(65), "call_9"].map((id) => call(id, `tool ${id}`, {}));
  const { findings } = ask([user("begin"), model(text("said")), user("on"), model(...forged), user("well")]);
  assert.deepEqual(
    findings.map(({ call: id, tool }) => [id, tool]),
    [
      ["(a secret)", "(a secret)"],
      ["(65 characters)", "(70 characters)"],
      ["call_9", "tool call_9"],
    ],
  );
});
