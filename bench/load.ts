// The load: one self-contained program for every target, so that only the target differs. Raw TLS, kept alive (or a new
// connection each time), the same bytes each request; prints one JSON object. Copied beside the policy and run inside the
// boundary for Postern, outside for the others. Argument: one JSON object (`Load`).

import { readFileSync } from "node:fs";
import { connect, type TLSSocket } from "node:tls";

export interface Load {
  readonly host: string;
  readonly port: number;
  /** In TLS and in the Host header. */
  readonly name: string;
  /** File with the authority to trust, on top of the runtime's own (inside the boundary: the session's). */
  readonly ca: string | undefined;
  readonly path: string;
  readonly bytes: number;
  readonly connections: number;
  readonly seconds: number;
  /** Seconds of the same load before anything is counted: programs that compile as they run are measured as they go on. */
  readonly warm: number;
  /** True: a new connection, no TLS resumption, for every request. */
  readonly fresh: boolean;
}

export interface Measured {
  /** Requests answered with 200 after the warm-up. */
  readonly requests: number;
  readonly failures: number;
  /** First of what went wrong. */
  readonly failure: string | undefined;
  readonly seconds: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** A request as agents send it: a conversation with source text in it, in ordinary words, no two lines alike. */
function bodyOf(bytes: number): Buffer {
  const head = '{"model":"claude-lab","max_tokens":64,"messages":[{"role":"user","content":"';
  const tail = '"}]}';
  let text = "";
  for (let line = 0; text.length < bytes; line++) {
    text += `export function step${line}(input: readonly string[]): number { return input.length * ${line % 97} + ${line}; }\\n`;
  }
  // cut where no escape is torn
  const cut = text.slice(0, Math.max(0, bytes - head.length - tail.length)).replace(/\\$/, " ");
  return Buffer.from(head + cut + tail);
}

function requestOf(load: Load): Buffer {
  const body = bodyOf(load.bytes);
  const key = process.env["ANTHROPIC_API_KEY"] ?? "none";
  const connection = load.fresh ? "Connection: close\r\n" : "";
  const head = `POST ${load.path} HTTP/1.1\r\nHost: ${load.name}\r\nx-api-key: ${key}\r\nContent-Type: application/json\r\n`;
  return Buffer.concat([Buffer.from(`${head}${connection}Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** Bytes of a reply so far → its whole length, or undefined where that is not known yet; -1: not a reply with 200. */
function lengthOf(reply: Buffer): number | undefined {
  const end = reply.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = reply.toString("latin1", 0, end);
  if (!head.startsWith("HTTP/1.1 200")) return -1;
  const length = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
  if (length !== undefined) return end + 4 + Number(length);
  const last = reply.indexOf("0\r\n\r\n", end);
  return last < 0 ? undefined : last + 5;
}

class Tally {
  readonly times: number[] = [];
  failures = 0;
  failure: string | undefined;
  from = Number.POSITIVE_INFINITY;
  until = Number.POSITIVE_INFINITY;

  done(started: number): void {
    const now = performance.now();
    if (started >= this.from && now <= this.until) this.times.push((now - started) * 1000);
  }

  failed(why: string): void {
    this.failures++;
    this.failure ??= why;
  }

  get over(): boolean {
    return performance.now() >= this.until || this.failures > 50;
  }
}

function open(load: Load, ca: string | undefined): TLSSocket {
  const trust = ca === undefined ? {} : { ca };
  const socket = connect({
    host: load.host,
    port: load.port,
    servername: load.name,
    ALPNProtocols: ["http/1.1"],
    ...trust,
  });
  socket.setNoDelay(true);
  return socket;
}

/** One connection's work, until the time is over or it breaks. */
function keepAsking(socket: TLSSocket, request: Buffer, tally: Tally): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let held: Buffer = Buffer.alloc(0);
  let started = 0;
  const ask = () => {
    if (tally.over) {
      socket.destroy();
      return;
    }
    started = performance.now();
    socket.write(request);
  };
  socket.once("secureConnect", ask);
  socket.on("data", (part: Buffer) => {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    const length = lengthOf(held);
    if (length === undefined || (length >= 0 && held.length < length)) return;
    if (length < 0) {
      tally.failed(held.toString("latin1", 0, 200));
      socket.destroy();
      return;
    }
    held = held.subarray(length);
    tally.done(started);
    ask();
  });
  socket.on("error", (cause) => tally.failed(String(cause)));
  socket.once("close", () => resolve());
  return promise;
}

async function askKept(load: Load, request: Buffer, tally: Tally, ca: string | undefined): Promise<void> {
  while (!tally.over) await keepAsking(open(load, ca), request, tally);
}

/** Handshake, one request, its reply, end: again and again. */
async function askFresh(load: Load, request: Buffer, tally: Tally, ca: string | undefined): Promise<void> {
  while (!tally.over) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const started = performance.now();
    const socket = open(load, ca);
    let held: Buffer = Buffer.alloc(0);
    socket.once("secureConnect", () => socket.write(request));
    socket.on("data", (part: Buffer) => {
      held = Buffer.concat([held, part]);
      const length = lengthOf(held);
      if (length === undefined || held.length < length) return;
      if (length < 0) tally.failed(held.toString("latin1", 0, 200));
      else tally.done(started);
      socket.destroy();
    });
    socket.on("error", (cause) => tally.failed(String(cause)));
    socket.once("close", () => resolve());
    await promise;
  }
}

async function main(): Promise<void> {
  const load = JSON.parse(process.argv[2] ?? "") as Load;
  const ca = load.ca === undefined ? undefined : readFileSync(load.ca, "utf8");
  const request = requestOf(load);
  const tally = new Tally();
  tally.from = performance.now() + load.warm * 1000;
  tally.until = tally.from + load.seconds * 1000;
  const one = load.fresh ? askFresh : askKept;
  await Promise.all(Array.from({ length: load.connections }, () => one(load, request, tally, ca)));
  const sorted = tally.times.sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  const { failures, failure } = tally;
  const measured: Measured = {
    requests: sorted.length,
    failures,
    failure,
    seconds: load.seconds,
    p50: at(0.5),
    p99: at(0.99),
  };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
  process.exit(0);
}

await main();
