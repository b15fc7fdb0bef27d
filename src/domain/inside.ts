// The tool's own servers, seen from outside: which ports they listen on, and a connection made to one.

import type { Duplex } from "node:stream";
import type { Attribution } from "./exchange.ts";

/** A connection to a server inside. */
export interface Reached {
  /** At run time a socket that has read nothing yet. What comes out of it is attacker-controlled. */
  readonly stream: Duplex;
  /** Who listens there. */
  readonly attribute: () => Promise<Attribution>;
}

export interface Inside {
  /** Ports of any address inside on which something listens; the doors' own left out. */
  readonly listening: () => Promise<readonly number[]>;
  /** To this port of the inside's loopback, 127.0.0.1 before ::1. Rejects where nothing listens there. */
  readonly reach: (port: number) => Promise<Reached>;
}
