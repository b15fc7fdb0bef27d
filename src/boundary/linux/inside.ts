// Connections from outside to the tool's own servers: a port in, the helper is asked, the connected socket comes back by
// its channel. And who listens inside, from the kernel's tables.

import type { SendHandle } from "node:child_process";
import { open } from "node:fs/promises";
import { Socket } from "node:net";
import { Fault } from "../../domain/fault.ts";
import type { Inside } from "../../domain/inside.ts";
import type { BoundaryFault } from "../contract.ts";
import type { Order, Report } from "./channel.ts";
import type { Kernel } from "./doors/kernel.ts";
import type { Owners } from "./doors/owners.ts";
import { parseSockets, type SocketRow } from "./doors/tables.ts";
import { limits } from "./limits.ts";

export interface Knocking {
  readonly reach: (port: number) => Promise<Socket>;
  readonly answer: (report: Extract<Report, { kind: "reached" }>, handle: SendHandle) => void;
  /** The helper is gone, and with it all it was asked for. */
  readonly end: () => void;
}

/** `order` is false where the helper can no longer be told. */
export function openKnocking(order: (order: Order) => boolean): Knocking {
  const waiting = new Map<number, PromiseWithResolvers<Socket>>();
  let last = 0;
  return {
    reach: (port) => {
      const asked = Promise.withResolvers<Socket>();
      last += 1;
      const id = last;
      waiting.set(id, asked);
      const timer = setTimeout(() => asked.reject(notThere(port)), limits.knockMs);
      if (!order({ kind: "reach", id, port })) asked.reject(notThere(port));
      return asked.promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
    },
    answer: ({ id, port }, handle) => {
      const asked = waiting.get(id);
      if (!(handle instanceof Socket)) return asked?.reject(notThere(port));
      // nobody waits for it any more: or an error of it would be nobody's
      if (asked === undefined) return void handle.on("error", () => undefined).destroy();
      handle.allowHalfOpen = true;
      asked.resolve(handle);
    },
    end: () => {
      for (const asked of waiting.values()) asked.reject(notThere(0));
    },
  };
}

export interface Sight {
  /** `/proc/<helper>/net`. */
  readonly net: string;
  readonly kernel: Kernel;
  readonly owners: Owners;
  /** Ports our own doors stand on. */
  readonly own: ReadonlySet<number>;
  readonly reach: Knocking["reach"];
}

export function openInside({ net, kernel, owners, own, reach }: Sight): Inside {
  return {
    listening: async () => {
      const tables = await Promise.all([readTable(`${net}/tcp`), readTable(`${net}/tcp6`)]);
      const rows = tables.flatMap((table) => parseSockets(table)).filter(isListener);
      return [...new Set(rows.map(({ local }) => local.port))].filter((port) => !own.has(port));
    },
    reach: async (port) => {
      const stream = await reach(port);
      const isIt = (row: SocketRow): boolean => isListener(row) && row.local.port === port;
      const inode = (): number => kernel.sockets("tcp", { port, suits: isIt }).find(isIt)?.inode ?? 0;
      return { stream, attribute: () => owners.find(inode()) };
    },
  };
}

/** The kernel walks the whole host's table for it, 4 ms: not while everything else waits. Empty where it is gone. */
async function readTable(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const chunks: Buffer[] = [];
    for (let total = 0; total < limits.tableBytes; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(64 * 1024), 0, 64 * 1024, null);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      total += bytesRead;
    }
    return Buffer.concat(chunks).toString("latin1");
  } catch {
    return "";
  }
}

/** Of the TCP tables' rows, only a listening socket's has no other end: one that is merely bound is not listed. */
export const isListener = ({ remote, inode }: SocketRow): boolean => remote.port === 0 && inode > 0;

const notThere = (port: number): BoundaryFault =>
  new Fault({ code: "helper", message: `nothing inside listens on port ${port}` });
