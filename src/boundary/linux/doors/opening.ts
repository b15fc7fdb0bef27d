// Inside the namespace: the doors, each on a loopback port the kernel chose, the same for both families. They bind to
// loopback itself, not the wildcard, or a UDP answer would not match the translation (reference: nf_nat_redirect).

import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import { type DoorName, doorNames } from "../channel.ts";

export interface OpenDoor {
  readonly name: DoorName;
  readonly family: 4 | 6;
  readonly port: number;
  readonly socket: Server | Socket;
}

/** Rejects where a socket cannot be bound. */
export async function openDoors(v6: boolean, backlog: number): Promise<readonly OpenDoor[]> {
  const doors: OpenDoor[] = [];
  for (const name of doorNames) {
    const four = await openOne(name, 4, { port: 0, backlog });
    doors.push(four);
    if (v6) doors.push(await openOne(name, 6, { port: four.port, backlog }));
  }
  return doors;
}

type Wish = { readonly port: number; readonly backlog: number };

async function openOne(name: DoorName, family: 4 | 6, { port, backlog }: Wish): Promise<OpenDoor> {
  const host = family === 4 ? "127.0.0.1" : "::1";
  if (name === "tcp") {
    const socket = createServer();
    await settled(socket, (done) => socket.listen({ host, port, backlog }, done));
    const bound = socket.address();
    return { name, family, port: typeof bound === "object" && bound !== null ? bound.port : 0, socket };
  }
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  await settled(socket, (done) => socket.bind(port, host, done));
  return { name, family, port: socket.address().port, socket };
}

function settled(socket: Server | Socket, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    begin(resolve);
  });
}
