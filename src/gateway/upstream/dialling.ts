// Connections upstream, counted from the moment they are dialled: never more than the bound, none once it is closed.

import type { Socket } from "node:net";
import { Fault } from "../../domain/fault.ts";
import type { Limits } from "../limits.ts";
import type { Dial, Route } from "./dial.ts";

export interface Dialling {
  /** Rejects as Dial does, or with a Fault `busy`. */
  readonly open: (route: Route) => Promise<Socket>;
  /** Ends every connection, and nobody waits for one any more. */
  readonly close: () => void;
}

/** `makeRoom`: gives one up that rests, where there is one. */
export function openDialling(dial: Dial, limits: Limits, makeRoom: () => boolean): Dialling {
  const all = new Set<Socket>();
  const cancels = new Set<(why: Fault) => void>();
  let dialling = 0;
  let closed = false;

  /** The connection, or the reason why nobody waits for it any more; one that comes after that is closed. */
  const until = async (dialled: Promise<Socket>): Promise<Socket> => {
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
  };

  return {
    open: async (route) => {
      if (closed) throw over();
      if (all.size + dialling >= limits.lines && !makeRoom())
        throw new Fault({ code: "busy", message: "too many connections upstream at once" });
      dialling += 1;
      try {
        const socket = await until(dial(route));
        if (closed) socket.destroy();
        if (closed) throw over();
        all.add(socket);
        socket.on("close", () => all.delete(socket));
        return socket;
      } finally {
        dialling -= 1;
      }
    },
    close: () => {
      closed = true;
      for (const cancel of cancels) cancel(over());
      for (const socket of all) socket.destroy();
    },
  };
}

function over(): Fault {
  return new Fault({ code: "busy", message: "the session has ended" });
}
