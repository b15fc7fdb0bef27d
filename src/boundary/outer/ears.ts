// Listeners of ours on every address of this machine, for as long as the ways out are tried: what they hear came from inside by
// another way than the door. Each is tried from out here before, for one that could hear nothing would prove nothing.

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { refusal } from "./share.ts";

export interface Ears extends Disposable {
  readonly tcp: readonly Target[];
  readonly udp: readonly Target[];
  /** An abstract Unix socket: they belong to a network namespace. */
  readonly abstract: string;
  /** What was heard, in words. */
  readonly heard: () => readonly string[];
}

interface Target {
  readonly ip: string;
  readonly port: number;
}

/** Rejects with a BoundaryFault. */
export async function openEars(mark: string): Promise<Ears> {
  const heard = new Set<string>();
  using begun = new DisposableStack();
  const abstract = `\0postern-outer-${mark}`;
  const [tcp, unix] = [openServer("a TCP connection", heard), openServer("an abstract socket", heard)];
  begun.defer(() => void tcp.close());
  begun.defer(() => void unix.close());
  const everywhere = hasV6() ? "::" : "0.0.0.0";
  const port = await listening(tcp, { host: everywhere, port: 0 });
  await listening(unix, { path: abstract });
  const udp = createSocket(hasV6() ? { type: "udp6", ipv6Only: false } : { type: "udp4" });
  begun.defer(() => udp.close());
  udp.on("message", () => heard.add("a datagram"));
  udp.on("error", () => undefined);
  udp.bind(0, everywhere);
  await once(udp, "listening");
  await tryAll({ tcp: { host: "127.0.0.1", port }, unix: { path: abstract }, udp: udp.address().port }, heard);
  const all = begun.move();
  const own = ownAddresses();
  return {
    tcp: own.map((ip) => ({ ip, port })),
    udp: own.map((ip) => ({ ip, port: udp.address().port })),
    abstract,
    heard: () => [...heard],
    [Symbol.dispose]: () => all.dispose(),
  };
}

function openServer(what: string, heard: Set<string>): Server {
  return createServer((socket) => {
    heard.add(what);
    socket.on("error", () => undefined);
    socket.destroy();
  });
}

async function listening(server: Server, at: { host?: string; port?: number; path?: string }): Promise<number> {
  server.listen(at);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Milliseconds; on this machine itself. */
const patience = 5_000;

async function tryAll(
  at: { tcp: { host: string; port: number }; unix: { path: string }; udp: number },
  heard: Set<string>,
): Promise<void> {
  const sender: UdpSocket = createSocket("udp4");
  const sockets = [connect(at.tcp), connect(at.unix)];
  for (const socket of sockets) socket.on("error", () => undefined);
  sender.send("", at.udp, "127.0.0.1");
  for (const until = performance.now() + patience; heard.size < 3 && performance.now() < until; )
    await new Promise((resolve) => setTimeout(resolve, 5));
  for (const socket of sockets) socket.destroy();
  sender.close();
  if (heard.size < 3)
    throw refusal("this machine's own listeners hear nothing", "see whether a packet filter is in the way");
  heard.clear();
}

const hasV6 = (): boolean => ownAddresses().includes("::1");

/** Of every interface; without those that name no one machine. */
function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address));
  return [...new Set(all)].filter((ip) => !ip.startsWith("fe80:")).slice(0, 64);
}
