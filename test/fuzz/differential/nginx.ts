// Debian's nginx, run as a child with its own configuration and directories: it reads, and passes what it read to a server of ours
// that writes it down.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { listen, once } from "../../../src/gateway/rehearsal.ts";
import { readBody, type Seen } from "../stage.ts";
import type { Reader } from "./reading.ts";

const program = ["/usr/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path));

/** As nginx read it. */
export interface NginxSeen extends Seen {
  /** Its own reading of the path: decoded, and joined where it joins. */
  readonly path: string;
}

/** A percent sign that encodes nothing; a control character, which we have it write into a field for us. */
const refused = /%(?![0-9a-f]{2})|%(?:[01][0-9a-f]|7f)/i;

/** By the connection it came on: nginx's own port, and the other end's. */
type Passed = NginxSeen & { readonly own: number; readonly port: number };

export interface Nginx extends AsyncDisposable, Reader {
  readonly version: string;
  /** Where it speaks HTTP/1.1, and HTTP/2 without TLS. */
  readonly ports: { readonly http1: number; readonly http2: number };
  /** What it read as HTTP/2 since this was asked last. */
  readonly taken: () => readonly NginxSeen[];
}

function configuration(directory: string, ports: Nginx["ports"], behind: number): string {
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  return `daemon off; master_process off; worker_processes 1; pid ${directory}/pid; error_log ${directory}/errors;
events { worker_connections 512; }
http { access_log off; ${places.join(" ")} keepalive_requests 100000; client_max_body_size 64m; large_client_header_buffers 8 64k;
  server { listen 127.0.0.1:${ports.http1} default_server; listen 127.0.0.1:${ports.http2} http2 default_server;
    location / { proxy_pass http://127.0.0.1:${behind}; proxy_http_version 1.1; proxy_set_header Host $host;
      proxy_set_header Connection ""; proxy_set_header Upgrade ""; proxy_set_header Expect "";
      proxy_set_header X-Read-Own $server_port; proxy_set_header X-Read-Port $remote_port; proxy_set_header X-Read-Host $http_host; proxy_set_header X-Read-Uri $uri; } } }
`;
}

/** One that was free a moment ago: nginx cannot be handed a socket of ours. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

async function isUp(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const settled = Promise.withResolvers<boolean>();
  socket.on("connect", () => settled.resolve(true)).on("error", () => settled.resolve(false));
  const up = await settled.promise;
  socket.destroy();
  return up;
}

async function start(directory: string, ports: Nginx["ports"], behind: number): Promise<ChildProcess> {
  if (program === undefined) throw new Error("nginx is not installed: scripts/setup --conformance");
  const file = join(directory, "nginx.conf");
  writeFileSync(file, configuration(directory, ports, behind));
  const child = spawn(program, ["-p", directory, "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  for (let time = 0; time < 200; time += 1) {
    if (await isUp(ports.http1)) return child;
    if (child.exitCode !== null) throw new Error(`nginx does not start: ${errors}`);
    await pause(50);
  }
  child.kill();
  throw new Error(`nginx does not listen: ${errors}`);
}

function versionOf(): Promise<string> {
  const child = spawn(program ?? "", ["-v"], { stdio: ["ignore", "ignore", "pipe"] });
  const told = Promise.withResolvers<string>();
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (text += part));
  child.on("close", () => told.resolve(text.trim().replace(/^.*nginx\//, "")));
  return told.promise;
}

export async function openNginx(): Promise<Nginx> {
  const directory = mkdtempSync(join(tmpdir(), "postern-nginx-"));
  const seen: Passed[] = [];
  const behind = createServer(
    { requireHostHeader: false, keepAliveTimeout: 0 },
    (request: IncomingMessage, response) => {
      readBody(request).then(
        (body) => {
          seen.push(told(request, body));
          response.end("ok");
        },
        () => undefined,
      );
    },
  );
  const ports = { http1: await freePort(), http2: await freePort() };
  const child = await start(directory, ports, await listen(behind));
  return {
    name: "nginx",
    version: await versionOf(),
    ports,
    taken: () => seen.splice(0).filter(({ own }) => own === ports.http2),
    refuses: ({ target }) => target === "*" || refused.test(target),
    read: (bytes, expected) => say(ports.http1, bytes, { seen, expected }),
    [Symbol.asyncDispose]: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
      behind.closeAllConnections();
      behind.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function told({ method = "", url = "", headers }: IncomingMessage, body: string): Passed {
  const text = (name: string): string => String(headers[name] ?? "");
  return {
    method,
    target: url,
    host: text("host"),
    size: body.length,
    body,
    path: text("x-read-uri"),
    own: Number(text("x-read-own")),
    port: Number(text("x-read-port")),
  };
}

/** Milliseconds in which nothing more comes. */
const silence = 40;
const patience = 3000;

interface Awaiting {
  readonly seen: Passed[];
  readonly expected: number | undefined;
}

async function say(port: number, bytes: Buffer, { seen, expected = 0 }: Awaiting) {
  const socket = connect(port, "127.0.0.1");
  let [reply, last] = ["", performance.now()];
  socket
    .on("error", () => undefined)
    .on("data", (chunk: Buffer) => {
      reply += chunk.toString("latin1");
      last = performance.now();
    });
  await once(socket, "connect");
  const own = socket.localPort;
  const mine = () => seen.filter((one) => one.port === own && one.own === port);
  // of an earlier connection from the same port, after nobody waited for it any more
  for (const one of mine()) seen.splice(seen.indexOf(one), 1);
  socket.write(bytes);
  const begun = performance.now();
  const waits = (): boolean => {
    const now = performance.now();
    return now - begun < patience && (mine().length < expected || now - last < silence);
  };
  while (!socket.closed && waits()) await pause(5);
  socket.destroy();
  const requests = mine();
  for (const one of requests) seen.splice(seen.indexOf(one), 1);
  const statuses = reply.match(/^HTTP\/1\.1 [45]\d\d/gm) ?? [];
  return { requests, unread: statuses.at(-1) };
}
