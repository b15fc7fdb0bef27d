// Kept connections, by the place and grant they were opened for: never lent across two grants. Bounded; an idle one is
// closed before most servers would.

import type { Socket } from "node:net";
import { Fault } from "../../domain/fault.ts";
import type { Limits } from "../limits.ts";
import type { Dial, Route } from "./dial.ts";
import { Http1Line } from "./line.ts";

export interface Pool {
  /** A line that is free; `fresh`: not a kept one. Rejects as Dial does, or with a Fault `busy`. */
  readonly take: (route: Route, fresh?: boolean) => Promise<Http1Line>;
  readonly close: () => void;
}

export function openPool(dial: Dial, limits: Limits): Pool {
  const idle: Idle = new Map();
  const all = new Set<Http1Line>();
  let dialling = 0;
  let closed = false;
  const cancels = new Set<(why: Fault) => void>();

  const open = async (route: Route, key: string): Promise<Http1Line> => {
    if (all.size + dialling >= limits.lines && !dropOne(idle)) {
      throw new Fault({ code: "busy", message: "too many connections upstream at once" });
    }
    dialling += 1;
    try {
      const line = new Http1Line(await dialUntil(dial(route), cancels), limits);
      if (closed) {
        line.destroy();
        throw over();
      }
      all.add(line);
      line.onClosed = () => {
        all.delete(line);
        forget(idle, key, line);
      };
      line.onIdle = () => keep(idle, key, { line, limits });
      return line;
    } finally {
      dialling -= 1;
    }
  };

  return {
    take: async (route, fresh = false) => {
      const key = keyOf(route);
      return (fresh ? undefined : kept(idle, key)) ?? open(route, key);
    },
    close: () => {
      closed = true;
      for (const cancel of cancels) cancel(over());
      for (const line of all) line.destroy();
    },
  };
}

const over = (): Fault => new Fault({ code: "busy", message: "the session has ended" });

/** The connection, or the reason why nobody waits for it any more; one that comes after that is closed. */
async function dialUntil(dialled: Promise<Socket>, cancels: Set<(why: Fault) => void>): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  cancels.add(reject);
  dialled.then(resolve, reject);
  try {
    return await promise;
  } catch (error) {
    dialled.then((socket) => socket.destroy()).catch(() => undefined);
    throw error;
  } finally {
    cancels.delete(reject);
  }
}

type Idle = Map<string, Http1Line[]>;

/** The one used last: the others may rest, and close. */
function kept(idle: Idle, key: string): Http1Line | undefined {
  const lines = idle.get(key);
  for (let line = lines?.pop(); line !== undefined; line = lines?.pop()) if (line.usable) return line;
  idle.delete(key);
  return undefined;
}

function keep(idle: Idle, key: string, { line, limits }: { readonly line: Http1Line; readonly limits: Limits }): void {
  const lines = idle.get(key) ?? [];
  if (lines.length >= limits.linesPerRoute || !line.usable) {
    line.destroy();
    return;
  }
  line.rest(limits.lineIdle);
  lines.push(line);
  idle.set(key, lines);
}

function forget(idle: Idle, key: string, line: Http1Line): void {
  const lines = idle.get(key) ?? [];
  const at = lines.indexOf(line);
  if (at >= 0) lines.splice(at, 1);
  if (lines.length === 0) idle.delete(key);
}

/** Makes room by closing the longest unused connection of some other place. */
function dropOne(idle: ReadonlyMap<string, Http1Line[]>): boolean {
  for (const lines of idle.values()) {
    const line = lines.shift();
    if (line === undefined) continue;
    line.destroy();
    return true;
  }
  return false;
}

function keyOf(route: Route): string {
  const upstream = route.grant?.upstream;
  return [
    route.scheme,
    route.host,
    route.port,
    route.grant?.id ?? "",
    upstream?.address ?? "",
    upstream?.ca ?? "",
  ].join("|");
}
