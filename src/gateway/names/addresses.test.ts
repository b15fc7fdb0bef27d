import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { host } from "../rehearsal.ts";
import { openAddresses } from "./addresses.ts";

let directory = "";
let file = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "postern-names-"));
  file = join(directory, "names");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("one name, one pair; it stays over sessions; another salt gives another", () => {
  const first = openAddresses(file, "salt");
  const pair = first.give(host("a.example"));
  assert.deepEqual(first.give(host("a.example")), pair);
  first.close();
  const second = openAddresses(file, "salt");
  assert.equal(second.nameOf(pair?.v4 ?? ""), "a.example");
  assert.equal(second.nameOf(pair?.v6 ?? ""), "a.example");
  assert.deepEqual(second.give(host("a.example")), pair);
  second.close();
  const other = openAddresses(join(directory, "other"), "pepper");
  assert.notDeepEqual(other.give(host("a.example")), pair);
  other.close();
});

test("the pool is used to its end, each address once, then nothing is given", () => {
  const addresses = openAddresses(file, "salt", 20);
  const given = Array.from({ length: 20 }, (_, at) => addresses.give(host(`n${at}.example`))?.v4);
  assert.equal(new Set(given).size, 20);
  assert.ok(!given.includes(undefined));
  assert.equal(addresses.give(host("one-more.example")), undefined);
  assert.equal(addresses.give(host("n3.example"))?.v4, given[3]);
  addresses.close();
});

test("sessions of one workspace at once never give one address to two names, in whatever order they come", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 30 })), { maxLength: 60 }), (steps) => {
      const path = join(directory, `f${Math.random()}`);
      const sessions = [0, 1, 2].map(() => openAddresses(path, "salt", 40));
      const names = new Map<string, string>();
      for (const [session, name] of steps) {
        const pair = sessions[session]?.give(host(`n${name}.example`));
        assert.ok(pair !== undefined);
        assert.equal(names.get(pair.v4) ?? `n${name}.example`, `n${name}.example`);
        names.set(pair.v4, `n${name}.example`);
      }
      // everybody who gave an address still reads it the same way
      for (const [v4, name] of names) {
        for (const session of sessions) assert.ok([name, undefined].includes(session.nameOf(v4)));
      }
      for (const session of sessions) session.close();
    }),
    { numRuns: 60 },
  );
});

test("two sessions in two threads, hammering one file, never read it differently", async () => {
  const names = Array.from({ length: 3000 }, (_, at) => host(`n${at}.example`));
  const work = `
    const { openAddresses } = await import(workerData.module);
    const book = openAddresses(workerData.file, "salt", workerData.names.length * 2);
    Atomics.add(workerData.ready, 0, 1);
    Atomics.notify(workerData.ready, 0);
    while (Atomics.load(workerData.ready, 0) < 2) Atomics.wait(workerData.ready, 0, 1);
    const given = workerData.names.map((name) => book.give(name).v4);
    parentPort.postMessage({ given, named: given.map((v4) => book.nameOf(v4)) });
    book.close();`;
  const code = `import { parentPort, workerData } from "node:worker_threads";${work}`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const module = new URL("./addresses.ts", import.meta.url).href;
  // together, and with not one address to spare: near the end both want the same ones
  const ready = new Int32Array(new SharedArrayBuffer(4));
  const run = async (order: readonly string[]) => {
    const worker = new Worker(url, { workerData: { module, file, names: order, ready } });
    const [{ given, named }] = await once(worker, "message");
    assert.deepEqual(named, order);
    return new Map(order.map((name, at) => [given[at], name]));
  };
  const [one, other] = await Promise.all([
    run(names.filter((_, at) => at % 2 === 0)),
    run(names.filter((_, at) => at % 2 === 1)),
  ]);
  for (const v4 of one.keys()) assert.ok(!other.has(v4));
});

test("a foreign line that came first wins, and we go on looking", () => {
  const addresses = openAddresses(file, "salt", 10);
  const wanted = addresses.give(host("probe.example"));
  addresses.close();
  const index = Number(/(\d+) probe/.exec(readFileSync(file, "latin1"))?.[1]);
  const fresh = join(directory, "fresh");
  const session = openAddresses(fresh, "salt", 10);
  appendFileSync(fresh, `${index} foreign.example\n`);
  const got = session.give(host("probe.example"));
  assert.notDeepEqual(got, wanted);
  assert.equal(session.nameOf(wanted?.v4 ?? ""), "foreign.example");
  session.close();
});

test("rubbish in the file counts for nothing", () => {
  appendFileSync(
    file,
    "x\n0 zero.example\n99999999 far.example\n5 bad name\n5 -bad\n6\n7 ok.example\n7 late.example\n8 ok.example\n12 cut",
  );
  const addresses = openAddresses(file, "salt");
  assert.equal(addresses.nameOf("198.18.0.7"), "ok.example");
  assert.equal(addresses.nameOf("198.18.0.8"), undefined);
  assert.equal(addresses.nameOf("198.18.0.5"), undefined);
  assert.ok(addresses.give(host("new.example")) !== undefined);
  addresses.close();
  assert.match(readFileSync(file, "latin1"), /\n12 cut\n\d+ new\.example\n$/);
});

test("only our own addresses have names, in any form a kernel writes", () => {
  const addresses = openAddresses(file, "salt");
  appendFileSync(file, "65536 high.example\n");
  addresses.give(host("a.example"));
  assert.equal(addresses.nameOf("198.19.0.0"), "high.example");
  assert.equal(addresses.nameOf("::ffff:198.19.0.0"), "high.example");
  assert.equal(addresses.nameOf("fd00:70:1::1:0"), "high.example");
  for (const ip of ["198.20.0.0", "93.184.216.34", "::1", "", "198.19.0", "fd00:70:2::1:0"]) {
    assert.equal(addresses.nameOf(ip), undefined);
  }
  addresses.close();
});

test("a file that cannot be used is a fault", () => {
  assert.throws(() => openAddresses(join(directory, "no", "such"), "salt"), { code: "names" });
});
