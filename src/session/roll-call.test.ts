// Who is listed as running, and what a stop does to a process that does not end.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { lifeOf } from "../boundary/linux/life.ts";
import type { Digest, SessionId } from "../domain/brand.ts";
import type { Session } from "../domain/session.ts";
import { openRecord } from "../ledger/record.ts";
import { here, ownMark } from "./interrupted.ts";
import { enrol } from "./roll.ts";
import { enterKilled, listRunning, parseNote, sessionsAround, stopRunning } from "./roll-call.ts";
import { openState } from "./state.ts";

const base = mkdtempSync(join(tmpdir(), "postern-roll-"));
after(() => rmSync(base, { recursive: true }));
const state = openState(join(base, "state"));
const digest = "0".repeat(64) as Digest;
const session: Session = {
  id: "s-7Q4M2K9A" as SessionId,
  principal: { name: "ann", uid: 1000, host: "desk" },
  tool: { name: "pi", recognised: true, version: "0.73.1", path: "/opt/pi", sha256: digest },
  mode: "enforce",
  edits: "live",
  grade: "full",
  headless: false,
  workspace: "/src/shop",
  policy: digest,
  build: digest,
};
const since = new Date("2026-01-05T09:00:00Z");
const listed = () => listRunning(state).map((each) => each.session.id);

test("from enrolling until its end, for nobody else to read", () => {
  {
    using _note = enrol(state, session, since);
    const [running] = listRunning(state);
    assert.deepEqual(running, {
      session,
      since: "2026-01-05T09:00:00.000Z",
      life: { pid: process.pid, began: lifeOf(process.pid)?.began },
    });
    assert.equal(statSync(state.running).mode & 0o777, 0o700);
    assert.equal(statSync(join(state.running, "s-7Q4M2K9A.json")).mode & 0o777, 0o600);
  }
  assert.deepEqual(readdirSync(state.running), []);
});

test("a live session in whose checkout another lies is around it; beside it, in the same place, staged or its own note: none is", () => {
  const places = {
    "s-00000001": "/src",
    "s-00000002": "/src/shop",
    "s-00000003": "/src/sho",
    "s-00000004": "/src/shop/in",
  };
  using notes = new DisposableStack();
  for (const [id, workspace] of Object.entries(places))
    notes.use(enrol(state, { ...session, id: id as SessionId, workspace }, since));
  notes.use(enrol(state, { ...session, id: "s-00000005" as SessionId, workspace: "/src", edits: "staged" }, since));
  assert.deepEqual(sessionsAround(state, session), ["s-00000001"]);
  assert.deepEqual(sessionsAround(state, { id: "s-00000001" as SessionId, workspace: "/src" }), []);
});

const note = (id: string, owner: string) => JSON.stringify({ version: 1, owner, since, session: { ...session, id } });

test("a process gone, its number given to another, another start of the machine: none of them runs", () => {
  mkdirSync(state.running, { recursive: true });
  const [boot, namespace] = here().split(" ");
  const began = lifeOf(process.pid)?.began;
  const owners = {
    "s-00000001": `${boot} ${namespace} ${process.pid} ${began}`,
    "s-00000002": `${boot} ${namespace} ${process.pid} 1`,
    "s-00000003": `${boot} ${namespace} 999999999 ${began}`,
    "s-00000004": `other ${namespace} ${process.pid} ${began}`,
    "s-00000005": `${boot} pid:[1] ${process.pid} 1`,
  };
  for (const [id, owner] of Object.entries(owners)) writeFileSync(join(state.running, `${id}.json`), note(id, owner));
  writeFileSync(join(state.running, "s-00000006.json"), '{"version":1,"owner":"');
  assert.deepEqual(listed(), ["s-00000001", "s-00000005"]);
  assert.equal(listRunning(state)[1]?.life, undefined, "another container's: nothing is known");
  // the next session strikes out the dead ones
  enrol(state, session, since)[Symbol.dispose]();
  assert.deepEqual(readdirSync(state.running).sort(), ["s-00000001.json", "s-00000005.json"]);
  for (const name of readdirSync(state.running)) rmSync(join(state.running, name));
});

test("any bytes for a note: no throw, and nothing but a whole note", () => {
  const whole = note("s-7Q4M2K9A", ownMark());
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assert.equal(parseNote(text), undefined)));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), (cut) => assert.equal(parseNote(whole.slice(0, cut)), undefined)),
    { numRuns: 50 },
  );
  assert.equal(parseNote(whole)?.session.id, "s-7Q4M2K9A");
  assert.equal(parseNote(whole.replaceAll("s-7Q4M2K9A", "../../x")), undefined);
});

/** A process that says when it is ready. */
async function start(body: string) {
  const ready = join(base, `ready-${Math.random()}`);
  const child = spawn(process.execPath, ["-e", `${body}; require("fs").writeFileSync(${JSON.stringify(ready)}, "")`]);
  while (!existsSync(ready)) await new Promise((resolve) => setTimeout(resolve, 20));
  const life = lifeOf(child.pid ?? -1) ?? assert.fail("it does not run");
  return { child, life, exited: once(child, "exit") };
}

test("told to end, it ends; suspended, it is woken; deaf, it is killed; gone, it has ended", async () => {
  const polite = await start('process.on("SIGUSR2", () => process.exit(7)); setInterval(() => {}, 1e6)');
  assert.equal(await stopRunning(polite), "ended");
  assert.deepEqual(await polite.exited, [7, null]);
  assert.equal(await stopRunning(polite), "ended");
  const suspended = await start('process.on("SIGUSR2", () => process.exit(7)); setInterval(() => {}, 1e6)');
  suspended.child.kill("SIGSTOP");
  assert.equal(await stopRunning(suspended), "ended");
  assert.deepEqual(await suspended.exited, [7, null]);
  const deaf = await start('process.on("SIGUSR2", () => {}); setInterval(() => {}, 1e6)');
  assert.equal(await stopRunning(deaf, 200), "killed");
  assert.deepEqual(await deaf.exited, [null, "SIGKILL"]);
  // in the background of a terminal it needs, it is suspended again as often as it goes on: nobody waits long for that
  const stubborn = await start(
    'process.on("SIGUSR2", () => {}); process.on("SIGCONT", () => process.kill(process.pid, "SIGSTOP")); setInterval(() => {}, 1e6)',
  );
  const asked = performance.now();
  assert.equal(await stopRunning(stubborn, 1e6), "killed");
  assert.ok(performance.now() - asked < 1e5);
  await stubborn.exited;
  assert.equal(await stopRunning({ life: undefined }), "elsewhere");
});

test("what was killed has an end in the record all the same, under its own name", async () => {
  await enterKilled(state, { session });
  using record = openRecord(state.directory);
  const [entry] = [...record.entries({ kind: "session.stop" })];
  assert.equal(entry?.leaf.session, session.id);
  assert.equal(entry?.leaf.counts["exit-code"], 124);
  const sealed = typeof entry?.sealed === "object" ? entry.sealed : {};
  assert.match(JSON.stringify(sealed["exit"]), /^\{"code":124,"by":"postern","reason":"stopped, and killed/);
});
