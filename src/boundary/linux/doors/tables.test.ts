import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseSockets, parseTranslations, readCounter, readUntracked } from "./tables.ts";

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:8F3D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41244 1 0000000000000000 100 0 0 10 0
   1: 01004064:C350 22D8B85D:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 41250 1 0000000000000000 20 4 30 10 -1
   broken line`;
const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  112: 0100007F:9C40 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 51000 2 0000000000000000 17`;
const tracked = `ipv4     2 udp      17 29 src=100.64.0.1 dst=8.8.8.8 sport=40000 dport=53 [UNREPLIED] src=127.0.0.1 dst=100.64.0.1 sport=35000 dport=41000 mark=0 zone=0 use=2
ipv6     10 tcp      6 431999 ESTABLISHED src=fd00:0070:0000:0000:0000:0000:0000:0001 dst=2001:0db8:0000:0000:0000:0000:0000:0001 sport=1 dport=443 src=0000:0000:0000:0000:0000:0000:0000:0001 dst=fd00:0070:0000:0000:0000:0000:0000:0001 sport=9 dport=1 [ASSURED] mark=0 use=1
ipv4     2 icmp     1 29 src=1.2.3.4 dst=5.6.7.8 type=8 code=0 id=1 src=5.6.7.8 dst=1.2.3.4 type=0 code=0 id=1
ipv4     2 udp      17 29 src=100.64.0.1 dst=8.8.8.8 sport=40000 dport=53`;

test("socket tables", () => {
  assert.deepEqual(parseSockets(tcp), [
    { local: { ip: "127.0.0.1", port: 36669 }, remote: { ip: "0.0.0.0", port: 0 }, uid: 0, inode: 41244, drops: 0 },
    {
      local: { ip: "100.64.0.1", port: 50000 },
      remote: { ip: "93.184.216.34", port: 443 },
      uid: 1000,
      inode: 41250,
      drops: 0,
    },
  ]);
  assert.equal(parseSockets(udp)[0]?.drops, 17);
});

test("connection table: what the tool sent and how it arrived", () => {
  assert.deepEqual(parseTranslations(tracked), [
    {
      protocol: "udp",
      source: { ip: "100.64.0.1", port: 40000 },
      destination: { ip: "8.8.8.8", port: 53 },
      arrivedFrom: { ip: "100.64.0.1", port: 41000 },
      arrivedAt: { ip: "127.0.0.1", port: 35000 },
    },
    {
      protocol: "tcp",
      source: { ip: "fd00:70::1", port: 1 },
      destination: { ip: "2001:db8::1", port: 443 },
      arrivedFrom: { ip: "fd00:70::1", port: 1 },
      arrivedAt: { ip: "::1", port: 9 },
    },
  ]);
});

test("counters", () => {
  const netstat = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 3 5\nIpExt: In\nIpExt: 9\n";
  assert.equal(readCounter(netstat, "TcpExt", "ListenDrops"), 5);
  assert.equal(readCounter(netstat, "TcpExt", "Nothing"), 0);
  assert.equal(
    readUntracked("entries insert_failed drop\n00000005  00000001 0000000a\n00000005 00000000 00000001\n"),
    12,
  );
});

test("hostile tables never throw", () => {
  const piece = fc.constantFrom(
    "ipv4 2 udp ",
    "src=",
    "dst=1.2.3.4 ",
    "sport=1 ",
    "dport=99999 ",
    "\n",
    "0100007F:0050 ",
    "::",
    " ",
    "7",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (table) => {
      for (const row of parseTranslations(table)) assert.ok(row.destination.port <= 65_535);
      parseSockets(table);
      assert.ok(readCounter(table, "TcpExt", "ListenDrops") >= 0);
      readUntracked(table);
    }),
  );
});
