// For tests: one end of a connection of HTTP/2 with everything it hears and says written down. Nothing here runs in a session.

import { type Limits, limits } from "../limits.ts";
import { Connection } from "./connection.ts";
import { type Frame, FrameReader, kinds, nameOf, preface, writeFrame, writeHead, writeSettings } from "./frames.ts";
import type { Fields } from "./head-reader.ts";
import { HeadWriter } from "./head-writer.ts";
import type { Hearer, Stream } from "./stream.ts";

export const nobody: ReadonlySet<string> = new Set();
export const request = [":method", "POST", ":scheme", "https", ":authority", "a.example", ":path", "/"];

export class End {
  readonly connection: Connection;
  /** What it heard, a line each. */
  readonly heard: string[] = [];
  /** Octets it said and nobody took yet. */
  said: Buffer = Buffer.alloc(0);
  readonly streams: Stream[] = [];
  /** False: the transport takes nothing. */
  open = true;
  /** What is heard is used at once. */
  consumes = true;
  now = 0;
  readonly body: Buffer[] = [];

  constructor(role: "server" | "client", more: Partial<Limits> = {}) {
    this.connection = new Connection(
      { role, limits: { ...limits, ...more }, clock: () => this.now },
      {
        write: (bytes) => {
          this.said = Buffer.concat([this.said, bytes]);
          return this.open;
        },
        opened: (stream, head, last) => {
          this.listen(stream);
          stream.hearer.fields(head, last);
          return this.connection.streams <= (more.streams ?? limits.streams);
        },
        failed: (why) => this.heard.push(`failed: ${why}`),
        leaving: () => this.heard.push("leaving"),
      },
    );
  }

  listen(stream: Stream): Stream {
    this.streams.push(stream);
    const note = (line: string) => this.heard.push(`${stream.id} ${line}`);
    const hearer: Hearer = {
      fields: (fields: Fields, last) => note(`fields ${fields.list.join(" ")}${last ? " last" : ""}`),
      data: (chunk, last) => {
        this.body.push(Buffer.from(chunk));
        if (last) note("data last");
        if (this.consumes) stream.consume(chunk.length);
      },
      lost: (why, untouched) => note(`lost: ${why}${untouched ? ", untouched" : ""}`),
      drained: () => note("drained"),
      said: () => note("said"),
    };
    stream.hearer = hearer;
    return stream;
  }

  take(): Buffer {
    const { said } = this;
    this.said = Buffer.alloc(0);
    return said;
  }

  /** Frames it said, a line each, without its greeting. */
  frames(): string[] {
    return framesOf(this.take())
      .map(tellFrame)
      .filter((line) => !["settings", "window 0"].some((start) => line.startsWith(start)));
  }
}

export function framesOf(bytes: Buffer): Frame[] {
  const reader = new FrameReader();
  reader.push(bytes.subarray(0, preface.length).equals(preface) ? bytes.subarray(preface.length) : bytes);
  const frames: Frame[] = [];
  for (let frame = reader.next(); typeof frame !== "string"; frame = reader.next()) frames.push(frame);
  return frames;
}

function tellFrame({ kind, flags, stream, payload }: Frame): string {
  const name = Object.entries(kinds).find(([, value]) => value === kind)?.[0] ?? kind;
  if (kind === kinds.goAway) return `goAway ${nameOf(payload.readUInt32BE(4))}`;
  if (kind === kinds.reset) return `reset ${stream} ${nameOf(payload.readUInt32BE(0))}`;
  return `${name} ${stream} ${flags} ${payload.length}`;
}

/** Lets both ends talk until neither has anything to say, in pieces of this size. */
export function converse(a: End, b: End, piece = Number.MAX_SAFE_INTEGER): void {
  while (a.said.length + b.said.length > 0) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const bytes = from.take();
      for (let at = 0; at < bytes.length; at += piece) to.connection.receive(bytes.subarray(at, at + piece));
    }
  }
}

/** A client's octets by hand. */
export class Hand {
  readonly #writer = new HeadWriter();

  hello(): Buffer {
    return Buffer.concat([preface, writeSettings([])]);
  }

  head(stream: number, list: readonly string[] = request, last = true): Buffer {
    return writeHead(stream, this.#writer.write(list, nobody), last);
  }

  frame(kind: number, stream: number, payload: Buffer | string = "", flags = 0): Buffer {
    return writeFrame(kind, flags, stream, Buffer.from(payload));
  }
}
