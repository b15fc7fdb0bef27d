// Many processes, killed ones and a full disk. This file is its own child: `fork`ed with a task it appends and reports
// every acknowledgement to its parent, which is where the truth about them is kept.

import assert from "node:assert/strict";
import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { type Book, openBook } from "./book.ts";
import { placesIn } from "./places.ts";
import { openRecord } from "./record.ts";
import { sampleSession, sampleState } from "./sample.ts";
import { verify } from "./verify.ts";

const [, , role, directory = "", number = "0"] = process.argv;

async function child(book: Book): Promise<void> {
  const lanes = role === "endless" ? 8 : 1;
  const each = role === "endless" ? Number.POSITIVE_INFINITY : 40;
  const lane = async (name: number): Promise<void> => {
    for (let at = 0; at < each; at += 1) {
      const { index } = await book.append({
        kind: "request",
        counts: { items: at },
        sealed: { from: `${number}/${name}/${at}` },
      });
      process.send?.({ index, from: `${number}/${name}/${at}` });
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, name) => lane(name)));
}

/** Appends while somebody else has the lock, and leaves. The pause only gives a writer that would hang the time to. */
async function leave(book: Book): Promise<void> {
  process.send?.("ready");
  await once(process, "message");
  await Promise.race([book.append({ kind: "heartbeat" }), new Promise((resolve) => setTimeout(resolve, 100))]);
  process.exit(7);
}

/** Appends until the disk is full, then says what was acknowledged, what a later append met, and what `verify` finds. */
async function fill(book: Book): Promise<void> {
  const acknowledged: number[] = [];
  const codes = new Set<string>();
  const lane = async (): Promise<void> => {
    for (;;) acknowledged.push((await book.append({ kind: "request", sealed: { text: "x".repeat(4000) } })).index);
  };
  const note = (error: unknown): void => void codes.add(error instanceof Fault ? error.code : String(error));
  await Promise.allSettled([lane(), lane(), lane(), lane()].map((each) => each.catch(note)));
  await book.append({ kind: "heartbeat" }).catch(note);
  await book.broken.catch(note);
  const { kind } = await verify(directory, { contents: true });
  using record = openRecord(directory);
  const there = [...record.entries()].filter(({ sealed }) => typeof sealed === "object").length;
  process.stdout.write(
    JSON.stringify({
      acknowledged: acknowledged.length,
      last: Math.max(...acknowledged),
      codes: [...codes],
      kind,
      there,
      size: record.size(),
    }),
  );
}

if (role !== undefined) {
  const id = `s-${number.padStart(8, "0")}`;
  const book = await openBook({ state: directory, session: sampleSession(id) });
  const roles: Readonly<Record<string, (book: Book) => Promise<void>>> = { fill, leave };
  await (roles[role] ?? child)(book);
  await book[Symbol.asyncDispose]();
  if (process.connected) process.disconnect();
} else {
  tests();
}

interface Acknowledged {
  readonly index: number;
  readonly from: string;
}

function start(kind: string, state: string, number: number, acknowledged: Acknowledged[]): ChildProcess {
  const forked = fork(import.meta.filename, [kind, state, String(number)]);
  forked.on("message", (message) => acknowledged.push(message as Acknowledged));
  return forked;
}

/** Everything acknowledged is in the record, at its index, readable. */
async function check(state: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const result = await verify(state, { contents: true });
  assert.equal(result.kind, "ok", result.kind === "ok" ? "" : result.sentence);
  using record = openRecord(state);
  const there = new Map([...record.entries()].map(({ index, sealed }) => [index, Object(sealed).from]));
  for (const { index, from } of acknowledged) assert.equal(there.get(index), from);
}

function tests(): void {
  void test("twelve processes at once begin one log, and all their entries are in it", async () => {
    using state = sampleState();
    const acknowledged: Acknowledged[] = [];
    const children = Array.from({ length: 12 }, (_, at) => start("some", state.path, at, acknowledged));
    const ended = await Promise.all(children.map((each) => once(each, "exit")));
    assert.deepEqual(new Set(ended.map(([code]) => code)), new Set([0]));
    assert.equal(acknowledged.length, 12 * 40);
    await check(state.path, acknowledged);
    const result = await verify(state.path);
    assert.ok(result.kind === "ok");
    assert.deepEqual([result.size, result.sessions.size], [480, 12]);
    assert.ok([...result.sessions.values()].every(({ entries }) => entries === 40));
  });

  void test("writers killed at any moment lose nothing they were told is durable", async () => {
    using state = sampleState();
    const acknowledged: Acknowledged[] = [];
    // three at a time, each killed after another number of acknowledgements, while the others write on
    const lane = async (first: number): Promise<void> => {
      for (let round = first; round < 21; round += 3) {
        const writer = start("endless", state.path, round, acknowledged);
        const enough = 20 + ((round * 37) % 150);
        let count = 0;
        await new Promise<void>((resolve) => writer.on("message", () => ++count < enough || resolve()));
        writer.kill("SIGKILL");
        await once(writer, "exit");
      }
    };
    await Promise.all([lane(0), lane(1), lane(2)]);
    assert.ok(acknowledged.length > 21 * 20);
    await check(state.path, acknowledged);
  });

  void test("a lock that is not given up acknowledges nothing, and does not keep a process from ending", async () => {
    using state = sampleState();
    const waiting = start("leave", state.path, 1, []);
    await once(waiting, "message");
    const holder = spawn("flock", [placesIn(state.path).lock, "-c", "echo held; read -r line"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    await once(holder.stdout, "data");
    waiting.send("append");
    assert.deepEqual((await once(waiting, "exit"))[0], 7);
    holder.stdin.end("\n");
    await once(holder, "exit");
    using record = openRecord(state.path);
    assert.equal(record.size(), 0);
  });

  const namespaces = spawnSync("unshare", ["-Urm", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;
  void test("needs user namespaces: a full disk stops the book, and the record still holds", {
    skip: !namespaces && "unshare -Urm and mount are refused here",
  }, async () => {
    using state = sampleState();
    const full = join(state.path, "full");
    mkdirSync(full);
    const script =
      'mount -t tmpfs -o size=3m none "$1" && exec "$2" --disable-warning=ExperimentalWarning "$3" fill "$1" 1';
    const run = spawnSync("unshare", ["-Urm", "sh", "-c", script, "sh", full, process.execPath, import.meta.filename], {
      encoding: "utf8",
    });
    assert.equal(run.status, 0, run.stderr);
    const { acknowledged, last, codes, kind, there, size } = JSON.parse(run.stdout);
    assert.deepEqual(codes, ["unwritable"]);
    assert.equal(kind, "ok");
    assert.ok(acknowledged > 50);
    assert.ok(there >= acknowledged && size > last);
  });
}
