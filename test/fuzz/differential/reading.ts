// The same octets, read by others: the runtime's server, strict and lenient. What each takes for requests, and nothing of what
// it answers.

import { createServer, type IncomingMessage, type Server } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { readBody, type Seen } from "../stage.ts";

export interface Reading {
  /** In their order, each with its whole body. */
  readonly requests: readonly Seen[];
  /** What it could not read, in its own words. */
  readonly unread: string | undefined;
}

export interface Reader {
  readonly name: string;
  /** `expected`: so many are awaited, and a moment more for any that should not be there. */
  readonly read: (bytes: Buffer, expected?: number) => Promise<Reading>;
  /** What we may send and it is known to refuse. */
  readonly refuses?: (request: Seen) => boolean;
}

interface Note {
  /** In the order of their heads; undefined while one is not whole. */
  readonly begun: (Seen | undefined)[];
  unread: string | undefined;
}

/** Turns of the loop. */
const quiet = 30;

export function openNodeReader(lenient: boolean): Reader {
  const notes = new Map<Duplex, Note>();
  const options = { insecureHTTPParser: lenient, requireHostHeader: false, keepAliveTimeout: 0 };
  const server = createServer(options, (request: IncomingMessage, response) => {
    const note = notes.get(request.socket);
    // a later one without a body is whole before it
    const place = note?.begun.push(undefined);
    readBody(request).then(
      (body) => {
        if (note !== undefined && place !== undefined) note.begun[place - 1] = seenOf(request, body);
        response.end();
      },
      () => undefined,
    );
  });
  listenForRest(server, (stream, unread) => {
    const note = notes.get(stream);
    if (note !== undefined) note.unread ??= unread;
    stream.destroy();
  });
  return {
    name: lenient ? "Node, lenient" : "Node",
    read: async (bytes) => {
      const [client, stream] = duplexPair();
      const note: Note = { begun: [], unread: undefined };
      notes.set(stream, note);
      client.on("error", () => undefined).resume();
      stream.on("error", () => undefined);
      server.emit("connection", stream);
      client.write(bytes);
      for (let [turns, seen] = [0, -1]; turns < quiet && !stream.destroyed; turns += 1) {
        await turn();
        const whole = note.begun.filter((one) => one !== undefined).length;
        if (whole !== seen) turns = 0;
        seen = whole;
      }
      client.destroy();
      stream.destroy();
      notes.delete(stream);
      return { requests: note.begun.filter((one) => one !== undefined), unread: note.unread };
    },
  };
}

const option = /^connection:([^\r\n]*)/gim;

/**
 * A proxy that does what RFC 9110 §7.6.1 tells it: takes out of the first head what its `Connection` names. What is left is read
 * by the runtime's server.
 */
export function openProxyReader(): Reader {
  const node = openNodeReader(false);
  return {
    name: "a proxy by the book",
    read: (bytes) => {
      const text = bytes.toString("latin1");
      const [head = ""] = text.split("\r\n\r\n", 1);
      const named = [...head.matchAll(option)].flatMap(([, options = ""]) => options.toLowerCase().split(/[ \t,]+/));
      const left = head
        .split("\r\n")
        .filter((line, at) => at === 0 || !named.includes(line.split(":", 1)[0]?.toLowerCase() ?? ""));
      return node.read(Buffer.from(left.join("\r\n") + text.slice(head.length), "latin1"));
    },
  };
}

/** What is no request with a body: a tunnel, a change of protocol, what cannot be read. */
function listenForRest(server: Server, told: (stream: Duplex, unread: string) => void): void {
  server.on("connect", (_request: IncomingMessage, stream: Duplex) => told(stream, "a tunnel"));
  server.on("clientError", (error: Error & { code?: string }, stream: Duplex) =>
    told(stream, error.code ?? "unreadable"),
  );
}

function seenOf({ method = "", url = "", rawHeaders }: IncomingMessage, body: string): Seen {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  return { method, target: url, host: at < 0 ? "" : (rawHeaders[at + 1] ?? ""), size: body.length, body };
}
