// The gateway that is loaded when first something comes: what is wrong is told before, what waited is not lost, what
// cannot be loaded ends the session.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Datagram, Doors, Listen } from "../domain/door.ts";
import type { Entry } from "../domain/entry.ts";
import { Secret } from "../domain/secret.ts";
import { openMint } from "./authority/mint.ts";
import { type OnDemandOptions, openGatewayOnDemand } from "./on-demand.ts";
import { host, plainOptions, tool } from "./rehearsal.ts";

const directory = mkdtempSync(join(tmpdir(), "postern-on-demand-"));
after(() => rmSync(directory, { recursive: true }));

function stage(options: Partial<OnDemandOptions> = {}, overflow = 0) {
  const entries: Entry[] = [];
  const plain = plainOptions(directory, async (entry) => ({ index: entries.push(entry) - 1 }));
  const gateway = openGatewayOnDemand({ mint: openMint(), ...plain, ...options });
  const datagrams = openLine<Datagram>();
  const quiet: Listen<never> = () => undefined;
  const doors: Doors = {
    onArrival: quiet,
    onQuestion: quiet,
    onDatagram: datagrams.listen,
    overflow: () => overflow,
  };
  const send = (port: number): void =>
    datagrams.push({
      bytes: Buffer.from("x"),
      destination: { ip: "192.0.2.7", port },
      source: { ip: "100.64.0.1", port: 40_000 },
      attribute: () => Promise.resolve(tool),
      reply: () => undefined,
    });
  return { gateway, doors, entries, send, waiting: datagrams.waiting };
}

/** Keeps what comes while nobody listens. */
function openLine<Item>() {
  const waiting: Item[] = [];
  let current: ((item: Item) => void) | undefined;
  const flush = (): void => {
    const item = current === undefined ? undefined : waiting.shift();
    if (item === undefined) return;
    current?.(item);
    flush();
  };
  return {
    waiting,
    push: (item: Item): void => {
      waiting.push(item);
      flush();
    },
    listen: (listener: ((item: Item) => void) | undefined): void => {
      current = listener;
      flush();
    },
  };
}

const ports = (entries: readonly Entry[]) => entries.map(({ sealed }) => Object(sealed?.["destination"]).port);

test("what comes before it is loaded waits, and is taken in the order in which it came", async () => {
  const { gateway, doors, entries, send, waiting } = stage();
  gateway.serve(doors);
  for (const port of [1, 2, 3]) send(port);
  assert.equal(waiting.length, 2, "all but the first wait where they came");
  await gateway.close();
  assert.deepEqual(ports(entries), [1, 2, 3]);
  assert.equal(gateway.statistics().datagrams, 3);
});

test("what came before the doors were served is taken too", async () => {
  const { gateway, doors, entries, send } = stage();
  for (const port of [4, 5]) send(port);
  gateway.serve(doors);
  await gateway.close();
  assert.deepEqual(ports(entries), [4, 5]);
});

test("where nothing comes there is nothing to enter and nothing to count", async () => {
  const { gateway, doors, entries } = stage();
  gateway.serve(doors);
  await gateway.close();
  assert.deepEqual([entries, gateway.statistics().connections.total], [[], 0]);
});

test("what the kernel dropped is entered even where nothing came", async () => {
  const { gateway, doors, entries } = stage({}, 7);
  gateway.serve(doors);
  await gateway.close();
  assert.deepEqual(
    entries.map(({ rule, counts }) => [rule, counts?.overflow]),
    [["gateway:overflow", 7]],
  );
});

const credential = {
  id: "vendor",
  secret: new Secret("two\nlines"),
  placeholder: "p",
  variable: undefined,
  to: { host: host("api.vendor.example"), header: "x-api-key", paths: undefined },
};
const proxy = { https: "socks://127.0.0.1:1", http: undefined, noProxy: undefined };
const wrong: readonly (readonly [string, Partial<OnDemandOptions>])[] = [
  ["credential", { credentials: [credential] }],
  ["proxy", { upstream: { authorities: [], proxy } }],
  ["names", { addresses: { salt: "salt", file: join(directory, "no", "such") } }],
];
for (const [code, options] of wrong)
  test(`before anything runs it is told that this cannot be used: ${code}`, () => {
    assert.throws(() => stage(options), { code });
  });

test("where it cannot be opened any more the session fails", async () => {
  const file = join(directory, "gone");
  const { gateway, doors, send } = stage({ addresses: { salt: "salt", file } });
  rmSync(file);
  mkdirSync(file);
  gateway.serve(doors);
  send(1);
  await assert.rejects(gateway.failed, { code: "names" });
  await gateway.close();
});
