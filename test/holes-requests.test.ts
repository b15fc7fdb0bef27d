// Holes that others' gateways left in what goes out: what is not looked at, what is looked at elsewhere than it is read, what is written
// otherwise. Each beside a naive way that fails on the same case. Ground truth: what the vendor received, and the record.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { cases, said } from "../src/protocol/cases.ts";
import { assertLeaks, placeholder, readByVendor, stand, token } from "./holes/stand.ts";

const targets: Readonly<Record<string, string>> = {
  "Anthropic Messages": "/v1/messages?beta=true",
  "OpenAI Chat Completions": "/v1/chat/completions",
  "OpenAI Responses": "/v1/responses",
  Gemini: "/v1beta/models/m:streamGenerateContent?alt=sse",
  "Gemini after a login": "/v1internal:streamGenerateContent",
  "Bedrock Converse": "/model/m/converse",
  Ollama: "/api/chat",
  "Model Context Protocol": "/mcp",
};

interface Conversation {
  readonly messages?: readonly { readonly content: unknown }[];
}

/** What many gateways look at by default: texts of the last message. */
function looksAtLastText(body: Buffer): Buffer | undefined {
  const { messages = [] } = JSON.parse(String(body)) as Conversation;
  const content = messages.at(-1)?.content;
  const texts = Array.isArray(content) ? content.map((one: { text?: string }) => one.text ?? "") : [content];
  return texts.join("\n").includes(token) ? undefined : body;
}

/** Where a result is a message like any other, a person's words behind it. */
function goneOn(body: Readonly<Record<string, unknown>>): object {
  const { messages } = body;
  const isLast = Array.isArray(messages) && (messages.at(-1) as { role: string }).role === "tool";
  return isLast ? { ...body, messages: [...(messages as unknown[]), { role: "user", content: "go on" }] } : body;
}

for (const { name, body } of cases.filter(({ name }) => name in targets))
  test(`H1: a secret anywhere in a conversation is taken out, not in the last text alone: ${name}`, async () => {
    await using it = await stand();
    const plain = JSON.stringify(goneOn(body));
    for (const [place, text] of Object.entries(said)) {
      if (!plain.includes(text)) continue;
      const asked = plain.replaceAll(text, `${text} ${token}`);
      assertLeaks(looksAtLastText, asked);
      const { status } = await it.send(asked, { target: targets[name] ?? "" });
      assert.equal(status, 200, place);
      const got = String(it.heard.at(-1)?.body);
      assert.ok(!got.includes(token), place);
      assert.equal(got.replaceAll(new RegExp(placeholder, "g"), token), asked, `${place}: all else as it was`);
    }
    assert.ok(it.heard.length >= 2);
  });

test("H1: a field, a key and a block that nobody has described are looked into as well", async () => {
  await using it = await stand();
  const hello = { role: "user", content: "hello" };
  for (const strange of [
    { x_new_field: { deep: [{ deeper: token }] } },
    { metadata: { user_id: token } },
    { messages: [{ role: "user", content: [{ type: "a_new_block", body: { [token]: 1 } }] }] },
    { messages: [{ role: "overseer", content: token }, hello] },
  ]) {
    const asked = JSON.stringify({ model: "m", max_tokens: 1, messages: [hello], ...strange });
    assertLeaks(looksAtLastText, asked);
    await it.send(asked);
  }
  assert.equal(it.heard.length, 4);
  for (const { body } of it.heard) assert.ok(!String(body).includes(token) && placeholder.test(String(body)));
});

const ask = (content: string) => JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content }] });

test("H2: what two readers read differently does not leave", async () => {
  await using it = await stand();
  const parsed = (body: Buffer): Buffer | undefined => (looksAtAll(JSON.parse(String(body))) ? undefined : body);
  for (const twice of [
    `{"model":"m","messages":[{"role":"user","content":"${token}","content":"hello"}]}`,
    `{"model":"m","messages":[{"role":"user","content":"${token}"}],"messages":[]}`,
    `{"model":"m","messages":[{"role":"user","content":"${token}","\\u0063ontent":"hello"}]}`,
  ]) {
    assertLeaks(parsed, twice);
    const { status, body } = await it.send(twice);
    assert.equal(status, 403);
    assert.equal((JSON.parse(body) as { type: string }).type, "error");
  }
  assert.deepEqual(it.heard, []);
  const refusals = await it.entries("refusal");
  assert.equal(refusals.length, 3);
  for (const { sealed } of refusals) assert.match(String(sealed?.["reason"]), /read in two ways: duplicate key/);
});

/** As a reader that keeps the last of two keys. */
function looksAtAll(value: unknown): boolean {
  if (typeof value === "string") return value.includes(token);
  return typeof value === "object" && value !== null && Object.values(value).some(looksAtAll);
}

test("H2: a field beside the one that is looked at, an earlier turn, letters written as escapes", async () => {
  await using it = await stand();
  const escaped = [...token].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  const one = { role: "user", content: "hello" };
  const turns = [{ role: "user", content: token }, one];
  const raw = (body: Buffer): Buffer | undefined => (body.includes(token) ? undefined : body);
  for (const [asked, naive] of [
    [JSON.stringify({ model: "m", messages: [{ ...one, content_blocks: [{ text: token }] }] }), looksAtLastText],
    [JSON.stringify({ model: "m", messages: turns }), looksAtLastText],
    [ask("TOKEN").replace("TOKEN", escaped), (body: Buffer) => raw(body) && Buffer.from(unescaped(body))],
  ] as const) {
    assertLeaks(naive, asked);
    assert.equal((await it.send(asked)).status, 200);
    assert.ok(!unescaped(it.heard.at(-1)?.body ?? Buffer.alloc(0)).includes(token));
  }
  assert.equal(it.heard.length, 3);
});

const unescaped = (body: Buffer): string => JSON.stringify(JSON.parse(String(body)));

const codings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync } as const;

for (const [coding, compress] of Object.entries(codings))
  test(`H5: a request compressed with ${coding} is looked into, counted, and answered`, async () => {
    await using it = await stand();
    const headers = `Content-Encoding: ${coding}\r\n`;
    const asked = compress(Buffer.from(ask(`cat .env: ${token}`)));
    const raw = (body: Buffer): Buffer | undefined => (body.includes(token) ? undefined : body);
    assertLeaks((body) => {
      const left = raw(body);
      return left && Buffer.from(readByVendor({ headers: { "content-encoding": coding }, body: left }));
    }, asked);
    const clean = compress(Buffer.from(ask("hello")));
    for (const body of [asked, clean]) assert.equal((await it.send(body, { headers })).status, 200);
    const [first, second] = it.heard;
    assert.match(first === undefined ? "" : readByVendor(first), new RegExp(`cat .env: ${placeholder.source}`));
    assert.ok(second?.body.equals(clean), "nothing to act on: the very octets");
    const told = (await it.entries("request")).map(({ verdict, counts }) => [verdict, counts?.["findings-secret"]]);
    assert.deepEqual(told, [
      ["redact", 1],
      ["allow", 0],
    ]);
  });

test("H5: a coding nobody reads, one within another, a bomb, and what stands behind the end do not leave", async () => {
  await using it = await stand({ limits: { decoded: 1_000_000 } });
  const plain = Buffer.from(ask(token));
  for (const [coding, body] of [
    ["compress", plain],
    ["gzip, zstd", zstdCompressSync(gzipSync(plain))],
    ["zstd", zstdCompressSync(Buffer.alloc(1_000_001, " "))],
    ["gzip", Buffer.concat([gzipSync(ask("hello")), plain])],
    ["zstd", plain],
  ] as const)
    assert.equal((await it.send(body, { headers: `Content-Encoding: ${coding}\r\n` })).status, 403, coding);
  assert.deepEqual(it.heard, []);
  assert.equal((await it.entries("refusal")).length, 5);
});

/** As clients write that are no JavaScript: spaces, numbers, escapes, orders that no writer here would choose. */
const odd = (
  content: string,
): string => String.raw`{ "max_tokens" : 1.0, "temperature":1e-0 , "top_k": 12345678901234567890,
  "messages":[ {"content":[{"type":"thinking","thinking":"h\u006dm\/","signature":"EqQBCkYI+/\u003d"}],"role":"assistant"},
  {"role":"user","content":"${content} \/ \u00e9 é \ud83c\udf39"}  ],"model":"m" }
`;

test("H7: no octet is written anew, but for the secret itself", async () => {
  await using it = await stand();
  const clean = odd("nothing here");
  const asked = odd(`the token: ${token}, all right`);
  const anew = (body: Buffer): string => JSON.stringify(JSON.parse(String(body).replaceAll(token, "PSTN_X")));
  assert.notEqual(anew(Buffer.from(clean)), clean, "the naive way changes what no verdict touched");
  for (const body of [clean, asked]) await it.send(body);
  const [first, second] = it.heard.map(({ body }) => String(body));
  assert.equal(first, clean);
  assert.equal(second?.replace(placeholder, token), asked);
  assert.ok(!second?.includes(token));
});

test("H7: what is sent again is the octets it was: the vendor's cache of the conversation holds", async () => {
  await using it = await stand();
  const turns = [{ role: "user", content: `TOKEN=${token}` }];
  const sent: string[] = [];
  for (const more of ["first", "second", `third ${token}`]) {
    turns.push({ role: "assistant", content: "noted" }, { role: "user", content: more });
    sent.push(JSON.stringify({ model: "m", messages: turns }));
    await it.send(sent.at(-1) ?? "");
  }
  const random = (text: string): string => text.replaceAll(token, () => `PSTN_${randomUUID()}`);
  const naive = sent.map(random);
  const shared = (all: readonly string[]): boolean =>
    all.every((body, at) => at === 0 || body.startsWith((all[at - 1] ?? "").slice(0, -2)));
  assert.ok(shared(sent) && !shared(naive));
  assert.ok(shared(it.heard.map(({ body }) => String(body))));
  assert.equal(new Set(it.heard.flatMap(({ body }) => String(body).match(new RegExp(placeholder, "g")))).size, 1);
});
