// Twelve sessions at once of one person on one host, two of them in the same checkout: one record, every entry of every
// session in it. The vendor answers nobody until all twelve have asked, so they are known to run at the same time.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { asker, git, intents, openStage, readLog } from "./fault-stage.ts";

const sessions = 12;
const each = 20;

void test(`${sessions} sessions at once: one log, all entries there, verify green`, async () => {
  let all = (): void => undefined;
  const everybody = new Promise<void>((resolve) => (all = resolve));
  const asked = new Set<string>();
  await using stage = await openStage((target) => {
    asked.add(target.split("/")[1] ?? "");
    if (asked.size === sessions) all();
    return everybody;
  });
  const file = (at: number): string => join(stage.base, `summary-${at}.json`);
  const runs = await Promise.all(
    Array.from({ length: sessions }, (_, at) => {
      const work = at < 2 ? stage.work : stage.checkout(`work-${at}`);
      const words = ["run", "--policy", stage.policy, "--summary", file(at), "--", ...asker(`t${at}`, each)];
      return stage.ask(words, { at: work });
    }),
  );
  for (const { code, errors } of runs) assert.equal(code, 0, errors);

  const verified = await stage.ask(["verify", "--json"]);
  assert.equal(verified.code, 0, verified.output);
  const record = JSON.parse(verified.output);
  const log = await readLog(stage);
  assert.equal(log.length, record.size);
  assert.deepEqual(
    log.map(({ index }) => index),
    log.map((_, at) => at),
  );

  const summaries = Array.from({ length: sessions }, (_, at) => JSON.parse(readFileSync(file(at), "utf8")));
  assert.equal(new Set(summaries.map(({ session }) => session)).size, sessions);
  for (const { session, ledger, network } of summaries) {
    const own = log.filter((line) => line.session === session);
    assert.equal(own.length, ledger.entries, session);
    assert.equal(record.sessions[session].entries, ledger.entries);
    assert.equal(own.filter(({ kind }) => kind === "request").length, network.requests);
    assert.deepEqual([own[0]?.kind, own.at(-1)?.kind], ["session.start", "session.stop"]);
  }
  assert.equal(
    record.size,
    summaries.reduce((sum, { ledger }) => sum + ledger.entries, 0),
  );
  const recorded = intents(log);
  assert.deepEqual(
    stage.seen.filter((target) => !recorded.has(target)),
    [],
  );
  assert.ok(stage.seen.length >= sessions * each);
});

void test("a session in a checkout within another live session's is told so, and it is on the record", async () => {
  await using stage = await openStage();
  const inner = join(stage.work, "inner");
  mkdirSync(inner);
  git(inner, stage.base, ["init", "-q"]);
  const script = "echo >begun; until test -e went; do sleep 0.05; done";
  const outer = stage.start(["run", "--policy", stage.policy, "--", "sh", "-c", script]);
  while (!existsSync(join(stage.work, "begun"))) await wait(50);
  const { code, errors } = await stage.ask(["run", "--policy", stage.policy, "--", "true"], { at: inner });
  writeFileSync(join(stage.work, "went"), "");
  assert.equal((await outer.told).code, 0);
  assert.equal(code, 0, errors);
  const starts = await readLog(stage, ["--kind", "session.start"]);
  const [first] = starts;
  assert.deepEqual(
    starts.map(({ sealed }) => sealed?.["around"]),
    [undefined, [first?.session]],
  );
  assert.match(errors, new RegExp(`session ${first?.session} runs in a checkout around this one`));
});
