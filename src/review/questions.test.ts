// Invariant 9, and files of one's own in a directory nobody else can read: one question, one answer, one use.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import type { Digest } from "../domain/brand.ts";
import type { Execution } from "../domain/execution.ts";
import { digestEffect, type Effect, effectOf } from "./effect.ts";
import { questionLimits } from "./limits.ts";
import {
  expiryOf,
  keepAnswer,
  keepQuestion,
  listQuestions,
  newQuestionId,
  parseQuestionId,
  type Question,
  readQuestion,
  takeQuestion,
} from "./questions.ts";

const base = mkdtempSync(join(tmpdir(), "postern-questions-"));
after(() => rmSync(base, { recursive: true }));
const digest = (letter: string): Digest => letter.repeat(64) as Digest;

const effect: Effect = {
  arguments: ["git", "push"],
  directory: "/w",
  executable: "/usr/bin/git",
  sha256: digest("a"),
  interpreters: [],
};
const question = (more: Partial<Question> = {}): Question => ({
  id: newQuestionId(),
  session: "s-00000000",
  owner: "me",
  tool: "pi",
  workspace: "/w",
  policy: digest("b"),
  rule: "user:commands.ask[0]",
  effect,
  digest: digestEffect(effect),
  asked: 1_000,
  ...more,
});

test("kept, read, listed by age, for its owner alone", () => {
  const state = join(base, "kept");
  const [late, early] = [question({ asked: 2 }), question({ asked: 1 })];
  for (const one of [late, early]) assert.equal(keepQuestion(state, one), undefined);
  assert.deepEqual(readQuestion(state, late.id), { ...late, answer: undefined });
  assert.deepEqual(
    listQuestions(state).map(({ id }) => id),
    [early.id, late.id],
  );
  assert.equal(statSync(join(state, "questions")).mode & 0o777, 0o700);
  for (const name of readdirSync(join(state, "questions")))
    assert.equal(statSync(join(state, "questions", name)).mode & 0o777, 0o600);
});

test("the first answer counts, and one use takes it away", () => {
  const state = join(base, "answered");
  const one = question();
  keepQuestion(state, one);
  const yes = { approved: true, by: "dev", at: 5_000 };
  assert.equal(keepAnswer(state, one.id, yes), "kept");
  assert.equal(keepAnswer(state, one.id, { ...yes, approved: false }), "answered");
  const answered = readQuestion(state, one.id);
  assert.deepEqual(answered?.answer, yes);
  assert.equal(expiryOf({ ...one, answer: undefined }), 1_000 + questionLimits.milliseconds);
  assert.equal(expiryOf({ ...one, answer: yes }), 5_000 + questionLimits.milliseconds);
  assert.deepEqual([takeQuestion(state, one.id), takeQuestion(state, one.id)], [true, false]);
  assert.deepEqual(readdirSync(join(state, "questions")), []);
});

test("a broken or foreign file is no question, and no directory is no fault", () => {
  const state = join(base, "broken");
  assert.deepEqual(listQuestions(state), []);
  const one = question();
  keepQuestion(state, one);
  writeFileSync(join(state, "questions", "q-00000000.json"), JSON.stringify(one));
  writeFileSync(join(state, "questions", "q-11111111.json"), "{");
  assert.deepEqual(
    listQuestions(state).map(({ id }) => id),
    [one.id],
  );
  writeFileSync(join(base, "file"), "");
  assert.equal(keepQuestion(join(base, "file"), one)?.code, "questions");
});

test("an id is q- and eight letters; no path is one", () => {
  assert.equal(parseQuestionId(newQuestionId())?.length, 10);
  for (const text of ["q-1234567", "q-../../..", "s-00000000", "q-ABCDEFGI", ""])
    assert.equal(parseQuestionId(text), undefined);
});

test("two effects that differ in anything have two digests", () => {
  const word = fc.string();
  const arbitrary: fc.Arbitrary<Effect> = fc.record({
    arguments: fc.array(word, { maxLength: 3 }),
    directory: word,
    executable: word,
    sha256: fc.constantFrom(digest("a"), digest("b")),
    interpreters: fc.array(fc.record({ executable: word, sha256: fc.constant(digest("c")) }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(arbitrary, arbitrary, (one, other) => {
      assert.equal(digestEffect(one) === digestEffect(other), JSON.stringify(one) === JSON.stringify(other));
    }),
  );
  const changed: Partial<Effect>[] = [
    { arguments: ["git", "push", ""] },
    { arguments: ["git push"] },
    { directory: "/w/x" },
    { executable: "/opt/git" },
    { sha256: digest("d") },
    { interpreters: [{ executable: "/bin/sh", sha256: digest("a") }] },
  ];
  for (const change of changed) assert.notEqual(digestEffect({ ...effect, ...change }), digestEffect(effect));
});

test("what cannot be shown whole, or not bound, cannot be asked about", () => {
  const execution: Execution = { ...effect, pid: 2, parent: undefined, named: "git", whole: true };
  assert.deepEqual(effectOf(execution), effect);
  const refused = (change: Partial<Execution>): string => {
    const answer = effectOf({ ...execution, ...change });
    return typeof answer === "string" ? answer : "";
  };
  assert.match(refused({ whole: false }), /cannot be shown whole/);
  assert.match(refused({ sha256: undefined }), /could not be bound/);
  assert.match(refused({ interpreters: [{ executable: "/bin/sh", sha256: undefined }] }), /could not be bound/);
});
