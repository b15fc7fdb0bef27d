// The one permitted way through the boundary, seen from the gateway: arrivals, questions for names, datagrams. A door
// says where the tool meant to go and who asked; it knows nothing of what is carried.

import type { Duplex } from "node:stream";
import type { Address, Attribution } from "./exchange.ts";

/** A TCP connection made inside, caught whatever its destination. */
export interface Arrival {
  /** At run time a socket; backpressure is the stream's. */
  readonly stream: Duplex;
  /** Where the tool meant to go. */
  readonly destination: Address;
  /** Whence, inside: the tool's own end. */
  readonly source: Address;
  /** True where the tool aimed at the door itself. */
  readonly direct: boolean;
  /** True where the door is a proxy that the tool was told of: what it asks there is entered, not that it came. */
  readonly proxy?: boolean;
  readonly attribute: () => Promise<Attribution>;
}

/** A UDP datagram sent inside: a question for a name (port 53) or anything else. */
export interface Datagram {
  /** Attacker-controlled. */
  readonly bytes: Buffer;
  /** Undefined where the kernel no longer knew. */
  readonly destination: Address | undefined;
  readonly source: Address;
  readonly attribute: () => Promise<Attribution>;
  readonly reply: (bytes: Buffer) => void;
}

/** Takes the one listener. What comes before it is set, or after `undefined` took it away, waits. */
export type Listen<Item> = (listener: ((item: Item) => void) | undefined) => void;

export interface Doors {
  readonly onArrival: Listen<Arrival>;
  readonly onQuestion: Listen<Datagram>;
  readonly onDatagram: Listen<Datagram>;
  /** Attempts the kernel dropped before we could see them, so far. */
  readonly overflow: () => number;
}
