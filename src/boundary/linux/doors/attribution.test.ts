import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../../domain/exchange.ts";
import { attribute } from "./attribution.ts";
import type { Kernel } from "./kernel.ts";
import { openQueue } from "./queue.ts";
import type { SocketRow, Translation } from "./tables.ts";

const at = (ip: string, port: number): Address => ({ ip, port });
const [here, there, door] = [at("100.64.0.1", 5_000), at("198.51.100.1", 80), at("127.0.0.1", 9)];
const row = (port: number, remote: Address, inode: number): SocketRow => ({
  local: at("100.64.0.1", port),
  remote,
  uid: 0,
  inode,
  drops: 0,
});

async function inodeOf(
  protocol: "tcp" | "udp",
  rows: readonly SocketRow[],
  translated?: Translation,
): Promise<number | undefined> {
  let asked: number | undefined;
  const kernel: Kernel = {
    sockets: () => rows,
    translation: () => translated,
    dropped: () => 0,
    close: () => undefined,
  };
  const owners = {
    find: (inode: number) => {
      asked = inode;
      return Promise.resolve({ kind: "gone" as const });
    },
  };
  await attribute({ protocol, source: here, destination: there, door }, kernel, owners);
  return asked;
}

test("port and destination together name the socket", async () => {
  const other = row(5_000, at("198.51.100.2", 80), 7);
  assert.equal(await inodeOf("tcp", [other, row(5_000, there, 8)]), 8);
  assert.equal(await inodeOf("tcp", [other]), undefined);
  assert.equal(await inodeOf("tcp", [row(5_000, there, 0)]), undefined);
  assert.equal(await inodeOf("udp", [row(5_000, at("0.0.0.0", 0), 9)]), 9);
  assert.equal(await inodeOf("udp", [other]), undefined);
});

test("the same port and destination from another address of its own is another's", async () => {
  const other = { ...row(5_000, there, 7), local: at("127.0.0.2", 5_000) };
  assert.equal(await inodeOf("tcp", [other, row(5_000, there, 8)]), 8);
  assert.equal(await inodeOf("tcp", [other]), undefined);
});

test("where nobody has the socket of a row that was kept, the rows of now are asked", async () => {
  const owner = { kind: "process", pid: 9, insidePid: 3, executable: "/bin/x", arguments: [] } as const;
  const asked: boolean[] = [];
  const kernel: Kernel = {
    sockets: (_, sought) => {
      asked.push(sought?.now === true);
      return [row(5_000, there, sought?.now === true ? 12 : 11)];
    },
    translation: () => undefined,
    dropped: () => 0,
    close: () => undefined,
  };
  const ends = { protocol: "tcp", source: here, destination: there, door } as const;
  const ownerOf = (held: number) =>
    attribute(ends, kernel, { find: async (inode) => (inode === held ? owner : { kind: "gone" }) });
  assert.deepEqual([await ownerOf(12), asked], [owner, [false, true]]);
  assert.deepEqual([await ownerOf(13), asked], [{ kind: "gone" }, [false, true, false, true]]);
  assert.deepEqual([await ownerOf(11), asked.length], [owner, 5]);
});

test("another source port is traced through the connection table", async () => {
  const source = at("100.64.0.1", 4_000);
  const translated = { protocol: "tcp", source, destination: there, arrivedFrom: here, arrivedAt: door } as const;
  assert.equal(await inodeOf("tcp", [row(4_000, there, 11)], translated), 11);
  assert.equal(await inodeOf("tcp", [], { ...translated, source: here }), undefined);
});

test("a queue waits in order, up to its bound, and again when nobody listens", () => {
  const queue = openQueue<number>(2);
  const seen: number[] = [];
  assert.deepEqual([queue.push(1), queue.push(2), queue.push(3)], [true, true, false]);
  queue.listen((item) => seen.push(item));
  queue.push(4);
  queue.listen(undefined);
  queue.push(5);
  assert.deepEqual(seen, [1, 2, 4]);
  queue.listen((item) => seen.push(item));
  assert.deepEqual(seen, [1, 2, 4, 5]);
});
