// The doors' sockets, opened inside and received here, in; arrivals, questions and datagrams with their original
// destinations out. Refuses nothing: the gateway judges. What cannot be kept is counted in `overflow`.

import type { RemoteInfo, Socket as UdpSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { Arrival, Datagram, Doors } from "../../../domain/door.ts";
import type { Address, Attribution } from "../../../domain/exchange.ts";
import { type DoorName, placeName } from "../channel.ts";
import { limits } from "../limits.ts";
import type { Native } from "../native.ts";
import { parseIp, parseSockaddr, sameAddress } from "./address.ts";
import { attribute, type Ends } from "./attribution.ts";
import type { Kernel } from "./kernel.ts";
import type { Owners } from "./owners.ts";
import { openQueue, type Queue } from "./queue.ts";

export interface Received {
  readonly name: DoorName | typeof placeName;
  readonly family: 4 | 6;
  readonly socket: Server | UdpSocket;
}

export interface Doorway {
  readonly doors: Doors;
  readonly queues: Queues;
  /** Those of them that nobody attends yet: places are opened later than doors. */
  readonly attend: (received: readonly Received[]) => void;
  /** What our own sockets inside stand on. */
  readonly ports: ReadonlySet<number>;
  /** Everybody inside has ended: resolves when all they left in the kernel's queues has come through the doors. */
  readonly drain: () => Promise<void>;
  readonly close: () => void;
}

export interface Queues {
  readonly arrivals: Queue<Arrival>;
  readonly questions: Queue<Datagram>;
  readonly datagrams: Queue<Datagram>;
}

/** What a doorway looks things up in. */
export interface Sources {
  readonly kernel: Kernel;
  readonly owners: Owners;
  readonly native: Native;
}

export function openDoorway(received: readonly Received[], sources: Sources): Doorway {
  const queues: Queues = {
    arrivals: openQueue(limits.arrivals),
    questions: openQueue(limits.datagrams),
    datagrams: openQueue(limits.datagrams),
  };
  const count = { refused: 0, came: 0 };
  let over = false;
  const gone: Attribution = { kind: "gone" };
  const around: Around = {
    attribute: (ends) => (over ? Promise.resolve(gone) : attribute(ends, sources.kernel, sources.owners)),
    sources,
    refuse: () => {
      count.refused += 1;
    },
    come: () => {
      count.came += 1;
    },
  };
  const attended = openAttended(queues, around);
  attended.attend(received);
  const udp = new Set(received.flatMap((one) => ("bind" in one.socket ? [portOf(one)] : [])));
  const { overflow, settle } = countOverflow(sources.kernel, udp, () => count.refused);
  return {
    queues,
    attend: attended.attend,
    ports: attended.ports,
    doors: {
      onArrival: queues.arrivals.listen,
      onQuestion: queues.questions.listen,
      onDatagram: queues.datagrams.listen,
      overflow,
    },
    drain: () => {
      over = true;
      return drain(() => count.came);
    },
    close: () => {
      settle();
      attended.close();
      sources.kernel.close();
    },
  };
}

function openAttended(queues: Queues, around: Around) {
  const known = new Map<Received, () => void>();
  const ports = new Set<number>();
  const open = (one: Received): (() => void) => {
    const { name, socket } = one;
    if ("bind" in socket) return openUdp(socket, queues[name === "dns" ? "questions" : "datagrams"], around);
    return openTcp(socket, one, queues.arrivals, around);
  };
  return {
    ports,
    attend: (received: readonly Received[]): void => {
      for (const one of received) {
        if (known.has(one)) continue;
        ports.add(portOf(one));
        known.set(one, open(one));
      }
    },
    close: (): void => {
      for (const close of known.values()) close();
    },
  };
}

function portOf({ socket }: Received): number {
  const bound = socket.address();
  return typeof bound === "object" && bound !== null ? bound.port : 0;
}

interface Around {
  readonly sources: Sources;
  readonly attribute: (ends: Ends) => Promise<Attribution>;
  readonly refuse: () => void;
  /** Told of everything that comes, before anything else is done about it. */
  readonly come: () => void;
}

/** Each turn of the event loop takes at least one thing from every queue that holds any; two without mean there is none. */
async function drain(came: () => number): Promise<void> {
  for (let quiet = 0, before = came(); quiet < 2; ) {
    await turn();
    quiet = came() === before ? quiet + 1 : 0;
    before = came();
  }
}

/** `listen` on the received server takes over its socket with our own backlog and half-open connections. */
function openTcp(socket: Server, door: Door, queue: Queue<Arrival>, around: Around): () => void {
  const { refuse, come } = around;
  const server = createServer({ allowHalfOpen: true }, (stream) => {
    come();
    // the tool may reset before anybody listens: no error of its may end the gate
    stream.on("error", () => undefined);
    if (queue.push(readArrival(stream, door, around))) return;
    refuse();
    stream.destroy();
  });
  server.listen(socket, limits.backlog);
  return () => server.close();
}

const namespaceIp = { 4: "100.64.0.1", 6: "fd00:70::1" } as const;

type Door = Pick<Received, "name" | "family">;

function readArrival(stream: Socket, { name, family }: Door, { sources, attribute }: Around): Arrival {
  const isPlace = name === placeName;
  const loopback = family === 4 ? "127.0.0.1" : "::1";
  const ip = isPlace ? (parseIp(stream.localAddress ?? "") ?? loopback) : loopback;
  const door = { ip, port: stream.localPort ?? 0 };
  // a connection reset at once no longer tells its source; it was made all the same
  const source = { ip: parseIp(stream.remoteAddress ?? "") ?? namespaceIp[family], port: stream.remotePort ?? 0 };
  // a place is where the tool meant to go, loopback left alone; only at a door is there another destination
  const destination = isPlace ? door : (readOriginal(stream, family, sources.native) ?? door);
  const ends: Ends = { protocol: "tcp", source, destination, door };
  return {
    stream,
    source,
    destination,
    direct: (!isPlace && sameAddress(destination, door)) || door.port === 0,
    attribute: () => attribute(ends),
  };
}

/** `_handle.fd` is Node's own, not public: where it changes, every arrival is `direct` and so refused. */
function readOriginal(stream: Socket, family: 4 | 6, native: Native): Address | undefined {
  const handle: unknown = Reflect.get(stream, "_handle");
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  if (typeof fd !== "number" || fd < 0) return undefined;
  const bytes = native.originalDestination(fd, family);
  return bytes === undefined ? undefined : parseSockaddr(bytes);
}

interface Waiting {
  readonly bytes: Buffer;
  readonly from: RemoteInfo;
}

/** Datagrams of one turn are looked up together: the connection table is read once for all of them. */
function openUdp(socket: UdpSocket, queue: Queue<Datagram>, around: Around): () => void {
  const { refuse, come } = around;
  let waiting: Waiting[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    for (const item of batch) if (!queue.push(readDatagram(item, socket, around))) refuse();
  };
  socket.on("error", () => undefined);
  socket.on("message", (bytes, from) => {
    come();
    if (waiting.length >= limits.datagrams) return refuse();
    if (waiting.length === 0) setImmediate(flush);
    waiting.push({ bytes, from });
  });
  return () => socket.close();
}

function readDatagram({ bytes, from }: Waiting, socket: UdpSocket, { sources, attribute }: Around): Datagram {
  const seen = { ip: parseIp(from.address) ?? from.address, port: from.port };
  const { address, port } = socket.address();
  const door = { ip: address, port };
  const translation = sources.kernel.translation("udp", seen, door);
  const ends: Ends = {
    protocol: "udp",
    source: translation?.source ?? seen,
    destination: translation?.destination,
    door,
  };
  return {
    bytes,
    source: ends.source,
    destination: ends.destination,
    attribute: () => attribute(ends),
    reply: (answer) => socket.send(answer, from.port, from.address, () => undefined),
  };
}

/** Kernel drops at the doors, connections never tracked, and what we ourselves had no room for. Once closed, the last. */
function countOverflow(kernel: Kernel, ports: ReadonlySet<number>, refused: () => number) {
  let last: number | undefined;
  const count = (): number => {
    const doors = kernel.sockets("udp").filter((row) => ports.has(row.local.port) && row.remote.port === 0);
    return refused() + kernel.dropped() + doors.reduce((sum, row) => sum + row.drops, 0);
  };
  return {
    overflow: (): number => last ?? count(),
    settle: (): void => {
      last = count();
    },
  };
}
