// The inspector in its thread: what it finds, what it has seen before, and that whatever becomes of it, an answer comes.

import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Host } from "../../domain/brand.ts";
import type { Inquiry, Inspected } from "../../domain/inspection.ts";
import { positives } from "../../inspection/rules/examples/positives.ts";
import { ownRules } from "../../inspection/rules/own.ts";
import { openDesk } from "./desk.ts";
import { type Compared, inspectingLimits, openInspecting } from "./thread.ts";

const head = { method: "POST", target: "/v1/messages?beta=true", headers: ["Content-Type", "application/json"] };
/** A made one, with the checksum that its maker gives them. */
const made = positives(1, ownRules.length).find(({ rule }) => rule === "github-personal-token");
const token = made?.text.slice(made.from, made.to) ?? assert.fail("no such rule");

const nothing: Compared = { known: () => [], sources: () => [] };

function inquiry(body: unknown, form: Inquiry["form"] = "request", target = head.target): Inquiry {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { form, head: { ...head, target }, host: "api.example.com" as Host, body: Buffer.from(text) };
}

const ask = (content: string, more: readonly unknown[] = []) => ({
  model: "m",
  max_tokens: 1,
  messages: [{ role: "user", content: [{ type: "text", text: content }] }, ...more],
});

function inspectionOf(inspected: Inspected) {
  return inspected.kind === "inspected" ? inspected.inspection : assert.fail(inspected.why);
}

test("what a request says, by whom, and what is in it; what was said before is not looked into again", async () => {
  await using inspecting = openInspecting(nothing);
  const first = inspectionOf(await inspecting.inspect(inquiry(ask(`my token: ${token}`))));
  assert.deepEqual([first.protocol, first.operation], ["anthropic", "messages"]);
  assert.deepEqual(
    first.findings.map(({ kind, role, path }) => [kind, role, path]),
    [["secret", "person", "messages[0].content[0].text"]],
  );
  assert.ok(first.fresh > 0);
  const answer = { role: "assistant", content: [{ type: "text", text: "noted" }] };
  const second = inspectionOf(await inspecting.inspect(inquiry(ask(`my token: ${token}`, [answer]))));
  assert.equal(second.counts.secret, 1);
  assert.ok(second.fresh <= 1 + 1, `${second.fresh}`);
});

test("what is written in other codings is found, and said to be", async () => {
  await using inspecting = openInspecting(nothing);
  const hidden = Buffer.from(`token=${token}\n`).toString("base64");
  const { findings } = inspectionOf(await inspecting.inspect(inquiry(ask(`cat: ${hidden}`))));
  const secret = findings.find(({ kind }) => kind === "secret");
  assert.deepEqual(secret?.within, ["base64"]);
});

test("what is unpacked of a body has its bound: beginnings without an end are told, and take nothing from the next body", async () => {
  await using inspecting = openInspecting(nothing);
  let made = 0;
  const broken = (): string => {
    made += 1;
    const octets = Buffer.alloc(18, "1f8b0800000000000003", "hex");
    octets.write(String(made).padStart(8, "0"), 10);
    return octets.toString("base64");
  };
  const said = Array.from({ length: 20 }, () => Array.from({ length: 400 }, broken).join(" "));
  const turns = said.map((content, nth) => ({ role: nth % 2 === 0 ? "assistant" : "user", content }));
  const { counts } = inspectionOf(await inspecting.inspect(inquiry(ask("first", turns))));
  assert.ok(counts.closed > 0, JSON.stringify(counts));
  const hidden = gzipSync(`token=${token}\n`).toString("base64");
  const { findings } = inspectionOf(await inspecting.inspect(inquiry(ask(`cat: ${hidden}`))));
  assert.deepEqual(findings.find(({ kind }) => kind === "secret")?.within, ["base64", "gzip"]);
});

test("a socket's message is read as one", async () => {
  await using inspecting = openInspecting(nothing);
  const input = [{ type: "message", role: "user", content: [{ type: "input_text", text: token }] }];
  const message = { type: "response.create", model: "m", input };
  const { protocol, findings } = inspectionOf(await inspecting.inspect(inquiry(message, "socket", "/v1/responses")));
  assert.equal(protocol, "openai-responses");
  assert.equal(findings[0]?.role, "person");
});

test("what two readers would read differently is said", async () => {
  await using inspecting = openInspecting(nothing);
  const { objections } = inspectionOf(await inspecting.inspect(inquiry('{"model":"a","model":"b"}')));
  assert.deepEqual(objections, ["duplicate key at octet 14"]);
});

test("one that takes too long, or ends, is told as failed, and the next one is looked into again", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "postern-inspector-"));
  const stand = (text: string): URL => {
    const file = join(directory.path, "stand-in.mjs");
    writeFileSync(
      file,
      `import { parentPort } from "node:worker_threads";\nparentPort.on("message", (asked) => { ${text} });`,
    );
    return pathToFileURL(file);
  };
  const answer =
    "parentPort.postMessage({ number: asked.number, inspected: { kind: 'inspected', inspection: asked.body.length }, made: [] })";
  for (const [text, why] of [
    ["for (;;);", /took longer/],
    ["process.exit(1);", /ended/],
    ["throw new Error('x');", /failed/],
    ["const all = []; for (;;) all.push(new Array(1e6).fill({}));", /failed/],
  ] as const) {
    const program = stand(`if (asked.body.length > 2) { ${text} } else ${answer};`);
    await using inspecting = openInspecting(nothing, { time: 5_000, memory: 64 }, program);
    assert.equal((await inspecting.inspect(inquiry("1"))).kind, "inspected");
    const failed = await inspecting.inspect(inquiry("long"));
    assert.match(failed.kind === "failed" ? failed.why : "", why);
    assert.equal((await inspecting.inspect(inquiry("2"))).kind, "inspected");
  }
});

test("closed, whatever waits has failed", async () => {
  const inspecting = openInspecting(nothing, inspectingLimits);
  const waiting = inspecting.inspect(inquiry(ask("hello")));
  await inspecting[Symbol.asyncDispose]();
  assert.equal((await waiting).kind, "failed");
  assert.equal((await inspecting.inspect(inquiry("{}"))).kind, "failed");
});

test("no name that goes to the record holds a secret: a body that is one, fields, and parts of what is long", () => {
  const value = "k-live-0123456789abcdefghij";
  const desk = openDesk({ known: [{ label: "it", value }], compared: false, rules: undefined });
  const long = value.repeat(6);
  for (const body of [
    value,
    JSON.stringify({ [value]: 1, model: "m", messages: [] }),
    JSON.stringify({ model: "m", messages: [{ role: value, content: { [value]: { deep: value } } }] }),
    JSON.stringify({ strange: { [`x${value}y`]: "z" }, [token]: token, type: value }),
    JSON.stringify({ [long]: long, messages: [{ role: "user", content: [{ type: long }] }] }),
  ]) {
    const { redaction: _, ...told } = desk.look(inquiry(body));
    const text = JSON.stringify(told);
    assert.ok(!text.includes(value.slice(0, 12)), text);
    assert.ok(!text.includes(token.slice(0, 12)), text);
    assert.ok(told.counts.secret > 0);
  }
});
