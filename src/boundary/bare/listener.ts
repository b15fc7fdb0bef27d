// The one door where nothing can be caught: a listener on this machine's loopback, of which the tool is told as its proxy. In:
// connections of this user's own processes; whoever else of this machine finds the port is turned away. Out: the contract's doors.

import { createServer, type Server, type Socket } from "node:net";
import type { Arrival, Doors } from "../../domain/door.ts";
import type { Address, Attribution } from "../../domain/exchange.ts";
import { sameAddress } from "../linux/doors/address.ts";
import { attribute } from "../linux/doors/attribution.ts";
import { type Kernel, openKernel } from "../linux/doors/kernel.ts";
import { openOwners } from "../linux/doors/owners.ts";
import { openQueue } from "../linux/doors/queue.ts";
import type { SocketRow } from "../linux/doors/tables.ts";
import { limits } from "../linux/limits.ts";

export interface Listener {
  readonly doors: Doors;
  readonly port: number;
  readonly close: () => void;
}

const loopback = "127.0.0.1";
const net = "/proc/self/net";

/** Whose processes may come: the kernel's word, which a secret in the proxy's address would not be (any program prints that). */
export async function openListener(uid: number): Promise<Listener> {
  const queue = openQueue<Arrival>(limits.arrivals);
  const kernel = openKernel(net);
  const owners = openOwners(process.pid);
  let refused = 0;
  const server = createServer({ allowHalfOpen: true }, (stream) => {
    stream.on("error", () => undefined);
    const ends = endsOf(stream);
    if (ends !== undefined && ownerOf(ends, kernel) === uid && queue.push(arrivalOf(stream, ends))) return;
    refused += 1;
    stream.destroy();
  });
  const arrivalOf = (stream: Socket, { source, door }: Ends): Arrival => ({
    stream,
    source,
    destination: door,
    direct: false,
    proxy: true,
    attribute: (): Promise<Attribution> =>
      attribute({ protocol: "tcp", source, destination: door, door }, kernel, owners),
  });
  const port = await listen(server);
  return {
    port,
    doors: {
      onArrival: queue.listen,
      onQuestion: () => undefined,
      onDatagram: () => undefined,
      overflow: () => refused,
    },
    close: () => {
      server.close();
      kernel.close();
    },
  };
}

async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host: loopback, port: 0, backlog: limits.backlog }, resolve);
  await promise;
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : 0;
}

interface Ends {
  readonly source: Address;
  readonly door: Address;
}

/** Undefined where it has been reset already. */
function endsOf({ remoteAddress, remotePort, localPort }: Socket): Ends | undefined {
  if (remoteAddress === undefined || remotePort === undefined || localPort === undefined) return undefined;
  return { source: { ip: remoteAddress, port: remotePort }, door: { ip: loopback, port: localPort } };
}

/** By the other end's row in the kernel's table (proc_net(5)), of now; undefined where nobody holds it any more. */
function ownerOf({ source, door }: Ends, kernel: Kernel): number | undefined {
  const suits = ({ inode, local, remote }: SocketRow): boolean =>
    inode > 0 && sameAddress(local, source) && sameAddress(remote, door);
  // a client may use an IPv6 socket for it; both tables are looked at, and no more of them than is bounded
  return kernel.sockets("tcp", { port: source.port, suits, now: true }).find(suits)?.uid;
}
