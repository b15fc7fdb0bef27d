// The kernel's tables as text in (/proc/<pid>/net/…), rows out. Lines that do not read are skipped; the formats are
// proc_net(5) and net/netfilter/nf_conntrack_standalone.c.

import type { Address } from "../../../domain/exchange.ts";
import { parseHexAddress, parseIp } from "./address.ts";

export interface SocketRow {
  readonly local: Address;
  readonly remote: Address;
  /** Whose it is, as the reader's user namespace numbers them. */
  readonly uid: number;
  /** 0 where no descriptor holds the socket any more. */
  readonly inode: number;
  /** Datagrams dropped for want of room; 0 in the TCP tables. */
  readonly drops: number;
}

/** `/proc/net/{tcp,tcp6,udp,udp6}`. `port`: only rows with this local port, told before the rest of a line is read. */
export function parseSockets(table: string, port?: number): readonly SocketRow[] {
  const rows: SocketRow[] = [];
  const mark = port === undefined ? "" : `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  for (const line of table.split("\n").slice(1)) {
    if (!line.includes(mark)) continue;
    const fields = line.trim().split(/\s+/);
    const local = parseHexAddress(fields[1] ?? "");
    const remote = parseHexAddress(fields[2] ?? "");
    const inode = Number(fields[9]);
    if (local === undefined || remote === undefined || !Number.isSafeInteger(inode)) continue;
    if (port !== undefined && local.port !== port) continue;
    const drops = fields.length === 13 ? Number(fields[12]) : 0;
    rows.push({ local, remote, uid: Number(fields[7]), inode, drops: Number.isSafeInteger(drops) ? drops : 0 });
  }
  return rows;
}

export interface Translation {
  readonly protocol: "tcp" | "udp";
  /** As the tool sent it. */
  readonly source: Address;
  readonly destination: Address;
  /** As it came to the door: the reply's ends, turned round. */
  readonly arrivedFrom: Address;
  readonly arrivedAt: Address;
}

const tuple = /src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g;

/**
 * `/proc/net/nf_conntrack`: the first tuple is the original, the second the reply. `port`: only rows in which something is
 * sent to it.
 */
export function parseTranslations(table: string, port?: number): readonly Translation[] {
  const rows: Translation[] = [];
  const mark = port === undefined ? "" : `dport=${port}`;
  for (const line of table.split("\n")) {
    if (!line.includes(mark)) continue;
    const [, protocol] = /^ipv[46]\s+\d+\s+(tcp|udp)\s/.exec(line) ?? [];
    if (protocol !== "tcp" && protocol !== "udp") continue;
    const [original, reply] = [...line.matchAll(tuple)].map(readTuple);
    if (original === undefined || reply === undefined) continue;
    const [source, destination] = original;
    const [arrivedAt, arrivedFrom] = reply;
    rows.push({ protocol, source, destination, arrivedFrom, arrivedAt });
  }
  return rows;
}

function readTuple(match: RegExpMatchArray): readonly [Address, Address] | undefined {
  const [from, to] = [parseIp(match[1] ?? ""), parseIp(match[2] ?? "")];
  const [sport, dport] = [Number(match[3]), Number(match[4])];
  if (from === undefined || to === undefined || !(sport <= 65_535) || !(dport <= 65_535)) return undefined;
  return [
    { ip: from, port: sport },
    { ip: to, port: dport },
  ];
}

/** One named counter of `/proc/net/netstat` or `snmp`: a line of names, then a line of numbers, each with the group. */
export function readCounter(table: string, group: string, name: string): number {
  const [names, values] = table.split("\n").filter((line) => line.startsWith(`${group}:`));
  const place = names?.split(/\s+/).indexOf(name) ?? -1;
  const value = place < 0 ? Number.NaN : Number(values?.split(/\s+/)[place]);
  return Number.isSafeInteger(value) ? value : 0;
}

/** `/proc/net/stat/nf_conntrack`: one line a processor, hexadecimal; connections the table had no room for. */
export function readUntracked(table: string): number {
  const [head, ...lines] = table.trim().split("\n");
  const names = head?.trim().split(/\s+/) ?? [];
  const wanted = ["drop", "insert_failed"].map((name) => names.indexOf(name)).filter((place) => place >= 0);
  const fields = lines.flatMap((line) =>
    wanted.map((place) => Number.parseInt(line.trim().split(/\s+/)[place] ?? "", 16)),
  );
  return fields.reduce((sum, value) => sum + (Number.isSafeInteger(value) ? value : 0), 0);
}
