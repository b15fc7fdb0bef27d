// Bytes from an upstream, attacker-controlled and cut anywhere → the events of one reply: RFC 9112, strictly. Refuses what
// two readers could read in two ways: bare LF, folded lines, two lengths, a length beside chunks, any coding but `chunked`.

import { limits } from "../limits.ts";

export interface ReplyHead {
  readonly status: number;
  readonly reason: string;
  /** Name and value alternating, order and case as received, Latin-1. */
  readonly headers: readonly string[];
  /** On HTTP/2: names whose value no table of fields may hold. */
  readonly never?: ReadonlySet<string>;
}

export interface ReplyEvents {
  /** 1xx but 101. */
  readonly informational: (head: ReplyHead) => void;
  /** 101, where a change of protocol was asked for: nothing comes after it, and `rest` is the other protocol's. */
  readonly switched?: (head: ReplyHead) => void;
  readonly head: (head: ReplyHead) => void;
  readonly data: (chunk: Buffer) => void;
  readonly end: (trailers: readonly string[]) => void;
}

type State = "head" | "length" | "chunk-size" | "chunk" | "chunk-end" | "trailers" | "close" | "done" | "failed";

/** RFC 9112 §7.1, §7.1.1; extensions without the blanks that some readers do not allow. */
const chunkSize =
  /^([0-9a-fA-F]{1,12})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\x20\x21\x23-\x5b\x5d-\x7e]*"))?)*$/;
const framingNames = ["content-length", "transfer-encoding"];
const headEnd = Buffer.from("\r\n\r\n");
const empty = Buffer.alloc(0);

export class ReplyReader {
  readonly #method: string;
  readonly #events: ReplyEvents;
  #state: State = "head";
  #buffer: Buffer = empty;
  /** Where in the buffer a further search begins. */
  #searched = 0;
  #left = 0;
  #keep = false;
  #fault = "";
  #informational = 0;

  /** `method`: of the request, upper case; HEAD and CONNECT change what follows a head. */
  constructor(method: string, events: ReplyEvents) {
    this.#method = method;
    this.#events = events;
  }

  get done(): boolean {
    return this.#state === "done";
  }

  /** May another request follow on this connection? Meaningful once done. */
  get keep(): boolean {
    return this.#keep && this.#state === "done" && this.#buffer.length === 0;
  }

  /** What came after the end: after CONNECT, the first bytes of the tunnel. */
  get rest(): Buffer {
    return this.#buffer;
  }

  /** Undefined, or why the reply cannot be believed. */
  push(chunk: Buffer): string | undefined {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    while (this.#step());
    return this.#state === "failed" ? this.#fault : undefined;
  }

  /** The connection has ended. Undefined where the reply is whole. */
  finish(): string | undefined {
    if (this.#state === "close") {
      this.#finish([]);
      this.#keep = false;
    }
    if (this.#state === "done") return undefined;
    return this.#state === "failed" ? this.#fault : "the connection ended in the middle of the reply";
  }

  /** One state's work; false where more bytes are needed or nothing is left to do. */
  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#readHead();
      case "length":
      case "chunk":
        return this.#readCounted();
      case "chunk-size":
        return this.#readChunkSize();
      case "chunk-end":
        return this.#readChunkEnd();
      case "trailers":
        return this.#readTrailers();
      case "close":
        return this.#readToClose();
      case "done":
      case "failed":
        return false;
    }
  }

  #fail(why: string): false {
    this.#state = "failed";
    this.#fault = why;
    this.#buffer = empty;
    return false;
  }

  #finish(trailers: readonly string[]): false {
    this.#state = "done";
    this.#events.end(trailers);
    return false;
  }

  #take(size: number): Buffer {
    const part = this.#buffer.subarray(0, size);
    this.#buffer = size === this.#buffer.length ? empty : this.#buffer.subarray(size);
    this.#searched = 0;
    return part;
  }

  #readHead(): boolean {
    const end = this.#buffer.indexOf(headEnd, Math.max(0, this.#searched - 3));
    if (end < 0) {
      this.#searched = this.#buffer.length;
      return this.#buffer.length > limits.head ? this.#fail("the reply's head is too long") : false;
    }
    if (end > limits.head) return this.#fail("the reply's head is too long");
    const head = parseReplyHead(this.#take(end + 4).toString("latin1", 0, end));
    if (typeof head === "string") return this.#fail(head);
    if (head.status === 101) return this.#switch(head);
    if (head.status < 200) {
      // HTTP/1.0 has none (RFC 9110 §15.2)
      if (head.minor === 0) return this.#fail("an informational reply in HTTP/1.0");
      this.#informational += 1;
      if (this.#informational > limits.informational) return this.#fail("too many informational replies");
      this.#events.informational(head);
      return true;
    }
    return this.#begin(head);
  }

  #switch(head: ReplyHead & { readonly minor: number }): boolean {
    if (this.#events.switched === undefined || head.minor === 0)
      return this.#fail("a change of protocol nobody asked for");
    this.#state = "done";
    this.#events.switched(head);
    return false;
  }

  #begin(head: ReplyHead & { readonly minor: number }): boolean {
    const body = readFraming(head, this.#method);
    if (typeof body === "string") return this.#fail(body);
    this.#keep = body.kind !== "close" && keepsAlive(head);
    this.#events.head(head);
    if (body.kind === "none") return this.#finish([]);
    this.#state = body.kind === "length" ? "length" : body.kind === "chunked" ? "chunk-size" : "close";
    this.#left = body.kind === "length" ? body.size : 0;
    if (body.kind === "length" && body.size === 0) return this.#finish([]);
    return true;
  }

  #readCounted(): boolean {
    if (this.#buffer.length === 0) return false;
    const part = this.#take(Math.min(this.#left, this.#buffer.length));
    this.#left -= part.length;
    this.#events.data(part);
    if (this.#left > 0) return false;
    if (this.#state === "length") return this.#finish([]);
    this.#state = "chunk-end";
    return true;
  }

  /** Extensions are stepped over. */
  #readChunkSize(): boolean {
    const line = this.#line(limits.chunkLine);
    if (line === undefined) return false;
    const size = chunkSize.exec(line)?.[1];
    if (size === undefined) return this.#fail("a chunk's size is malformed");
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? "trailers" : "chunk";
    return true;
  }

  #readChunkEnd(): boolean {
    if (this.#buffer.length < 2) return false;
    if (this.#buffer[0] !== 13 || this.#buffer[1] !== 10) return this.#fail("a chunk does not end where it said");
    this.#take(2);
    this.#state = "chunk-size";
    return true;
  }

  #readTrailers(): boolean {
    const bare = this.#buffer[0] === 13 && this.#buffer[1] === 10;
    const end = bare ? -2 : this.#buffer.indexOf(headEnd);
    if (!bare && end < 0) {
      return this.#buffer.length > limits.head ? this.#fail("the reply's trailers are too long") : false;
    }
    const lines = this.#take(end + 4).toString("latin1", 0, Math.max(0, end));
    const trailers = bare ? [] : parseHeaderLines(lines.split("\r\n"));
    // a length that comes too late is still a length to some (RFC 9110 §6.5.1)
    if (typeof trailers !== "string" && framingNames.some((name) => valuesOf(trailers, name).length > 0)) {
      return this.#fail("the reply's trailers hold framing");
    }
    return typeof trailers === "string" ? this.#fail(trailers) : this.#finish(trailers);
  }

  #readToClose(): boolean {
    if (this.#buffer.length > 0) this.#events.data(this.#take(this.#buffer.length));
    return false;
  }

  #line(bound: number): string | undefined {
    const end = this.#buffer.indexOf("\r\n");
    if (end > bound || (end < 0 && this.#buffer.length > bound + 1))
      this.#fail("a line of the reply's framing is too long");
    if (end < 0 || this.#state === "failed") return undefined;
    return this.#take(end + 2).toString("latin1", 0, end);
  }
}

type Framing = { readonly kind: "none" | "chunked" | "close" } | { readonly kind: "length"; readonly size: number };

/** RFC 9112 §6.3, or why there is no one answer. */
function readFraming(head: ReplyHead & { readonly minor: number }, method: string): Framing | string {
  const lengths = valuesOf(head.headers, "content-length");
  const codings = valuesOf(head.headers, "transfer-encoding");
  const size = Number(lengths[0]);
  if (lengths.length > 1 || lengths.some((value) => !/^[0-9]{1,15}$/.test(value)))
    return "the reply's length is ambiguous";
  if (codings.length > 0) {
    if (codings.length > 1 || codings[0]?.toLowerCase() !== "chunked") return "the reply's transfer coding is unknown";
    if (lengths.length > 0 || head.minor === 0) return "the reply's framing is ambiguous";
  }
  const bodiless = method === "HEAD" || head.status === 204 || head.status === 304;
  if (bodiless || (method === "CONNECT" && head.status < 300)) return { kind: "none" };
  if (codings.length > 0) return { kind: "chunked" };
  return lengths.length > 0 ? { kind: "length", size } : { kind: "close" };
}

function keepsAlive(head: ReplyHead & { readonly minor: number }): boolean {
  const options = valuesOf(head.headers, "connection").join(",").toLowerCase();
  return head.minor === 1 && !/(?:^|[, \t])close(?:[, \t]|$)/.test(options);
}

function parseReplyHead(whole: string): (ReplyHead & { readonly minor: number }) | string {
  const lines = whole.split("\r\n");
  const first = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(lines[0] ?? "");
  if (first === null) return "the reply does not begin as HTTP/1.1";
  const headers = parseHeaderLines(lines.slice(1));
  if (typeof headers === "string") return headers;
  return { minor: Number(first[1]), status: Number(first[2]), reason: first[3] ?? "", headers };
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const text = /^[\t\x20-\x7e\x80-\xff]*$/;

/** No expression here may look back over a value: an upstream can make one 64 KiB long. */
function parseHeaderLines(lines: readonly string[]): string[] | string {
  const headers: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const value = trimBlank(line, colon + 1);
    // a tab left at the end: some readers take it for part of the value, and then see another framing
    if (value.endsWith("\t") || !token.test(name) || !text.test(value))
      return "a header line of the reply is malformed";
    headers.push(name, value);
  }
  return headers;
}

function trimBlank(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start += 1;
  while (end > start && line.charCodeAt(end - 1) === 0x20) end -= 1;
  return line.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** Every value under this name (lower case), in order. */
export function valuesOf(headers: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const candidate = headers[at] ?? "";
    if (candidate.length === name.length && candidate.toLowerCase() === name) values.push(headers[at + 1] ?? "");
  }
  return values;
}
