// Inside a network namespace of the tests' own, where every address there is leads to this process: whatever reaches any
// of them is kept and handed out on demand. Takes one JSON argument (`World`); answers every message with `Told`.
// Started by outside.ts, never by hand.

import { spawnSync } from "node:child_process";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { failing } from "./outside-failing.ts";

export interface World {
  /** Where files are put that are bound over the system's, in this mount namespace alone. */
  readonly directory: string;
  /** The machine's and the current user's name here. */
  readonly hostName: string;
  readonly userName: string | undefined;
  /** Name, or `*.suffix`, → addresses; each answer, of TTL 0, holds the next one. Any other name does not exist. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Names in the certificate of the TLS server. */
  readonly certified: readonly string[];
  /** This world's TLS server is at port 443 too, its authority one that programs here believe, and no port is without a listener. */
  readonly whole: boolean;
}

/** What came, with where it was aimed at. */
export type Seen =
  | { readonly kind: "connection" | "datagram"; readonly ip: string; readonly port: number }
  | { readonly kind: "question"; readonly name: string; readonly type: number }
  | {
      readonly kind: "request";
      readonly ip: string;
      readonly port: number;
      readonly method: string;
      readonly target: string;
      readonly headers: readonly string[];
      readonly body: string;
    };

export type Told =
  | { readonly kind: "ready"; readonly ca: string }
  | { readonly kind: "seen"; readonly seen: readonly Seen[] };

export const ports = { http: [80, 3000, 8080], tls: 8443, silent: [25, 53, 443, 853, 2525, 9099, 40_000] } as const;
const udpPorts = [53, 123, 443, 5353];
/** Where a whole world's other ports lead. */
const rest = 9;
/** What our own control aims at: no test uses it, and it is in the namespace like any other. */
const control = { four: "93.184.215.215", six: "2606:2800:21f::215", name: "control.invalid" };

const world = JSON.parse(process.argv[2] ?? "") as World;
const seen: Seen[] = [];
let missing = new Set<string>();
let complete = (): void => undefined;
/** Those that are open, as they are below TLS. */
const raw = new Map<string, Socket>();
const turns = new Map<string, number>();

function command(program: string, ...words: string[]): void {
  const done = spawnSync(program, words, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${program} ${words.join(" ")}: ${done.stderr}`);
}

function settle(): void {
  command("ip", "link", "set", "lo", "up");
  command("ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo");
  command("ip", "-6", "route", "add", "local", "::/0", "dev", "lo");
  command("hostname", world.hostName);
  cover("/etc/resolv.conf", "nameserver 198.41.0.4\noptions timeout:1 attempts:1\n");
  const own = process.getuid?.() ?? 0;
  if (world.userName !== undefined) cover("/etc/passwd", `${world.userName}:x:${own}:${own}::/nonexistent:/bin/sh\n`);
  if (world.whole) settleRest();
}

/** What is sent to a port nobody listens on comes to one that is listened on. */
function settleRest(): void {
  const tcp = [rest, ...ports.http, ports.tls, ...ports.silent].join(", ");
  const hook = "type nat hook output priority -100;";
  const away = "ip daddr != 127.0.0.0/8 ip6 daddr != ::1".split(/ (?=ip6)/);
  const rules = away.flatMap((where) => [
    `${where} tcp dport != { ${tcp} } redirect to :${rest};`,
    `${where} udp dport != { ${rest}, ${udpPorts.join(", ")} } redirect to :${rest};`,
  ]);
  const file = join(world.directory, "rest.nft");
  writeFileSync(file, `table inet rest {\n chain out {\n ${hook}\n ${rules.join("\n ")}\n }\n}\n`);
  command("nft", "-f", file);
}

/** Programs here believe this authority as they do those of the system. */
function believe(ca: string): void {
  const path = "/etc/ssl/certs/ca-certificates.crt";
  cover(path, `${readFileSync(path, "utf8")}\n${ca}`);
}

function cover(path: string, text: string): void {
  const file = join(world.directory, path.replaceAll("/", "-"));
  writeFileSync(file, text, { mode: 0o644 });
  command("mount", "--bind", file, path);
}

const said = "answered from outside\n";

const isControl = (ip: string): boolean => ip === control.four || ip === control.six;

function note(one: Exclude<Seen, { kind: "question" }>, way: string): void {
  if (isControl(one.ip)) strike(`${way} ${one.port}`);
  else seen.push(one);
}

const aimOf = ({ remoteAddress, remotePort, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localPort}`;

function aim(socket: Socket): { ip: string; port: number } {
  return { ip: (socket.localAddress ?? "").replace(/^::ffff:/, ""), port: socket.localPort ?? 0 };
}

async function listen(server: Server | ReturnType<typeof createTcpServer>, port: number): Promise<void> {
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    const own = aimOf(socket);
    raw.set(own, socket);
    socket.on("close", () => raw.delete(own));
    note({ kind: "connection", ...aim(socket) }, `tcp${socket.remoteAddress?.includes(".") ? 4 : 6}`);
  });
  // a server that is no proxy; that it was asked is kept
  server.on("connect", ({ method = "", url = "", rawHeaders, socket }: IncomingMessage) => {
    seen.push({ kind: "request", ...aim(socket), method, target: url, headers: rawHeaders, body: "" });
    socket.end("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
  });
  server.listen(port, "::");
  await once(server, "listening");
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method = "", url: target = "", rawHeaders: headers } = request;
    const body = Buffer.concat(chunks).toString("latin1");
    seen.push({ kind: "request", ...aim(request.socket), method, target, headers, body });
    if (target.startsWith(failing.never)) return;
    if (target.startsWith(failing.partly)) breakOff(request.socket, response);
    else if (target.startsWith(failing.reset)) reset(request.socket);
    else if (world.whole) reflect({ target, headers, body }, response);
    else response.end(said);
  });
}

function breakOff(socket: Socket, response: ServerResponse): void {
  response.writeHead(200, { "content-length": "1000" });
  response.write("answered in", () => socket.destroy());
}

/** Below TLS: what the other side sees is a reset, and no end. */
function reset(socket: Socket): void {
  (raw.get(aimOf(socket)) ?? socket).resetAndDestroy();
}

/** A whole world's servers send on to whatever is named, and tell whoever asks what they got. */
function reflect(got: { target: string; headers: readonly string[]; body: string }, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(`http://x${got.target.startsWith("/") ? got.target : "/"}`);
  const text = [...got.headers, got.body].join("\n");
  if (pathname === "/v1/to") response.writeHead(307, { location: searchParams.get("url") ?? "" }).end();
  else if (pathname === "/v1/echo") response.end(text);
  else if (pathname === "/v1/echo-gzip") response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(text));
  else if (pathname === "/v1/echo-base64") response.end(Buffer.from(text).toString("base64"));
  else if (pathname === "/v1/echo-header") response.writeHead(200, { "x-echo": got.headers.join(" ") }).end();
  else response.end(said);
}

async function bind(port: number): Promise<UdpSocket> {
  const socket = createSocket({ type: "udp6", ipv6Only: false });
  // a datagram does not tell where it was aimed at; the control is told by its content
  socket.on("message", (bytes, from) => {
    if (bytes.toString() === control.name) strike(`udp ${port}`);
    else if (port === 53 && bytes.length > 12) {
      const reply = resolve(bytes);
      if (reply !== undefined) socket.send(reply, from.port, from.address);
    } else seen.push({ kind: "datagram", ip: "unknown", port });
  });
  socket.bind(port, "::");
  await once(socket, "listening");
  // a group is heard by who joined it
  if (port === 5353) socket.addMembership("224.0.0.251", "127.0.0.1");
  return socket;
}

/** RFC 1035: one question, no compression in it; one A record of TTL 0, or none. */
function resolve(bytes: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let size = bytes[at] ?? 0; size > 0; size = bytes[at] ?? 0) {
    labels.push(bytes.toString("latin1", at + 1, at + 1 + size));
    at += 1 + size;
  }
  const name = labels.join(".").toLowerCase();
  const type = bytes.readUInt16BE(at + 1);
  seen.push({ kind: "question", name, type });
  if (labels[0] === failing.deaf) return undefined;
  const known = addressesOf(name);
  const turn = turns.get(name) ?? 0;
  if (type === 1) turns.set(name, turn + 1);
  const address = type === 1 ? known?.[turn % known.length] : undefined;
  const head = Buffer.from(bytes.subarray(0, at + 5));
  head.writeUInt16BE(known === undefined ? 0x8183 : 0x8180, 2);
  head.writeUInt16BE(address === undefined ? 0 : 1, 6);
  head.fill(0, 8, 12);
  if (address === undefined) return head;
  return Buffer.concat([
    head,
    Buffer.from("c00c00010001000000000004", "hex"),
    Buffer.from(address.split(".").map(Number)),
  ]);
}

function addressesOf(name: string): readonly string[] | undefined {
  const labels = name.split(".");
  return world.names[name] ?? labels.map((_, at) => world.names[`*.${labels.slice(at + 1).join(".")}`]).find(Boolean);
}

/** Reaches every listener itself: whatever came before is then in `seen`, and each listener is known to see. */
async function checkListeners(): Promise<void> {
  const tcp = [...ports.http, ports.tls, ...ports.silent];
  missing = new Set([
    ...tcp.flatMap((port) => [`tcp4 ${port}`, `tcp6 ${port}`]),
    ...udpPorts.map((port) => `udp ${port}`),
  ]);
  const { promise, resolve } = Promise.withResolvers<void>();
  complete = resolve;
  for (const port of tcp) for (const host of [control.four, control.six]) touch(host, port);
  const sender = createSocket("udp4");
  for (const port of udpPorts) sender.send(control.name, port, control.four);
  await promise;
  sender.close();
}

function touch(host: string, port: number): void {
  const socket = connect({ host, port }, () => socket.destroy());
  socket.on("error", () => undefined);
}

function strike(control: string): void {
  missing.delete(control);
  if (missing.size === 0) complete();
}

settle();
const issued = issueForLoopback(world.certified);
if (world.whole) believe(issued.ca);
for (const port of ports.http) await listen(createServer(answer), port);
for (const port of world.whole ? [ports.tls, 443] : [ports.tls]) await listen(createSecureServer(issued, answer), port);
for (const port of world.whole ? [rest, ...ports.silent.filter((each) => each !== 443)] : ports.silent)
  await listen(
    createTcpServer((socket) => socket.resume()),
    port,
  );
for (const port of world.whole ? [rest, ...udpPorts] : udpPorts) await bind(port);
process.on("disconnect", () => process.exit(0));
process.on("message", (order) => {
  void checkListeners().then(() => {
    process.send?.({ kind: "seen", seen } satisfies Told);
    if (order === "take") seen.length = 0;
  });
});
await checkListeners();
process.send?.({ kind: "ready", ca: issued.ca } satisfies Told);
