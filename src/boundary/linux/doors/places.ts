// Inside the namespace, by the helper: places of the inside's loopback that lead to the gateway, opened like doors; and
// connections to the tool's own servers, made for the gateway and handed out before a byte of them is read.

import { existsSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Address } from "../../../domain/exchange.ts";

export interface OpenPlace {
  readonly family: 4 | 6;
  readonly socket: Server;
}

/** All of them or none. Rejects where one is taken, which before the tool runs only a door of ours can have done. */
export async function openPlaces(places: readonly Address[], backlog: number): Promise<readonly OpenPlace[]> {
  const opened: OpenPlace[] = [];
  try {
    for (const { ip, port } of places) {
      const family = ip.includes(":") ? 6 : 4;
      // a kernel without IPv6: nobody can ask for it there either
      if (family === 6 && !existsSync("/proc/net/if_inet6")) continue;
      const socket = createServer();
      opened.push({ family, socket });
      await listening(socket, { host: ip, port, backlog });
    }
    return opened;
  } catch (error) {
    for (const { socket } of opened) socket.close();
    throw error;
  }
}

function listening(socket: Server, place: { host: string; port: number; backlog: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.listen(place, resolve);
  });
}

/** Undefined where nothing listens on that port of either loopback address. */
export async function knock(port: number): Promise<Socket | undefined> {
  return (await knockAt("127.0.0.1", port)) ?? knockAt("::1", port);
}

function knockAt(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    // a server that speaks first is to be heard by whoever gets the socket
    socket.pause();
    socket.on("error", () => resolve(undefined));
    socket.on("connect", () => resolve(socket));
  });
}
