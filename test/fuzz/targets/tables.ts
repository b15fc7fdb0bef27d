// What the kernel's tables say, in whose lines stand addresses an attacker chose, and what a process says of itself: every row
// stands in the table, and nothing is longer than its bound.

import assert from "node:assert/strict";
import { parseHexAddress, parseIp } from "../../../src/boundary/linux/doors/address.ts";
import { parseArguments, parseInsidePid } from "../../../src/boundary/linux/doors/owners.ts";
import {
  parseSockets,
  parseTranslations,
  readCounter,
  readUntracked,
} from "../../../src/boundary/linux/doors/tables.ts";
import { isAddress } from "../../../src/domain/brand.ts";
import { latin1, type Target } from "../target.ts";

const portOf = (number: number): string => number.toString(16).toUpperCase().padStart(4, "0");

function checkSockets(text: string): string {
  const rows = parseSockets(text);
  for (const { local, remote, inode, drops } of rows) {
    for (const { ip, port } of [local, remote]) {
      assert.ok(isAddress(ip), ip);
      assert.ok(text.includes(`:${portOf(port)}`));
    }
    assert.ok(Number.isSafeInteger(inode) && Number.isSafeInteger(drops));
    assert.ok(
      text.split(/\s+/).some((field) => Number(field) === inode),
      "a socket that does not stand there",
    );
  }
  return `sockets ${Math.min(3, rows.length)} ${rows[0]?.local.ip.includes(":")}`;
}

function checkTranslations(text: string): string {
  const rows = parseTranslations(text);
  for (const { source, destination, arrivedAt, arrivedFrom } of rows)
    for (const { ip, port } of [source, destination, arrivedAt, arrivedFrom]) {
      assert.equal(parseIp(ip), ip);
      assert.ok(port >= 0 && port <= 65_535);
    }
  return `translations ${Math.min(3, rows.length)}`;
}

function checkCounters(text: string): string {
  const [counter, untracked] = [readCounter(text, "TcpExt", "ListenDrops"), readUntracked(text)];
  assert.ok(Number.isSafeInteger(counter) && !Number.isNaN(untracked));
  return `counters ${counter > 0} ${untracked > 0}`;
}

function checkProcess(text: string): string {
  const words = parseArguments(text);
  assert.ok(words.length <= 4096 && words.join("").length <= text.length);
  const pid = parseInsidePid(text);
  if (pid !== undefined) assert.match(text, /NSpid:(?:\t\d+)+$/m);
  const hex = parseHexAddress(text);
  if (hex !== undefined) assert.ok(isAddress(hex.ip));
  return `process ${pid === undefined} ${words.length > 1} ${hex === undefined}`;
}

const checks = [checkSockets, checkTranslations, checkCounters, checkProcess] as const;
const row =
  "   0: 0100007F:1F90 0200A8C0:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000 20 4 30 10 -1\n";
const row6 =
  "   1: 00000000000000000000000001000000:1F90 0000000000000000FFFF00000100007F:0050 01 00000000:00000000 00:00000000 00000000  1000 0 77 2 0000 5\n";
export const target: Target = {
  seeds: [
    latin1(`\0  sl  local_address rem_address\n${row}${row6}`),
    latin1(
      "\x01ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=198.18.0.1 sport=40000 dport=443 src=127.0.0.1 dst=10.0.0.1 sport=3000 dport=40000 [ASSURED] mark=0 use=1\n",
    ),
    latin1("\x02TcpExt: SyncookiesSent ListenDrops\nTcpExt: 0 17\n"),
    latin1("\x02entries  searched drop insert_failed\n00000001 00000000 0000000a 00000002\n"),
    latin1("\x03NSpid:\t4242\t17\n"),
    latin1("\x03/usr/bin/tool\0--flag\0"),
  ],
  words: [
    row,
    row6,
    "0x10",
    "1e5",
    "Infinity",
    "-1",
    "src=1.2.3.4 dst=::1 sport=65536 dport=0",
    "::ffff:1.2.3.4",
    "%eth0",
    "NSpid:\t1\t2",
    "18446744073709551615",
  ],
  longest: 2000,
  run: (bytes) => checks[(bytes[0] ?? 0) % checks.length]?.(bytes.toString("latin1", 1)) ?? "",
};
