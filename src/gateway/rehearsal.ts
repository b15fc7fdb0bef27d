// A gate on loopback for tests and the benchmark: doors that are plain listeners, one for each destination, a record in
// memory, an upstream with an authority of its own. Nothing here runs in a session.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { type Host, parseHost } from "../domain/brand.ts";
import type { Arrival, Datagram, Doors } from "../domain/door.ts";
import type { Append, Entry } from "../domain/entry.ts";
import type { Attribution } from "../domain/exchange.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { type Authority, createAuthority } from "./authority/session-authority.ts";
import { type Gateway, type GatewayOptions, openGateway } from "./gateway.ts";

export const tool: Attribution = {
  kind: "process",
  pid: 4242,
  insidePid: 2,
  executable: "/usr/bin/tool",
  arguments: [],
};

export function host(text: string): Host {
  const parsed = parseHost(text);
  if (parsed === undefined) throw new Error(`not a host: ${text}`);
  return parsed;
}

export function grantFor(name: string, more: Partial<NetworkGrant> = {}): NetworkGrant {
  return {
    id: "user:network.allow[0]",
    host: { kind: "exact", name: host(name) },
    ports: [443, 80],
    protocol: "http",
    methods: undefined,
    paths: undefined,
    upstream: undefined,
    purpose: "inference",
    why: undefined,
    ...more,
  };
}

/** Allows exactly the hosts of these grants; any finding refuses. */
export function judgeFor(grants: readonly NetworkGrant[]): GatewayOptions["judge"] {
  const verdict = (name: Host, port: number | undefined) => {
    const grant = grants.find((candidate) => candidate.host.kind === "exact" && candidate.host.name === name);
    const granted = grant !== undefined && (port === undefined || grant.ports.includes(port));
    const kind = granted ? ("allow" as const) : ("refuse" as const);
    const reason = granted ? "a grant" : "no grant";
    return {
      kind,
      rule: granted ? grant.id : "default",
      reason,
      purpose: "inference" as const,
      grant: granted ? grant : undefined,
    };
  };
  return {
    reach: verdict,
    decide: ({ destination, findings, unreadable, inspection }) => {
      const given = verdict(destination.host, destination.port);
      if (given.kind !== "allow") return given;
      if (findings.length > 0) return { ...given, kind: "refuse", rule: "built-in:secrets", reason: "a finding" };
      if (unreadable !== undefined)
        return { ...given, kind: "refuse", rule: "built-in:unreadable", reason: unreadable };
      const redaction = inspection?.redaction;
      if (redaction === undefined) return given;
      return { ...given, kind: redaction.impossible === undefined ? "redact" : "refuse", rule: "built-in:secrets" };
    },
  };
}

export interface Stage extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly authority: Authority;
  readonly entries: readonly Entry[];
  /** A connection as the tool makes one to this destination. */
  readonly dial: (ip: string, port: number) => Promise<Socket>;
  /** The port of a listener that stands for this destination. */
  readonly door: (ip: string, port: number) => Promise<number>;
  /** By name, as the tool would: asks for its address, dials, opens TLS. */
  readonly dialTls: (name: string, more?: ConnectionOptions) => Promise<TLSSocket>;
  readonly ask: (question: Buffer) => Promise<Buffer | undefined>;
  readonly send: (bytes: Buffer, ip: string, port: number) => void;
  readonly addressOf: (name: string) => Promise<string>;
}

/** Nothing is granted, sought or held. */
export function plainOptions(directory: string, append: Append): Omit<GatewayOptions, "authority"> {
  return {
    judge: judgeFor([]),
    seek: () => [],
    openSieve: () => ({ push: (chunk) => chunk, end: () => Buffer.alloc(0) }),
    append,
    credentials: [],
    refusalFor: ({ status, text }) => ({ status, contentType: "text/plain", body: text }),
    isSpecial: (ip) => ip.startsWith("127.") || ip === "::1",
    matchesPath: (glob, path) => (glob.endsWith("*") ? path.startsWith(glob.replaceAll("*", "")) : path === glob),
    addresses: { salt: "salt", file: join(directory, "names") },
    upstream: { authorities: [], proxy: undefined },
    spool: directory,
  };
}

export async function openStage(options: Partial<GatewayOptions> = {}, direct = false): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "postern-gate-"));
  const entries: Entry[] = [];
  const append: Append = async (entry) => ({ index: entries.push(entry) - 1 });
  const authority = createAuthority();
  const gateway = openGateway({ authority, ...plainOptions(directory, append), ...options });
  const doors = openDoors(direct);
  gateway.serve(doors.doors);
  const addressOf = async (name: string) => readAddress(await doors.ask(writeQuestion(name, 1)));
  return {
    gateway,
    authority,
    entries,
    ...doors,
    addressOf,
    dialTls: async (name, more) => {
      const socket = await doors.dial(await addressOf(name), 443);
      const over = connectTls({ socket, servername: name, ca: authority.pem, ...more });
      await once(over, "secureConnect");
      return over;
    },
    [Symbol.asyncDispose]: async () => {
      doors.close();
      await gateway.close();
      rmSync(directory, { recursive: true });
    },
  };
}

function openDoors(direct: boolean) {
  const servers = new Map<string, Server>();
  let onArrival: ((arrival: Arrival) => void) | undefined;
  let onQuestion: ((question: Datagram) => void) | undefined;
  let onDatagram: ((datagram: Datagram) => void) | undefined;
  const source = { ip: "100.64.0.1", port: 40_000 };
  const attribute = () => Promise.resolve(tool);
  const doors: Doors = {
    onArrival: (listener) => {
      onArrival = listener;
    },
    onQuestion: (listener) => {
      onQuestion = listener;
    },
    onDatagram: (listener) => {
      onDatagram = listener;
    },
    overflow: () => 0,
  };
  const door = async (ip: string, port: number): Promise<number> => {
    const key = `${ip} ${port}`;
    const known =
      servers.get(key) ??
      createServer((stream) => onArrival?.({ stream, destination: { ip, port }, source, direct, attribute }));
    servers.set(key, known);
    if (!known.listening) await listen(known);
    return portOf(known);
  };
  return {
    doors,
    door,
    dial: async (ip: string, port: number): Promise<Socket> => {
      const socket = connect(await door(ip, port), "127.0.0.1");
      await once(socket, "connect");
      return socket;
    },
    ask: (bytes: Buffer): Promise<Buffer | undefined> => {
      const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
      onQuestion?.({ bytes, destination: { ip: "10.0.0.1", port: 53 }, source, attribute, reply: resolve });
      // an answer is given at once or not at all
      setImmediate(() => resolve(undefined));
      return promise;
    },
    send: (bytes: Buffer, ip: string, port: number): void =>
      onDatagram?.({ bytes, destination: { ip, port }, source, attribute, reply: () => undefined }),
    close: () => {
      for (const server of servers.values()) server.close();
    },
  };
}

export interface Upstream extends AsyncDisposable {
  /** For what it is to be beside a server of requests. */
  readonly server: Server;
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly address: string;
  /** PEM of the authority that certified it; empty for plain HTTP. */
  readonly ca: string;
  /** The head of each request as its bytes came in, joined. */
  readonly received: () => string;
}

/** A server of names made up by the client, with what came in over the wire kept. */
export async function openUpstream(listener: RequestListener, secure = true): Promise<Upstream> {
  const authority = createAuthority();
  const chunks: Buffer[] = [];
  const server = secure
    ? createHttpsServer({ SNICallback: (name, done) => done(null, authority.issue(host(name))) }, listener)
    : createHttpServer(listener);
  server.on(secure ? "secureConnection" : "connection", (socket: Socket) => tap(socket, chunks));
  await listen(server);
  return {
    server,
    port: portOf(server),
    address: `127.0.0.1:${portOf(server)}`,
    ca: secure ? authority.pem : "",
    received: () => Buffer.concat(chunks).toString("latin1"),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function tap(socket: Socket, chunks: Buffer[]): void {
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return portOf(server);
}

export function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}

interface Emitter {
  once(event: string, listener: (...values: unknown[]) => void): unknown;
}

export function once(emitter: Emitter, event: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  emitter.once(event, resolve);
  if (event !== "error") emitter.once("error", reject);
  return promise;
}

/** Everything until the other end closes. */
export async function readAll(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  return promise;
}

/** Until what has come matches; the text so far. */
export async function readUntil(socket: Socket, pattern: RegExp): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const onData = (chunk: Buffer): void => {
    text += chunk.toString("latin1");
    if (!pattern.test(text)) return;
    socket.off("data", onData);
    resolve(text);
  };
  socket.on("data", onData);
  socket.resume();
  socket.once("close", () => reject(new Error(`closed after: ${text}`)));
  socket.on("error", () => undefined);
  return promise;
}

/** One question as a resolver writes it (RFC 1035 §4.1). */
export function writeQuestion(name: string, type: number, id = 7): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(0x0100, 2);
  head.writeUInt16BE(1, 4);
  const labels = name
    .split(".")
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")]));
  const tail = Buffer.from([0, 0, type, 0, 1]);
  return Buffer.concat([head, ...labels, tail]);
}

function readAddress(answer: Buffer | undefined): string {
  if (answer === undefined || answer.readUInt16BE(6) !== 1) throw new Error("no address");
  return [...answer.subarray(-4)].join(".");
}
