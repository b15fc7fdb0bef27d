// Durable appends over eight processes that share one record: paced at the budget's rate, then as fast as it goes; how
// long a book takes to open; how long a record takes to verify. Prints one JSON object. A figure, not a test.

import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "../src/domain/entry.ts";
import type { Session } from "../src/domain/session.ts";
import { type Book, openBook } from "../src/ledger/book.ts";
import { sampleSession } from "../src/ledger/sample.ts";
import { verify } from "../src/ledger/verify.ts";

const processes = 8;
const seconds = 5;
/** Not counted: eight processes compiling the same code on the same cores. */
const warmSeconds = 2;
const pacedRate = 10_000;
const outstanding = 32;

interface Task {
  readonly state: string;
  /** Appends a second offered by this process, arriving at random; undefined: `outstanding` at a time, no pause. */
  readonly rate: number | undefined;
}

interface Result {
  readonly appended: number;
  readonly waits: readonly number[];
}

function session(): Session {
  return sampleSession(`s-${Array.from(randomBytes(8), (byte) => "0123456789ABCDEF"[byte % 16]).join("")}`);
}

/** A request's intent as a session writes it: about 900 bytes of leaf, 300 of sealed content. */
const entry: Entry = {
  kind: "request",
  verdict: "allow",
  rule: "user:network.allow[0]",
  purpose: "inference",
  counts: { "bytes-out": 48_213 },
  sealed: {
    host: "api.example.com",
    method: "POST",
    target: "/v1/messages",
    executable: "/usr/bin/node",
    arguments: ["node", "x".repeat(180)],
  },
};

async function measure(book: Book, { rate }: Task): Promise<Result> {
  const waits: number[] = [];
  const counted = performance.now() + warmSeconds * 1000;
  const append = async (due: number): Promise<void> => {
    await book.append(entry);
    if (due >= counted) waits.push(performance.now() - due);
  };
  const until = counted + seconds * 1000;
  if (rate === undefined) {
    const lane = async (): Promise<void> => {
      while (performance.now() < until) await append(performance.now());
    };
    await Promise.all(Array.from({ length: outstanding }, lane));
  } else await pace(rate, until, append);
  return { appended: waits.length, waits };
}

/** Poisson arrivals; a wait is counted from the moment an append was due, so that a late loop cannot flatter itself. */
async function pace(rate: number, until: number, append: (due: number) => Promise<void>): Promise<void> {
  const all: Promise<void>[] = [];
  for (let due = performance.now(); due < until; due += (-Math.log(1 - Math.random()) * 1000) / rate) {
    while (due > performance.now())
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    all.push(append(due));
  }
  await Promise.all(all);
}

async function child(): Promise<void> {
  const message = <Value>(): Promise<Value> =>
    new Promise((resolve) => process.once("message", (value) => resolve(value as Value)));
  const task = await message<Task>();
  await using book = await openBook({ state: task.state, session: session() });
  process.send?.("ready");
  await message<string>();
  const result = await measure(book, task);
  await new Promise((resolve) => process.send?.(result, resolve));
  process.disconnect();
}

async function together(task: Task): Promise<object> {
  const children = Array.from({ length: processes }, () =>
    fork(import.meta.filename, ["child"], { serialization: "advanced" }),
  );
  const message = <Value>(from: (typeof children)[number]): Promise<Value> =>
    new Promise((resolve, reject) => {
      from.once("message", (value) => resolve(value as Value));
      from.once("exit", () => reject(new Error("a writer ended early")));
    });
  const ready = children.map((each) => message<string>(each));
  for (const each of children) each.send(task);
  await Promise.all(ready);
  const results = children.map((each) => message<Result>(each));
  for (const each of children) each.send("go");
  const all = await Promise.all(results);
  const waits = all.flatMap(({ waits }) => waits).sort((a, b) => a - b);
  const at = (share: number): number => round(waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? 0);
  const each = all.map(({ appended }) => appended);
  return {
    appended: waits.length,
    perSecond: Math.round(waits.length / seconds),
    waitMs: { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) },
    perProcess: { fewest: Math.min(...each), most: Math.max(...each) },
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

async function opening(state: string): Promise<object> {
  const [walls, busy]: [number[], number[]] = [[], []];
  for (let run = 0; run < 10; run += 1) {
    const [began, cpu] = [performance.now(), process.threadCpuUsage()];
    const book = await openBook({ state, session: session() });
    walls.push(performance.now() - began);
    const { user, system } = process.threadCpuUsage(cpu);
    busy.push((user + system) / 1000);
    await book[Symbol.asyncDispose]();
  }
  const median = (values: number[]): number => round(values.sort((a, b) => a - b)[5] ?? 0);
  return { wallMs: median(walls), mainThreadMs: median(busy) };
}

async function timeVerify(state: string): Promise<object> {
  const began = performance.now();
  const result = await verify(state);
  if (result.kind !== "ok") throw new Error(result.sentence);
  return { entries: result.size, heads: result.heads, seconds: round((performance.now() - began) / 1000) };
}

async function main(): Promise<void> {
  const state = mkdtempSync(join(process.env["BENCH_STATE"] ?? tmpdir(), "ledger-bench-"));
  try {
    const paced = await together({ state, rate: pacedRate / processes });
    const saturated = await together({ state, rate: undefined });
    const report = { node: process.version, cpu: cpus()[0]?.model, cores: availableParallelism(), processes, seconds };
    console.log(
      JSON.stringify(
        { ...report, paced, saturated, verify: await timeVerify(state), opening: await opening(state) },
        undefined,
        2,
      ),
    );
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

await (process.argv[2] === "child" ? child() : main());
