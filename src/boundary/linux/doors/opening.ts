// Inside the namespace: the doors, each on a loopback port, the same for both families. They bind to
// loopback itself, not the wildcard, or a UDP answer would not match the translation (reference: nf_nat_redirect).

import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import { type DoorName, doorNames } from "../channel.ts";
import type { Ports } from "../network.ts";

export interface OpenDoor {
  readonly name: DoorName;
  readonly family: 4 | 6;
  readonly socket: Server | Socket;
}

/** Rejects where a socket cannot be bound. */
export function openDoors(ports: Ports, v6: boolean, backlog: number): Promise<readonly OpenDoor[]> {
  const families = v6 ? [4 as const, 6 as const] : [4 as const];
  return Promise.all(
    doorNames.flatMap((name) => families.map((family) => openOne(name, family, { port: ports[name], backlog }))),
  );
}

type Wish = { readonly port: number; readonly backlog: number };

async function openOne(name: DoorName, family: 4 | 6, { port, backlog }: Wish): Promise<OpenDoor> {
  const host = family === 4 ? "127.0.0.1" : "::1";
  if (name === "tcp") {
    const socket = createServer();
    await settled(socket, (done) => socket.listen({ host, port, backlog }, done));
    return { name, family, socket };
  }
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  await settled(socket, (done) => socket.bind(port, host, done));
  return { name, family, socket };
}

function settled(socket: Server | Socket, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    begin(resolve);
  });
}
