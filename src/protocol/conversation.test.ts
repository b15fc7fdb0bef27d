// What is read of a body does not depend on what was read before it; and what was read before is not read again.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { messagesRequest } from "./anthropic/request.ts";
import { openConversation } from "./conversation.ts";
import { commonLength } from "./json/alike.ts";
import { as, by, call, fixed, free, list, object, opaque, result, setting, text } from "./shape/shapes.ts";
import { root, type Shape, type Walk } from "./shape/walk.ts";

const start = { shape: messagesRequest, at: root() };

const read = (conversation: ReturnType<typeof openConversation>, value: unknown): Walk => {
  const walk = conversation.read(Buffer.from(JSON.stringify(value)), () => start);
  return "kind" in walk ? assert.fail(walk.what) : walk;
};

const told = ({ spans, drift }: Walk) => ({
  spans: spans.map(({ role, kind, place, text, path, call, tool, fixed }) => ({
    role,
    kind,
    place,
    text,
    path,
    call,
    tool,
    fixed,
  })),
  drift,
});

const block = fc.oneof(
  fc.record({ type: fc.constant("text"), text: fc.string() }),
  fc.record({
    type: fc.constant("tool_use"),
    id: fc.constantFrom("a", "b"),
    name: fc.constantFrom("Read", "Edit"),
    input: fc.jsonValue({ maxDepth: 2 }),
  }),
  fc.record({ type: fc.constant("tool_result"), tool_use_id: fc.constantFrom("a", "b"), content: fc.string() }),
  fc.record({ type: fc.constant("odd"), x: fc.string() }),
);
const message = fc.record({
  role: fc.constantFrom("user", "assistant", "odd"),
  content: fc.oneof(fc.string(), fc.array(block, { maxLength: 3 })),
});
const body = fc.record({ model: fc.string(), system: fc.string(), messages: fc.array(message, { maxLength: 5 }) });

test("bodies in any order, alike or not: each is read as if it were the first", () => {
  const next = fc.tuple(body, fc.array(message, { maxLength: 2 }), fc.nat(5));
  fc.assert(
    fc.property(fc.array(next, { maxLength: 5 }), (all) => {
      const conversation = openConversation();
      for (const [first, more, kept] of all)
        for (const value of [first, { ...first, messages: [...first.messages.slice(0, kept), ...more] }])
          assert.deepEqual(told(read(conversation, value)), told(read(openConversation(), value)));
    }),
    { numRuns: 400 },
  );
});

test("bodies that are none, or no UTF-8, between those that are: what comes behind them is read as if it were the first", () => {
  const next = fc.tuple(
    fc.array(message, { maxLength: 3 }),
    fc.nat(5),
    fc.nat(400),
    fc.constantFrom("", "]", "}", "é"),
  );
  fc.assert(
    fc.property(body, fc.array(next, { maxLength: 6 }), (first, all) => {
      const conversation = openConversation();
      let messages = first.messages;
      for (const [more, kept, cut, end] of all) {
        messages = [...messages.slice(0, kept), ...more];
        const whole = Buffer.from(JSON.stringify({ ...first, messages }));
        const broken = Buffer.from(end === "é" ? whole : Buffer.concat([whole.subarray(0, -cut), Buffer.from(end)]));
        if (end === "é" && broken.length > cut + 3) broken[broken.length - cut - 3] = 0xe9;
        for (const bytes of [broken, whole]) {
          const [now, anew] = [conversation, openConversation()].map((one) =>
            one.read(Buffer.from(bytes), () => start),
          );
          if (now === undefined || anew === undefined || "kind" in now || "kind" in anew) assert.deepEqual(now, anew);
          else assert.deepEqual([told(now), now.tree.objections], [told(anew), anew.tree.objections]);
        }
      }
    }),
    { numRuns: 400 },
  );
});

test("an identifier that two calls have is the last one's, also where both were read before", () => {
  const call = (name: string) => ({ role: "assistant", content: [{ type: "tool_use", id: "a", name, input: {} }] });
  const messages = [call("Edit"), call("Read")];
  const more = [...messages, { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "r" }] }];
  const conversation = openConversation();
  read(conversation, { messages });
  const result = read(conversation, { messages: more }).spans.find(({ text }) => text === "r");
  assert.equal(result?.tool, "Read");
});

test("a body that a member behind the others makes another kind: what stands before it is read anew", () => {
  const inner = object({ x: text });
  const called = call({ id: "x", name: ["x"] }, inner);
  const rest = { list: list(called), result: result({ id: "x" }, inner), type: setting };
  const kinds = by("type", {
    plain: object({ part: inner, ...rest }),
    signed: fixed(object({ part: inner, ...rest })),
    other: object({ part: object({ x: opaque }), ...rest, list: list(object({ x: opaque })) }),
    // as much is found in it, more, and a call: what follows is read in the same way
    said: object({ part: as("person", inner), ...rest }),
    strange: object({ part: object({}), ...rest }),
    called: object({ part: called, ...rest }),
    calling: object({ part: call({ id: "x", name: ["x"] }, inner), ...rest }),
    free: object({ part: free, ...rest }),
    odd: object({ part: text, ...rest }),
  });
  const conversation = openConversation();
  const readAs = (one: ReturnType<typeof openConversation>, type: string) => {
    const list = [{ x: "b" }, { x: "c" }];
    const body = Buffer.from(JSON.stringify({ part: { x: "a" }, list, type, result: { x: "b" } }));
    const walk = one.read(body, () => ({ shape: kinds, at: root("unknown") }));
    return "kind" in walk ? assert.fail(walk.what) : told(walk);
  };
  const names = ["plain", "signed", "other", "said", "strange", "called", "calling", "free", "odd", "none"];
  for (const one of names)
    for (const next of names)
      for (const type of [one, next])
        assert.deepEqual(readAs(conversation, type), readAs(openConversation(), type), `${type} of ${one}, ${next}`);
});

test("a conversation that grows keeps its spans, and they hold no body but the last", () => {
  const conversation = openConversation();
  const messages: unknown[] = [];
  let before: Walk | undefined;
  for (let turn = 0; turn < 20; turn += 1) {
    messages.push({ role: turn % 2 === 0 ? "user" : "assistant", content: [{ type: "text", text: `turn ${turn} é` }] });
    const walk = read(conversation, { model: "m", system: "s", messages });
    // what came before, but for the list that had ended then
    const same = walk.spans.filter((span, at) => span === before?.spans[at]).length;
    assert.ok(turn === 0 || same === before?.spans.length, `${same} of ${before?.spans.length}`);
    assert.ok(turn === 0 || walk.tree.known > 0);
    before = walk;
  }
  assert.equal(before?.spans.at(-1)?.text, "turn 19 é");
});

test("a body that is sent again, or changes only behind its list, is gone on with as any other", () => {
  const conversation = openConversation();
  let asked = 0;
  const counting: Shape = (walk, node, at) => {
    asked += 1;
    text(walk, node, at);
  };
  const shape = object({ list: list(counting), behind: setting });
  const readList = (size: number, behind: string): void => {
    const value = { list: Array.from({ length: size }, (_, nth) => `${nth}`), behind };
    conversation.read(Buffer.from(JSON.stringify(value)), () => ({ shape, at: root() }));
  };
  readList(100, "a");
  readList(100, "a");
  readList(100, "b");
  assert.equal(asked, 100);
  readList(101, "b");
  assert.equal(asked, 101);
});

test("the common beginning of two bodies, to the octet", () => {
  // about the steps in which they are compared, and no more than a few octets
  const same = fc.tuple(fc.constantFrom(0, 16_384, 32_768), fc.nat(60)).map(([a, b]) => Buffer.alloc(a + b, 1));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ maxLength: 50 }), same, (a, b, before) => {
      const [x, y] = [Buffer.concat([before, a]), Buffer.concat([before, b])];
      const common = commonLength(x, y);
      assert.ok(x.subarray(0, common).equals(y.subarray(0, common)));
      assert.ok(common === Math.min(x.length, y.length) || x[common] !== y[common]);
    }),
  );
  assert.equal(commonLength(Buffer.alloc(0), Buffer.from("a")), 0);
  assert.equal(commonLength(Buffer.from("b"), Buffer.from("a")), 0);
});

test("a message of more blocks than a call may have arguments, sent again: the same spans", () => {
  const content = Array.from({ length: 130_000 }, () => ({ type: "text", text: "a" }));
  const conversation = openConversation();
  const sent = { model: "m", messages: [{ role: "user", content }] };
  const first = read(conversation, sent).spans;
  const again = read(conversation, {
    ...sent,
    messages: [...sent.messages, { role: "assistant", content: "b" }],
  }).spans;
  assert.ok(first.length >= 130_000);
  assert.ok(again.length > first.length);
  assert.equal(again.at(1_000), first.at(1_000));
});
