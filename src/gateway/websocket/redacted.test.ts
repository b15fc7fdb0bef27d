// Messages of a WebSocket in which placeholders stand in place of secrets, and the way back: compressed, and leaning on each other, as
// clients write them; whatever follows a message that was changed is still what was said.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Inspect, Restore } from "../../domain/inspection.ts";
import { inspected } from "../inspected.ts";
import { once } from "../rehearsal.ts";
import { closing, echo, next, stand } from "./rehearsal.ts";

const [secret, placeholder] = ["hunter2-hunter2", "PSTN_X_ABCDEFGHIJKLMNOP"];
const nothing = inspected({ protocol: "openai-responses", operation: "message" });

let made = false;
const inspect: Inspect = async ({ form, body }) => {
  // the opening has a head alone
  assert.equal(form, body.length === 0 ? "request" : "socket");
  const text = String(body);
  if (!text.includes(secret)) return { kind: "inspected", inspection: nothing };
  made = true;
  const impossible = text.includes("signed") ? "it is signed" : undefined;
  const redacted = impossible === undefined ? Buffer.from(text.replaceAll(secret, placeholder)) : undefined;
  return {
    kind: "inspected",
    inspection: {
      ...nothing,
      redaction: { parts: [{ kind: "secret", rule: "built-in:secrets", count: 1 }], impossible, body: redacted },
    },
  };
};

let restored = 0;
const restore: Restore = {
  isWanted: (protocol) => made && protocol === "openai-responses",
  open: () => undefined,
  openMessages: () => ({
    // as where something was held back: one message becomes two
    pass: (message) => {
      const text = String(message);
      restored += text.split(placeholder).length - 1;
      return text.includes("split")
        ? [Buffer.from("held"), message]
        : [Buffer.from(text.replaceAll(placeholder, secret))];
    },
    restored: () => restored,
  }),
};

const options = { inspect, restore };

for (const deflate of [false, true])
  test(`a secret is taken out and given back, and all else is what was said${deflate ? ", compressed" : ""}`, async () => {
    made = false;
    restored = 0;
    await using it = await stand(echo, options, deflate);
    const socket = await it.dial();
    await once(socket, "open");
    const [before, after] = ["the same words again and again ".repeat(20), "the same words once more ".repeat(30)];
    for (const said of [before, `${before}${secret}`, `${before}${after}`, `${after}${secret}${after}`, before]) {
      socket.send(said);
      assert.equal(String(await next(socket)), said);
    }
    socket.send("split");
    assert.equal(String(await next(socket)), "held");
    socket.close(1000, "");
    await closing(socket);
    const reached = it.heard.messages.map(String);
    assert.deepEqual(reached, [
      before,
      `${before}${placeholder}`,
      `${before}${after}`,
      `${after}${placeholder}${after}`,
      before,
      "split",
    ]);
    assert.ok(it.heard.octets.every((octets) => !octets.includes(secret)));
    const [reply] = await it.entries("reply");
    assert.equal(reply?.counts?.placeholders, 2);
    const verdicts = (await it.entries("request")).slice(1).map(({ verdict, counts }) => [verdict, counts?.redactions]);
    const [passed, redacted] = [
      ["allow", undefined],
      ["redact", 1],
    ];
    assert.deepEqual(verdicts, [passed, redacted, passed, redacted, passed, passed]);
  });

test("where it cannot be taken out, the message does not leave and the socket closes", async () => {
  await using it = await stand(echo, options);
  const socket = await it.dial();
  await once(socket, "open");
  socket.send(`signed ${secret}`);
  await closing(socket);
  assert.deepEqual(it.heard.messages, []);
  assert.equal((await it.entries("refusal")).length, 1);
});
