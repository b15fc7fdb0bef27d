// Holes by which others' gateways end or disturb a session: a body that is too large, a body its client signs, a socket that is refused,
// an authority that is not trusted, a tool's description. Each beside a naive way that fails on the same case. Ground truth: what the
// vendor received, what the client was told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { once, readUntil } from "../src/gateway/rehearsal.ts";
import { closing, next, opening } from "../src/gateway/websocket/rehearsal.ts";
import { type Answer, assertLeaks, name, placeholder, stand, token } from "./holes/stand.ts";

const MB = 1024 * 1024;
const ask = (content: string, more: readonly object[] = []) =>
  JSON.stringify({ model: "m", messages: [{ role: "user", content }, ...more] });

/** In the shape that the vendor's own client reads. */
function refusalOf({ status, body }: Answer): { readonly status: number; readonly type: string } {
  const { type, error } = JSON.parse(body) as { type: string; error: { type: string; message: string } };
  assert.ok(type === "error" && error.message.length > 20, body);
  return { status, type: error.type };
}

test("H6: a body of the provider's own largest size is looked into to its end, and so is the next", {
  timeout: 200_000,
}, async () => {
  await using it = await stand();
  const line = "a line of a log that says nothing in particular, 0123456789\\n";
  const asked = ask("HERE").replace("HERE", `${line.repeat(Math.floor((32 * MB) / line.length) - 4)}${token}`);
  assert.ok(asked.length > 31.9 * MB && asked.length <= 32 * MB);
  // what is too long for them, passed on unseen or refused for good
  assertLeaks((body) => (body.length > 10 * MB ? body : undefined), asked);
  const compacting = `${asked.slice(0, -2)},{"role":"user","content":"/compact"}]}`;
  const refuses = (body: string): boolean => body.length > 10 * MB;
  assert.ok(refuses(asked) && refuses(compacting), "not even what would make it shorter gets through");
  for (const [body, size] of [
    [asked, 31 * MB],
    [compacting, 31 * MB],
    [ask("please sum it up"), 10],
  ] as const) {
    assert.equal((await it.send(body)).status, 200);
    const got = it.heard.at(-1)?.body ?? Buffer.alloc(0);
    assert.ok(got.length > size && !got.includes(token));
  }
  assert.equal(it.heard.length, 3);
});

test("H6: what is longer than any provider takes is refused so that its client knows, and the next one passes", async () => {
  await using it = await stand({ limits: { body: 2 * MB, inspected: MB } });
  for (const [size, status, type] of [
    [2 * MB, 413, "request_too_large"],
    [MB, 403, "permission_error"],
  ] as const) {
    const answer = await it.send(ask("x".repeat(size)));
    assert.deepEqual(refusalOf(answer), { status, type });
    assert.equal((await it.send(ask("/compact"))).status, 200);
  }
  assert.deepEqual(
    it.heard.map(({ body }) => String(body)),
    [ask("/compact"), ask("/compact")],
  );
  assert.equal((await it.entries("refusal")).length, 2);
});

const identity = { type: "text", text: "You are Claude Code, Anthropic\u2019s official CLI\u00a0for Claude." };
const signed = { type: "text", text: "x-anthropic-billing-header: cc_version=2.1; cc_entrypoint=cli;" };
const asSystem = (system: readonly object[], content: string) =>
  `{"model":"m","system":${JSON.stringify(system)},"messages":[{"role":"user","content":${JSON.stringify(content)}}]}`;

/** Takes it out wherever it stands, and makes what is odd plain. */
const everywhere = (body: Buffer): Buffer =>
  Buffer.from(String(body).replaceAll(token, "PSTN_X").replaceAll("\u2019", "'").replaceAll("\u00a0", " "));

test("H8: a client's identity and attribution, in the first two system blocks, leave as they are or not at all", async () => {
  await using it = await stand();
  const third = { type: "text", text: `the project: ${token}` };
  const asked = asSystem([identity, signed, third], `and ${token}`);
  assert.ok(!String(everywhere(Buffer.from(asked))).includes(identity.text), "the naive way changes it");
  assert.equal((await it.send(asked)).status, 200);
  const got = String(it.heard[0]?.body);
  assert.equal(got.replaceAll(new RegExp(placeholder, "g"), token), asked);
  assert.ok(!got.includes(token) && got.startsWith(asked.slice(0, asked.indexOf(third.text))));
  for (const within of [
    [{ ...identity, text: `${identity.text} ${token}` }, signed],
    [identity, { ...signed, text: `${signed.text} ${token}` }],
  ])
    assert.deepEqual(refusalOf(await it.send(asSystem(within, "hello"))), { status: 403, type: "permission_error" });
  assert.equal((await it.send(asSystem([identity, signed], "hello"))).status, 200);
  assert.equal(it.heard.length, 2);
  // another client's instructions stand there, with what it read
  assert.equal((await it.send(asSystem([{ ...identity, text: `Rules: ${token}` }], "hello"))).status, 200);
  assert.ok(!String(it.heard[2]?.body).includes(token));
});

const billed = {
  type: "text",
  text: "x-anthropic-billing-header: cc_version=2.1.328.e1f; cc_entrypoint=cli; cch=0a1b2;",
};

test("H9: of a body its client signs no octet is changed: it leaves as it is, or is refused in words its client reads", async () => {
  await using it = await stand();
  const clean = asSystem([billed, identity], "hello");
  const asked = asSystem([billed, identity], `TOKEN=${token}`);
  const naive = String(everywhere(Buffer.from(asked)));
  assert.ok(naive.includes("cch=0a1b2") && naive !== asked, "the naive way sends a mark of another body");
  for (const target of ["/v1/messages?beta=true", "/v1/messages/count_tokens?beta=true"]) {
    assert.equal((await it.send(clean, { target })).status, 200);
    const refused = await it.send(asked, { target });
    assert.deepEqual(refusalOf(refused), { status: 403, type: "permission_error" });
    assert.match(refused.body, /cannot be taken out of it. A conversation without it can go on/);
    // a session whose history is without it goes on
    assert.equal((await it.send(clean, { target })).status, 200);
  }
  assert.deepEqual(
    it.heard.map(({ body }) => String(body)),
    [clean, clean, clean, clean],
  );
  for (const { rule, sealed } of await it.entries("refusal")) {
    assert.equal(rule, "built-in:secrets");
    assert.match(String(sealed?.["reason"]), /the body is signed: the client's own mark of its vendor/);
  }
});

test("H9: without the mark, as the client's own switch for gateways has it, the same conversation goes on", async () => {
  await using it = await stand();
  for (const more of ["", "and then", "and so on"]) {
    const asked = asSystem([identity], `TOKEN=${token} ${more}`);
    assert.equal((await it.send(asked)).status, 200);
    assert.equal(String(it.heard.at(-1)?.body).replace(placeholder, token), asked);
  }
});

/** How a published client takes the answer to its opening: what it does next. */
const next426 = (answer: string): "asks plainly" | "gives up" =>
  answer.startsWith("HTTP/1.1 426 ") ? "asks plainly" : "gives up";

test("H10: a WebSocket that is not permitted is answered at once, so that its client asks plainly", async () => {
  await using it = await stand({ grant: { methods: ["POST"], paths: ["/v1/responses"] } });
  const socket = await it.dial();
  socket.write(opening("", "/v1/responses", name));
  const answer = await readUntil(socket, /\}$/);
  assert.equal(next426(answer), "asks plainly");
  assert.equal(next426("HTTP/1.1 403 Forbidden\r\n\r\n"), "gives up", "the naive way ends the session");
  assert.match(answer, /use plain HTTP/);
  socket.destroy();
  const plain = JSON.stringify({ model: "m", input: "hello" });
  assert.equal((await it.send(plain, { target: "/v1/responses" })).status, 200);
  assert.equal(String(it.heard[0]?.body), plain);
  assert.equal((await it.entries("refusal")).length, 1);
});

test("H10: one that is permitted is carried, looked into, and ends for a message that may not leave", async () => {
  await using it = await stand({
    speak: (socket) => void socket.on("message", (data: Buffer) => socket.send(String(data))),
  });
  const said = (text: string): string => JSON.stringify({ type: "response.create", model: "m", input: text });
  const socket = await it.dialSocket();
  await once(socket, "open");
  socket.send(said("hello"));
  assert.equal(String(await next(socket)), said("hello"));
  socket.send(said("hello").replace("}", ',"model":"another"}'));
  assert.equal((await closing(socket)).code, 1008);
  assert.equal(it.messages.length, 1);
});

test("H14: what a tool's description shows as an example neither stops nor changes what a person asks", async () => {
  const action = (what: "refuse" | "redact") => ({ action: what, rule: `user:personal-data.${what}` });
  const rules = { personal: { card: action("refuse"), mail: action("refuse"), telephone: action("redact") } };
  await using it = await stand({ rules });
  const examples =
    "Pays. Card: 4111 1111 1111 1111; e-mail: jo.doe@acme-pay.com; telephone: +1 415 555 2671; key: AKIAIOSFODNN7EXAMPLE; covers C4, S3, EKS";
  const properties = { to: { type: "string", description: examples }, key: { type: "string", default: "sk-ant-..." } };
  const tools = [{ name: "pay", description: examples, input_schema: { type: "object", properties } }];
  const asking = (content: string): string =>
    JSON.stringify({ model: "m", tools, messages: [{ role: "user", content }] });
  const blocks = (body: string): boolean => /4111 1111|jo\.doe@/.test(body);
  const benign = asking("how do I pay? C4 and S3 are places");
  assert.ok(blocks(benign), "the naive way refuses whatever is asked");
  assert.equal((await it.send(benign)).status, 200);
  assert.equal(String(it.heard[0]?.body), benign);
  // said by a person, a tool or the model it is what the rules are about
  assert.deepEqual(refusalOf(await it.send(asking("my card: 4111 1111 1111 1111"))), {
    status: 403,
    type: "permission_error",
  });
  assert.equal((await it.send(asking("telephone: +1 415 555 2671"))).status, 200);
  const sent = String(it.heard[1]?.body);
  assert.equal(sent.replace(/PSTN_TELEPHONE_[A-Z2-7]{16}/, "+1 415 555 2671"), asking("telephone: +1 415 555 2671"));
  assert.notEqual(sent, asking("telephone: +1 415 555 2671"));
  const [entry] = await it.entries("request");
  assert.ok((entry?.counts?.["findings-personal"] ?? 0) >= 3, "counted all the same");
});

test("H14: a secret in a tool's description is taken out there, and the person's words leave as they are", async () => {
  await using it = await stand();
  const tools = [{ name: "push", description: `pushes with ${token}`, input_schema: { type: "object" } }];
  const asked = JSON.stringify({ model: "m", tools, messages: [{ role: "user", content: "hello" }] });
  for (let turn = 0; turn < 2; turn += 1) assert.equal((await it.send(asked)).status, 200);
  const [first, second] = it.heard.map(({ body }) => String(body));
  assert.equal(first?.replace(placeholder, token), asked);
  assert.ok(!first?.includes(token) && first === second);
});
