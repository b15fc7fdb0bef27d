import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openFolder } from "../trial.ts";
import { openKernel } from "./kernel.ts";
import type { SocketRow } from "./tables.ts";

const line = (port: number, inode: number): string =>
  `   0: 01004064:${port.toString(16).toUpperCase().padStart(4, "0")} 22D8B85D:01BB 01 00000000:00000000 00:00000000 00000000  1000 0 ${inode} 1 0 20 4 30 10 -1\n`;
const from = (port: number) => ({ port, suits: (row: SocketRow) => row.local.port === port });
const inodes = (rows: readonly SocketRow[]): number[] => rows.map((row) => row.inode);

test("one reading serves the connections it shows; one it does not show is read for, and so is everything unasked", () => {
  using folder = openFolder();
  mkdirSync(join(folder.path, "stat"));
  const put = (name: string, text: string) => writeFileSync(join(folder.path, name), `head\n${text}`);
  put("tcp", line(5_000, 7));
  put("tcp6", line(6_000, 8));
  const kernel = openKernel(folder.path);
  assert.deepEqual(inodes(kernel.sockets("tcp", from(6_000))), [8]);
  put("tcp", line(5_000, 9));
  assert.deepEqual(inodes(kernel.sockets("tcp", from(5_000))), [7]);
  assert.deepEqual(inodes(kernel.sockets("tcp", { ...from(5_000), now: true })), [9]);
  assert.deepEqual(inodes(kernel.sockets("tcp")), [9, 8]);
  put("tcp", line(5_001, 10));
  assert.deepEqual(inodes(kernel.sockets("tcp", from(5_001))), [10]);
  kernel.close();
  assert.deepEqual(kernel.sockets("tcp"), []);
});
