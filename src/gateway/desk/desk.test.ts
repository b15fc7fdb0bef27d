// The desk, with a hand that plays the program inside and one that plays ssh: nothing is started before the record has it,
// nothing of a push goes on before it was read and judged; and whatever is said at the desk, it stays standing.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Entry } from "../../domain/entry.ts";
import type { SshDesk } from "../../domain/git-desk.ts";
import type { Answer } from "../../domain/push.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown, sieveKnown } from "../../inspection/known.ts";
import { PushReader } from "../../protocol/git/push.ts";
import { parseSshRequest } from "../../protocol/git/ssh-request.ts";
import { host } from "../rehearsal.ts";
import { type Inside, openDeskStage, playSsh, type Ssh } from "./rehearsal.ts";

const name = host("git.example");
const real = "real-credential-0123456789";
const credential = {
  id: "a",
  secret: new Secret(real),
  placeholder: "postern-placeholder-0123",
  variable: undefined,
  to: { host: name, header: "x-a", paths: undefined },
};
const [a, b] = ["a".repeat(40), "b".repeat(40)];
const line = (text: string): string => (text.length + 4).toString(16).padStart(4, "0") + text;
const push = `${line(`${a} ${b} refs/heads/main\0report-status`)}0000`;

interface Standing {
  readonly answer?: Answer;
  readonly pushes?: "ask" | "allow";
  readonly writing?: (entry: Entry) => Promise<void>;
}

async function stand({ answer = { kind: "refuse", reason: "no" }, pushes = "ask", writing }: Standing = {}) {
  const started: Ssh[] = [];
  const asked: unknown[] = [];
  const entries: Entry[] = [];
  const desk: SshDesk = {
    parse: parseSshRequest,
    askUpload: (...all) => {
      asked.push(all);
      return answer;
    },
    takePass: (bytes) => (bytes.includes("bad") ? "it is bad" : Buffer.from(bytes.toString().replace("TOKEN", "mark"))),
    judge: (request) => {
      const order = { ...request, host: name, port: 22, user: "git", key: undefined };
      const kind = request.host === name ? "allow" : "refuse";
      return { kind, rule: "user:network.allow[0]", reason: "granted", purpose: "other", push: pushes, order };
    },
    openPush: () => new PushReader(),
    ask: (...all) => {
      asked.push(all);
      return answer;
    },
    start: (order) => {
      const ssh = playSsh(order, [...entries]);
      started.push(ssh);
      return ssh;
    },
  };
  const seeking = { seek: seekKnown([credential]), openSieve: sieveKnown([credential]) };
  const stage = await openDeskStage(entries, { ...seeking, desk: { ssh: desk, signing: undefined }, writing });
  return { stage, started, asked, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

function ask(inside: Inside, service = "git-upload-pack", to: string = name): void {
  inside.say(1, JSON.stringify({ words: [to, `${service} 'team/one.git'`] }));
}

async function until(there: () => boolean): Promise<void> {
  while (!there()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a fetch: on the record before ssh is started, both ways whole, counted", async () => {
  await using scene = await stand();
  const inside = await scene.stage.come();
  ask(inside);
  await until(() => scene.started.length === 1);
  const [ssh] = scene.started;
  assert.deepEqual(
    ssh?.before.map(({ kind, verdict }) => [kind, verdict]),
    [["connection", "allow"]],
  );
  inside.say(2, "want 0000");
  await until(() => ssh?.got() === "want 0000");
  ssh?.answer("pack", 0);
  assert.deepEqual(await inside.over(), { data: "pack", said: "", exit: 0 });
  const reply = await scene.stage.entry("reply");
  assert.deepEqual(
    [reply.counts?.["bytes-out"], reply.counts?.["bytes-in"], reply.sealed?.["outcome"]],
    [9, 4, "whole"],
  );
});

test("a record that cannot be written: ssh is never started", async () => {
  await using scene = await stand({ writing: () => Promise.reject(new Error("full")) });
  const inside = await scene.stage.come();
  ask(inside);
  assert.equal((await inside.over()).exit, undefined);
  assert.equal(scene.started.length, 0);
});

test("a push: held until it is read; refused, nothing of it went on", async () => {
  await using scene = await stand({ answer: { kind: "ask", reason: "a person is asked", question: "q-1" } });
  const inside = await scene.stage.come();
  ask(inside, "git-receive-pack");
  await until(() => scene.started.length === 1);
  for (const byte of push.slice(0, -1)) inside.say(2, byte);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(scene.started[0]?.got(), "");
  inside.say(2, push.slice(-1));
  const told = await inside.over();
  assert.deepEqual([told.exit, scene.started[0]?.got(), scene.started[0]?.killed()], [255, "", true]);
  assert.match(told.said, /a person is asked about this push/);
  const place = { protocol: "ssh", host: name, port: 22, user: "git", repository: "team/one.git" };
  const update = { old: a, new: b, ref: "refs/heads/main" };
  assert.deepEqual(scene.asked, [["user:network.allow[0]", place, { updates: [update], options: [] }]]);
  assert.equal((await scene.stage.entry("refusal")).sealed?.["question"], "q-1");
});

test("a push approved: entered with its references, then it goes on whole", async () => {
  const order: string[] = [];
  const note = (entry: Entry): Promise<void> => {
    order.push(entry.kind);
    return new Promise((resolve) => setTimeout(resolve, 30)).then(() => void order.push(`${entry.kind} durable`));
  };
  await using scene = await stand({ answer: { kind: "allow", reason: "yes", question: "q-1" }, writing: note });
  const inside = await scene.stage.come();
  ask(inside, "git-receive-pack");
  await until(() => scene.started.length === 1);
  scene.started[0]?.input.once("data", () => order.push("bytes"));
  inside.say(2, `${push}PACK`);
  inside.say(2, "more");
  await until(() => scene.started[0]?.got() === `${push}PACKmore`);
  assert.deepEqual(order, ["connection", "connection durable", "request", "request durable", "bytes"]);
  scene.started[0]?.answer("ok", 0);
  assert.deepEqual((await inside.over()).exit, 0);
});

test("unreadable pushes: refused where they would be asked about, passed where pushes are allowed", async () => {
  for (const pushes of ["ask", "allow"] as const) {
    await using scene = await stand({ answer: { kind: "allow", reason: "yes" }, pushes });
    const inside = await scene.stage.come();
    ask(inside, "git-receive-pack");
    await until(() => scene.started.length === 1);
    inside.say(2, "zzzz");
    if (pushes === "ask") assert.equal((await inside.over()).exit, 255);
    else await until(() => scene.started[0]?.got() === "zzzz");
    assert.equal(scene.started[0]?.got(), pushes === "ask" ? "" : "zzzz");
  }
});

test("a real credential goes neither way, nor stands in what is asked", async () => {
  await using scene = await stand();
  const out = await scene.stage.come();
  ask(out);
  await until(() => scene.started.length === 1);
  for (const part of ["have ", real]) out.say(2, part);
  assert.equal((await out.over()).exit, 255);
  assert.equal(scene.started[0]?.got(), "have ");
  const pieces = await scene.stage.come();
  ask(pieces);
  await until(() => scene.started.length === 2);
  for (const part of ["have ", real.slice(0, 12), real.slice(12)]) pieces.say(2, part);
  assert.equal((await pieces.over()).exit, 255);
  // what began like it went on: the other side might have waited for no more than that
  assert.equal(scene.started[1]?.got(), `have ${real.slice(0, 12)}`);
  const back = await scene.stage.come();
  ask(back);
  await until(() => scene.started.length === 3);
  scene.started[2]?.answer(`key: ${real}`);
  const told = await back.over();
  assert.equal(told.data.includes(real.slice(0, 8)), false);
  const complained = await scene.stage.come();
  ask(complained);
  await until(() => scene.started.length === 4);
  scene.started[3]?.complain(`key: ${real}`);
  scene.started[3]?.answer("", 128);
  assert.equal((await complained.over()).said, "[holds a credential]");
  const named = await scene.stage.come();
  named.say(1, JSON.stringify({ words: [name, `git-upload-pack '${real}'`] }));
  assert.equal((await named.over()).exit, 255);
  assert.equal(scene.started.length, 4);
  assert.equal(JSON.stringify(scene.stage.entries).includes(real), false);
});

test("large files: what the server lends is the tool's only changed; not as it is, with a credential in it, or too long", async () => {
  for (const [said, code, got] of [
    ['{"a":"TOKEN"}', 0, '{"a":"mark"}'],
    ["bad TOKEN", 0, ""],
    [`TOKEN ${real}`, 0, ""],
    ["TOKEN", 1, ""],
    ["TOKEN".repeat(20_000), 0, ""],
  ] as const) {
    await using scene = await stand();
    const inside = await scene.stage.come();
    inside.say(1, JSON.stringify({ words: [name, "git-lfs-authenticate team/one.git download"] }));
    await until(() => scene.started.length === 1);
    const [ssh] = scene.started;
    assert.deepEqual(
      ssh?.before.map(({ kind, verdict }) => [kind, verdict]),
      [["connection", "allow"]],
    );
    assert.equal(ssh?.order.operation, "download");
    ssh?.answer(said, code);
    const told = await inside.over();
    assert.deepEqual([told.data, told.exit], [got, got === "" ? 255 : 0], said.slice(0, 20));
    assert.equal(told.said.includes("TOKEN"), false);
    assert.equal((await scene.stage.entry("reply")).sealed?.["outcome"] === "whole", got !== "");
  }
});

test("large files: to send them is asked about before ssh is started", async () => {
  for (const answer of [
    { kind: "ask", reason: "a person is asked about it", question: "q-1" },
    { kind: "refuse", reason: "jane said no", question: "q-1" },
    { kind: "allow", reason: "jane said yes", question: "q-1" },
  ] as const) {
    await using scene = await stand({ answer });
    const inside = await scene.stage.come();
    inside.say(1, JSON.stringify({ words: [name, "git-lfs-authenticate team/one.git upload"] }));
    if (answer.kind === "allow") {
      await until(() => scene.started.length === 1);
      scene.started[0]?.answer("TOKEN", 0);
    }
    assert.equal((await inside.over()).exit, answer.kind === "allow" ? 0 : 255);
    assert.equal(scene.started.length, answer.kind === "allow" ? 1 : 0);
    const place = { protocol: "ssh", host: name, port: 22, user: "git", repository: "team/one.git" };
    assert.deepEqual(scene.asked, [["user:network.allow[0]", place]]);
    const entry = await scene.stage.entry(answer.kind === "allow" ? "connection" : "refusal");
    assert.deepEqual([entry.sealed?.["question"], entry.sealed?.["method"]], ["q-1", "git-lfs-authenticate upload"]);
  }
});

test("ssh ends with whoever asked", async () => {
  await using scene = await stand();
  const inside = await scene.stage.come();
  ask(inside);
  await until(() => scene.started.length === 1);
  inside.leave();
  await until(() => scene.started[0]?.killed() === true);
});

test("who has left before the record has it: no ssh is started that nobody would end", { timeout: 5000 }, async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using scene = await stand({ writing: ({ kind }) => (kind === "connection" ? promise : Promise.resolve()) });
  const inside = await scene.stage.come();
  ask(inside);
  await new Promise((later) => setTimeout(later, 50));
  inside.leave();
  await new Promise((later) => setTimeout(later, 50));
  resolve();
  const reply = await scene.stage.entry("reply");
  assert.equal(reply.sealed?.["outcome"], "whoever asked has gone");
  assert.deepEqual(scene.started, []);
});

test("empty pieces, which cost nothing to send, are not kept: they end it", { timeout: 5000 }, async () => {
  await using scene = await stand();
  const inside = await scene.stage.come();
  ask(inside, "git-receive-pack");
  await until(() => scene.started.length === 1);
  inside.say(2, "");
  inside.say(2, push);
  await new Promise((later) => setTimeout(later, 50));
  assert.deepEqual([scene.asked, scene.started[0]?.got()], [[], ""]);
});

test("a frame longer than anybody writes ends it at once", { timeout: 5000 }, async () => {
  await using scene = await stand();
  const inside = await scene.stage.come();
  inside.raw(Buffer.from([1, 0, 1, 0x11, 0x70]));
  assert.equal((await inside.over()).exit, undefined);
});

test("whatever is said at the desk, nothing is started by it, and it goes on serving", async () => {
  await using scene = await stand();
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((some) => Buffer.from(some)),
    fc
      .json()
      .map((text) => Buffer.concat([Buffer.from([1, 0, 0, 0, Buffer.byteLength(text) % 256]), Buffer.from(text)])),
    fc.constantFrom(
      Buffer.from([1, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([1, 0, 0, 0, 0]),
      Buffer.from([2, 0, 0, 0, 1, 65]),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 6 }), async (parts) => {
      const inside = await scene.stage.come();
      for (const part of parts) inside.raw(part);
      inside.leave();
    }),
    { numRuns: 300 },
  );
  assert.equal(scene.started.length, 0);
  const inside = await scene.stage.come();
  ask(inside, "git-upload-pack", "other.example");
  assert.equal((await inside.over()).exit, 255);
});
