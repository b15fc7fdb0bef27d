// Signatures at the desk, with a hand that plays ssh-keygen: only a commit or tag, for git alone, on the record first, and where a
// person is asked it waits for them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../domain/entry.ts";
import type { SigningDesk } from "../../domain/git-desk.ts";
import type { Answer } from "../../domain/push.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown } from "../../inspection/known.ts";
import { parseSigned } from "../../protocol/git/object.ts";
import { isSignatureForGit } from "../../protocol/git/signing-words.ts";
import { host } from "../rehearsal.ts";
import { type Inside, openDeskStage, playSsh, type Ssh } from "./rehearsal.ts";

const who = "A <a@example.org> 1700000000 +0000";
const commit = `tree ${"a".repeat(40)}\nauthor ${who}\ncommitter ${who}\n\nfirst line\n\nmore\n`;
const order = {
  host: "x",
  port: 22,
  user: "git",
  key: undefined,
  service: "git-upload-pack",
  repository: "",
  version: undefined,
} as never;

const real = "real-credential-0123456789";
const to = { host: host("a.example"), header: "x-a", paths: undefined };
const credential = { id: "a", secret: new Secret(real), placeholder: "postern-placeholder", variable: undefined, to };

async function stand(answers: readonly Answer[], writing?: (entry: Entry) => Promise<void>, patience = 200) {
  const started: Ssh[] = [];
  const entries: Entry[] = [];
  const failed: string[] = [];
  let asked = 0;
  const signing: SigningDesk = {
    rule: "user:signing",
    isForGit: (asked) => isSignatureForGit("ssh", asked),
    failed: (complaint) => failed.push(complaint),
    parse: parseSigned,
    ask: () => {
      asked += 1;
      return answers[Math.min(asked, answers.length) - 1] ?? { kind: "refuse", reason: "no" };
    },
    start: () => {
      const keygen = playSsh(order, [...entries]);
      started.push(keygen);
      return keygen;
    },
  };
  const limits = { look: 10, asked: patience, signed: 10_000 };
  const seek = seekKnown([credential]);
  const stage = await openDeskStage(entries, { desk: { ssh: undefined, signing }, limits, writing, seek });
  return { stage, started, failed, asked: () => asked, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

const words = ["-Y", "sign", "-n", "git", "-f", "/tmp/key", "/tmp/buffer"];
function want(inside: Inside, text = commit, asked: readonly string[] = words): void {
  inside.say(1, JSON.stringify({ signs: true, words: asked }));
  for (let at = 0; at < text.length; at += 5000) inside.say(2, text.slice(at, at + 5000));
  inside.say(3, "");
}
const yes = { kind: "allow", reason: "granted" } as const;
async function until(there: () => boolean): Promise<void> {
  while (!there()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("who has left before the record has it: no ssh-keygen is started", { timeout: 5000 }, async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using scene = await stand([yes], () => promise);
  const inside = await scene.stage.come();
  want(inside);
  await new Promise((later) => setTimeout(later, 50));
  inside.leave();
  await new Promise((later) => setTimeout(later, 50));
  resolve();
  await scene.stage.entry("credential");
  await new Promise((later) => setTimeout(later, 20));
  assert.deepEqual(scene.started, []);
});

test("a real credential in what is to be signed: it is not", async () => {
  await using scene = await stand([yes]);
  const inside = await scene.stage.come();
  want(inside, commit.replace("more", real));
  assert.equal((await inside.over()).exit, 255);
  assert.equal(scene.started.length, 0);
  assert.equal(JSON.stringify(scene.stage.entries).includes(real), false);
});

test("a commit: on the record, then signed, exactly as it is", async () => {
  await using scene = await stand([yes]);
  const inside = await scene.stage.come();
  want(inside);
  await until(() => scene.started.length === 1);
  const [keygen] = scene.started;
  assert.deepEqual(
    keygen?.before.map(({ kind, verdict, rule }) => [kind, verdict, rule]),
    [["credential", "allow", "user:signing"]],
  );
  assert.deepEqual(
    [keygen?.before[0]?.sealed?.["object"], keygen?.before[0]?.sealed?.["subject"]],
    ["commit", "first line"],
  );
  await until(() => keygen?.got() === commit);
  keygen?.answer("SIGNATURE", 0);
  assert.deepEqual(await inside.over(), { data: "SIGNATURE", said: "", exit: 0 });
});

test("a record that cannot be written: nothing is signed", async () => {
  await using scene = await stand([yes], () => Promise.reject(new Error("full")));
  const inside = await scene.stage.come();
  want(inside);
  assert.equal((await inside.over()).exit, undefined);
  assert.equal(scene.started.length, 0);
});

test("what is no commit or tag, or not for git, is not signed, and entered", async () => {
  const namespace = ["-Y", "sign", "-n", "file", "-f", "/tmp/key", "/tmp/buffer"];
  for (const [text, asked] of [
    ["certificate version 0.1\npusher key\n\n", words],
    ["I owe you money\n", words],
    ["", words],
    [commit, namespace],
    [commit, ["-Y", "verify", "-n", "git", "-f", "x"]],
    [commit, []],
  ] as const) {
    await using scene = await stand([yes]);
    const inside = await scene.stage.come();
    want(inside, text, asked);
    assert.equal((await inside.over()).exit, 255);
    assert.equal(scene.started.length, 0);
    assert.equal((await scene.stage.entry("refusal")).rule, "user:signing");
  }
  await using scene = await stand([yes]);
  const inside = await scene.stage.come();
  want(inside, commit + "x".repeat(20_000));
  assert.equal((await inside.over()).exit, undefined, "longer than anybody signs");
  assert.equal(scene.started.length, 0);
});

test("where a person is asked it waits: yes, no, nobody", async () => {
  const ask = { kind: "ask", reason: "a person is asked", question: "q-1" } as const;
  for (const [answers, signs] of [
    [[ask, ask, ask, { kind: "allow", reason: "jane said yes", question: "q-1" }], true],
    [[ask, ask, { kind: "refuse", reason: "jane said no", question: "q-1" }], false],
    [[ask], false],
  ] as const) {
    await using scene = await stand(answers);
    const inside = await scene.stage.come();
    want(inside);
    if (signs) {
      await until(() => scene.started.length === 1);
      scene.started[0]?.answer("SIGNATURE", 0);
    }
    const { exit } = await inside.over();
    assert.deepEqual([exit, scene.started.length], signs ? [0, 1] : [255, 0]);
    assert.ok(scene.asked() >= answers.length);
    const entry = await scene.stage.entry(signs ? "credential" : "refusal");
    assert.equal(entry.sealed?.["question"], "q-1");
  }
});

test("a program that fails, says too much or nothing: no signature, and whoever asks for one outside is told", async () => {
  for (const [text, code] of [
    ["half", 255],
    ["x".repeat(20_000), 0],
    ["", 0],
  ] as const) {
    await using scene = await stand([yes]);
    const inside = await scene.stage.come();
    want(inside);
    await until(() => scene.started.length === 1);
    scene.started[0]?.answer(text, code);
    const told = await inside.over();
    assert.deepEqual([told.data, told.exit, scene.failed.length], ["", 255, 1]);
  }
});

test("a program that waits for a person who does not come is ended, and that is said", { timeout: 5000 }, async () => {
  await using scene = await stand([yes]);
  const inside = await scene.stage.come();
  want(inside);
  const told = await inside.over();
  assert.deepEqual([told.exit, scene.started[0]?.killed()], [255, true]);
  assert.deepEqual([told.said, scene.failed], ["nobody let the key be used in time", [told.said]]);
});

test("a program that signs ends with whoever asked, who is then told nothing", { timeout: 5000 }, async () => {
  await using scene = await stand([yes], undefined, 60_000);
  const inside = await scene.stage.come();
  want(inside);
  await until(() => scene.started.length === 1);
  inside.leave();
  await until(() => scene.started[0]?.killed() === true);
  assert.deepEqual(scene.failed, []);
});
