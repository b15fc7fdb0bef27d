// The kernel's tables of the helper's network namespace, read from outside through /proc/<helper>/net, parsed, and kept
// for a moment: many arrivals cost one reading. They are opened once, which keeps them
// readable when the helper has ended. Each reading is bounded; what lies beyond the bound, or is unreadable, is as if it
// were not there.

import { closeSync, openSync, readSync } from "node:fs";
import type { Address } from "../../../domain/exchange.ts";
import { limits } from "../limits.ts";
import {
  parseSockets,
  parseTranslations,
  readCounter,
  readUntracked,
  type SocketRow,
  type Translation,
} from "./tables.ts";

type Protocol = "tcp" | "udp";
type Family = Protocol | `${Protocol}6`;

export interface Kernel {
  /**
   * Rows of the sockets with this local port, of all where none is told. `suits`: those of a moment ago will do where one of
   * them is the one sought; else they are read now.
   */
  readonly sockets: (protocol: Protocol, sought?: Sought) => readonly SocketRow[];
  /** What became of a packet that came from here to this door; undefined where the kernel no longer knows. */
  readonly translation: (protocol: "tcp" | "udp", from: Address, at: Address) => Translation | undefined;
  /** Connections dropped since the namespace began: listen queues (the tool's own servers included) and tracking. */
  readonly dropped: () => number;
  readonly close: () => void;
}

export interface Sought {
  readonly port?: number;
  readonly suits: (row: SocketRow) => boolean;
  /** None of a moment ago will do. */
  readonly now?: boolean;
}

const names = ["tcp", "tcp6", "udp", "udp6", "nf_conntrack", "netstat", "stat/nf_conntrack"] as const;

/** `net` is `/proc/<helper>/net`. */
export function openKernel(net: string): Kernel {
  const open = new Map(names.map((name) => [name, openTable(`${net}/${name}`)]));
  const table = (name: (typeof names)[number]): string => readBounded(open.get(name));
  const tracked = forOneTurn(table);
  return {
    sockets: keepTables(table),
    translation: (protocol, from, at) => {
      const wanted = key(protocol, from, at);
      const rows = parseTranslations(tracked("nf_conntrack"), from.port);
      return rows.find((row) => key(row.protocol, row.arrivedFrom, row.arrivedAt) === wanted);
    },
    dropped: () => readCounter(table("netstat"), "TcpExt", "ListenDrops") + readUntracked(table("stat/nf_conntrack")),
    close: () => {
      for (const descriptor of open.values()) if (descriptor !== undefined) closeSync(descriptor);
      open.clear();
    },
  };
}

const key = (protocol: string, from: Address, at: Address): string =>
  `${protocol} ${from.ip} ${from.port} ${at.ip} ${at.port}`;

/**
 * To read the TCP tables the kernel walks the whole host's: milliseconds, so one reading serves every connection that it
 * shows. A row kept too long tells nothing false: its inode is looked for among the processes of now, and where none has
 * it the tables are read again.
 */
function keepTables(table: (name: Family) => string): Kernel["sockets"] {
  const kept = new Map<Family, string>();
  /** Which of the two tables held the last one that was sought. */
  const latest = new Map<Protocol, Family>();
  const read = (family: Family): string => {
    const text = table(family);
    kept.set(family, text);
    setTimeout(() => kept.delete(family), limits.rowsMs).unref();
    return text;
  };
  return (protocol, { port, suits, now = false } = { suits: () => false }) => {
    const first = latest.get(protocol) ?? protocol;
    const families = [first, first === protocol ? (`${protocol}6` as const) : protocol];
    const found: SocketRow[] = [];
    for (const take of now ? [read] : [(family: Family) => kept.get(family), read])
      for (const family of families) {
        const text = take(family);
        const rows = text === undefined ? [] : parseSockets(text, port);
        if (take === read) found.push(...rows);
        if (!rows.some(suits)) continue;
        latest.set(protocol, family);
        return rows;
      }
    return found;
  };
}

function forOneTurn<Key extends string, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const kept = new Map<Key, Value>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    kept.set(key, made);
    setImmediate(() => kept.delete(key));
    return made;
  };
}

function openTable(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

function readBounded(descriptor: number | undefined): string {
  if (descriptor === undefined) return "";
  const chunks: Buffer[] = [];
  try {
    for (let total = 0; total < limits.tableBytes; ) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const length = readSync(descriptor, chunk, 0, chunk.length, total);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
      total += length;
    }
  } catch {
    // what was read so far
  }
  return Buffer.concat(chunks).toString("latin1");
}
