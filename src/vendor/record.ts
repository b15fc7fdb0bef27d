// Everything a vendor received, held as ground truth up to its bounds, and appended to a file where one is given.

import { appendFileSync } from "node:fs";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { maxHeldBytes, maxRequests } from "./limits.ts";

/** One request, or one message, as it came. Attacker-controlled, and not redacted: it is what a vendor would hold. */
export interface Received {
  readonly protocol: "http/1.1" | "h2" | "websocket";
  readonly method: string;
  readonly target: string;
  /** Name and value alternating, order and case as received; on HTTP/2 with the pseudo-fields. A message has its opening's. */
  readonly headers: readonly string[];
  /** As sent, before any decoding; of a message what it says. */
  readonly body: Buffer;
  /** The name asked for in TLS; undefined on plain HTTP or without one. */
  readonly servername: string | undefined;
  readonly status: number;
}

export interface RecordOptions {
  /** How much is held, in place of `maxRequests` and `maxHeldBytes`. */
  readonly keep?: { readonly requests: number; readonly bytes: number };
  /** A file to which each is appended, one JSON object a line: it holds keys and bodies as they came. */
  readonly log?: string;
}

export class Record {
  readonly requests: Received[] = [];
  readonly #options: RecordOptions;
  #bytes = 0;

  constructor(options: RecordOptions) {
    this.#options = options;
  }

  /** Is there room for one more, with so many octets? Where there is none it is answered with an error, and not held. */
  holds(size: number): boolean {
    const { requests, bytes } = this.#options.keep ?? { requests: maxRequests, bytes: maxHeldBytes };
    return this.requests.length < requests && this.#bytes + size <= bytes;
  }

  add(received: Received): void {
    this.requests.push(received);
    this.#bytes += received.body.length;
    if (this.#options.log === undefined) return;
    const line = { ...received, body: received.body.toString("utf8") };
    appendFileSync(this.#options.log, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }
}

/** The name that was asked for in TLS. */
export function servernameOf(socket: Socket): string | undefined {
  return socket instanceof TLSSocket && typeof socket.servername === "string" ? socket.servername : undefined;
}

/** Names in lower case; of repeated names the last. */
export function lastOf(raw: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.set((raw[at] ?? "").toLowerCase(), raw[at + 1] ?? "");
  return headers;
}
