// What every way upstream is to those who send on it, whatever version of HTTP it speaks. Says what it sent only when asked to;
// whoever asks has the receipt already.

import type { Socket } from "node:net";
import type { RequestHead } from "../../domain/exchange.ts";
import type { Body } from "../requests/body.ts";
import type { Form } from "../requests/framing.ts";
import type { ReplyHead } from "./reply-reader.ts";

export interface Outgoing {
  /** As the upstream shall see it. */
  readonly head: RequestHead;
  readonly form: Form;
  readonly body: Body;
  /** Name and value alternating. */
  readonly trailers: readonly string[];
}

/** The way of one request upstream, and of its reply back. */
export interface Line {
  /** Once it was taken. Gives the bytes of the head; the reply's events come later. */
  readonly send: (outgoing: Outgoing, incoming: Incoming) => number;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Nothing was sent, and nothing will be. */
  readonly giveBack: () => void;
  readonly destroy: () => void;
}

/** May it be asked once more? `harmless`: where asking twice does no harm. `untouched`: the upstream did nothing with it. */
export type Again = "never" | "harmless" | "untouched";

export interface Incoming {
  readonly informational: (head: ReplyHead) => void;
  readonly head: (head: ReplyHead) => void;
  /** Returns false where no more is wanted for now; `resume` of the line goes on. */
  readonly data: (chunk: Buffer) => boolean;
  /** A portion of what the socket gave has been read through: the moment to pass on what was held together. */
  readonly flush: () => void;
  readonly end: (trailers: readonly string[]) => void;
  /** Where it was asked for: the upstream has changed to another protocol, whose octets the socket holds, stopped. */
  readonly switched: (head: ReplyHead, socket: Socket) => void;
  /** Once, and nothing after it. */
  readonly broken: (why: string, again: Again) => void;
}

/** Name and value alternating → lines. */
export function headerLines(headers: readonly string[]): string {
  let lines = "";
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return lines;
}
