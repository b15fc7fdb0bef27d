// Bodies written to be too much, through the gateway and the inspector's thread as a session joins them: each gets a clear verdict that
// is on the record, a secret at its end is found or nothing leaves, work and memory are bounded by its length, and the next ordinary
// request passes. Steps are counted; no clock is asked.

import assert from "node:assert/strict";
import { mkdtempDisposableSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { madeLines } from "../src/inspection/source/made-source.ts";
import type { Steps } from "../src/inspection/steps.ts";
import { type Bound, bounds } from "./bounds/bodies.ts";
import { stand, token } from "./holes/stand.ts";

/** MB of the thread's own objects: beyond it ends, and what it looked into is refused as failed. Three quarters of what a session gives it. */
const memory = 768;
/** MB that all of this process may have had at once: bodies of 32 MB at both ends of the gateway, made, sent, decoded and received. */
const whole = 2_500;

const it = await stand({ inspecting: { time: 600_000, memory } });
after(() => it[Symbol.asyncDispose]());

const plain = JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hello" }] });

const none: Steps = { scanned: 0, tried: 0, opened: 0, decoded: 0, looked: 0, compared: 0, aligned: 0 };

function since(before: Steps): Steps {
  const now = it.spent() ?? none;
  const names = Object.keys(none) as (keyof Steps)[];
  return Object.fromEntries(names.map((name) => [name, now[name] - before[name]])) as unknown as Steps;
}

interface Entered {
  readonly content?: { readonly findings?: readonly { kind: string; label: string }[] };
  readonly reason?: string;
}

async function send({ body, target = "/v1/messages", headers = "" }: Bound) {
  const [octets, before] = [Buffer.from(body()), it.spent() ?? none];
  const [from, heard] = [it.stage.entries.length, it.heard.length];
  const { status } = await it.send(octets, { target, headers });
  const entry = it.stage.entries.slice(from).find(({ kind }) => kind === "request" || kind === "refusal");
  assert.ok(entry !== undefined, "nothing is on the record");
  const left = it.heard.slice(heard).map((one) => one.body);
  it.heard.length = heard;
  return { status, entry, left, size: octets.length, steps: since(before) };
}

for (const bound of bounds)
  test(`${bound.name}: ${bound.verdict}`, async () => {
    const { status, entry, left, size, steps } = await send(bound);
    const sealed = entry.sealed as Entered;
    assert.deepEqual([status, entry.verdict], [bound.verdict === "refuse" ? 403 : 200, bound.verdict], sealed.reason);
    assert.ok(!left.some((body) => body.includes(token)), "the secret has left");
    assert.equal(left.length, bound.verdict === "refuse" ? 0 : 1);
    if (bound.verdict === "redact") assert.equal(entry.rule, "built-in:secrets");
    if (bound.rule !== undefined) assert.equal(entry.rule, bound.rule);
    if (bound.reason !== undefined) assert.match(sealed.reason ?? "", bound.reason);
    const closed = sealed.content?.findings?.filter(({ kind }) => kind === "closed").map(({ label }) => label) ?? [];
    for (const label of bound.closed ?? []) assert.ok(closed.includes(label), `${label} is not told as closed`);
    // what is opened of a body is at most 4 MB more, in each of its texts: here in one
    assert.ok(steps.scanned <= 2 * size + 8_000_000, `${steps.scanned} units scanned of ${size}`);
    assert.ok(steps.tried <= 2 * steps.scanned + 1_000, `${steps.tried} patterns tried in ${steps.scanned}`);
    assert.ok(steps.opened <= 500 && steps.decoded <= 4_000_000, `${steps.opened} opened, ${steps.decoded} decoded`);
    // forty ways in which a history is laid beside others, and what they differ in (docs/spec/inspection.md)
    assert.ok(steps.aligned <= 40 * (size / 10 + 250_000), `${steps.aligned} blocks compared`);
    if (bound.opened !== undefined) assert.ok(steps.opened <= bound.opened, `${steps.opened} opened`);
    assert.equal((await it.send(plain)).status, 200, "the next one does not pass");
  });

test("a large message of a WebSocket: taken out, and the next one passes", async () => {
  const socket = await it.dialSocket();
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  socket.once("open", resolve);
  await opened;
  const say = (text: string): void => {
    const input = [{ type: "message", role: "user", content: [{ type: "input_text", text }] }];
    socket.send(JSON.stringify({ type: "response.create", model: "m", input }));
  };
  say(`${"x=1;".repeat(2_500_000)}${token}`);
  say("hello");
  const got = await it.received(2);
  socket.terminate();
  assert.deepEqual(
    got.map((message) => [message.includes(token), /PSTN_[A-Z_]+_[A-Z2-7]{16}/.test(message.toString())]),
    [
      [false, true],
      [false, false],
    ],
  );
});

test("10 MB of one line made of source: look-ups are bounded by its length, and it is told which file", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "postern-bounds-"));
  const root = realpathSync(directory.path);
  const lines = madeLines(3, 2_000);
  writeFileSync(join(root, "a.ts"), lines.join("\n"));
  const around = { labels: [], from: [root], below: [], without: [], store: undefined };
  const sources = [{ checkout: root, tree: root, label: "workspace", ...around } as const];
  await using own = await stand({ inspecting: { time: 600_000, memory }, sources: () => sources });
  const line = lines.join(" ");
  const text = line.repeat(Math.ceil(10_000_000 / line.length)).slice(0, 10_000_000);
  const body = JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: `${text} ${token}` }] });
  assert.equal((await own.send(body)).status, 200);
  assert.ok(!own.heard[0]?.body.includes(token));
  const [entry] = await own.entries("request");
  assert.equal(entry?.counts?.["findings-source"], 1);
  const steps = own.spent() ?? none;
  // one passage in twelve at most, at each of four levels of unescaping; lines compared: limits.ts
  assert.ok(steps.looked > 0 && steps.looked <= (4 * body.length) / 4, `${steps.looked} looked up`);
  assert.ok(steps.compared <= 65_536 * 4 * (body.length / 2 ** 17), `${steps.compared} compared`);
});

test("memory: the thread was never ended, and the process has had no more than is said", () => {
  const { maxRSS } = process.resourceUsage();
  assert.ok(maxRSS / 1_000 < whole, `${Math.round(maxRSS / 1_000)} MB`);
});
