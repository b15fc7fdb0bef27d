// Who asks: the tool's side of one exchange, whatever it speaks. What it sends is read from here and what it is told goes out
// here; the steps between know neither HTTP/1.1 nor HTTP/2. Each event has one listener: whoever is at work on the exchange.

import type { Duplex, Readable } from "node:stream";
import type { HttpVersion } from "../upstream/dial.ts";
import { type ReplyHead, valuesOf } from "../upstream/reply-reader.ts";

/** What comes after a head. Attacker-controlled. */
export interface Arriving {
  readonly stream: Readable;
  /** Content-Length as it was told; undefined where it was not. */
  readonly length: string | undefined;
  /** Nothing comes after this head. */
  readonly none: boolean;
  /** It came to its proper end. Known once the stream has ended. */
  readonly complete: boolean;
  /** Why it did not, where that is not that the tool left: its length is another than was told, or it took too long. */
  readonly fault: "misframed" | "late" | undefined;
  /** Name and value alternating. Known once it is complete. */
  readonly trailers: readonly string[];
}

export interface Asker {
  readonly version: HttpVersion;
  readonly arriving: Arriving;
  /** It has left, or was broken off. */
  readonly gone: boolean;
  /** The head of an answer has been written. */
  readonly told: boolean;
  /** More waits for it than it takes at once; `onDrained` follows. */
  readonly full: boolean;
  /** Called once, when the answer is out or it has gone. */
  onClosed: () => void;
  onDrained: () => void;
  /** What its version of HTTP has a refusal's head say, beside what is refused. `last`: nothing more is taken on the connection. */
  readonly parting: (status: number, last: boolean) => readonly string[];
  /** 100: the body may come. */
  readonly invite: () => void;
  /** 1xx, before the head of the answer. */
  readonly inform: (head: ReplyHead) => void;
  /** The head; goes out with what follows, or with `flush`. False where it cannot be written. */
  readonly begin: (head: ReplyHead) => boolean;
  readonly flush: () => void;
  /** False where it is full. */
  readonly write: (chunk: Buffer) => boolean;
  /** The last piece, which may be empty, and the trailers where it can take any. */
  readonly end: (last: Buffer, trailers: readonly string[]) => void;
  /** So that it sees a broken answer and not a short one. */
  readonly breakOff: () => void;
  /** Where it asked for a WebSocket: tells it that it has one (101), and gives the connection, which is nobody's answer any more. */
  readonly switched?: (head: ReplyHead) => Duplex;
}

/** A reply's headers on a connection that ends with it, whatever the server does with its own. */
export function asLast(headers: readonly string[]): readonly string[] {
  if (valuesOf(headers, "connection").some((value) => /\bclose\b/i.test(value))) return headers;
  const own = headers.filter((_, at) => !/^(?:connection|keep-alive)$/i.test(headers[at - (at % 2)] ?? ""));
  return [...own, "Connection", "close"];
}
