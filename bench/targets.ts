// Everything a request can be sent through: nothing at all, an empty relay, mitmproxy, Squid, Postern; and the upstream
// behind them. Each is a way to run one load; the load and the upstream are the same for all.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ground, name, openGround } from "./ground.ts";
import { openInside } from "./inside.ts";
import type { Load, Measured } from "./load.ts";
import { type Ended, finish, freePort, type Server, serve } from "./process.ts";
import type { Rivals } from "./rivals.ts";

export interface Target {
  readonly name: string;
  /** Rejects where the load could not be run. */
  readonly run: (load: Omit<Load, "host" | "port" | "name" | "ca">) => Promise<Measured>;
}

export interface Field extends AsyncDisposable {
  readonly targets: readonly Target[];
  readonly missing: readonly string[];
  /** Which upstream stands behind all of them. */
  readonly upstream: string;
}

const here = (file: string) => new URL(file, import.meta.url).pathname;

export async function openField(rivals: Rivals, cli: string): Promise<Field> {
  await using stack = new AsyncDisposableStack();
  const ground = await openGround(stack);
  const { folder, upstream: port, files } = ground;
  const nginx = rivals.has("nginx");
  stack.use(await (nginx ? serveNginx(folder, port, files) : serveNode("./upstream.ts", { port, ...files }, port)));
  const missing: string[] = [];
  const targets: Target[] = [{ name: "direct", run: (load) => runOutside(ground, port, load) }];
  for (const [label, open] of proxies(rivals, ground)) {
    try {
      const server = stack.use(await open());
      targets.push({ name: label, run: (load) => runOutside(ground, server.port, load) });
    } catch (cause) {
      missing.push(`${label}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  if (existsSync(cli)) targets.push({ name: "postern", run: insideRunner(ground, cli) });
  else missing.push("postern is not built: npm run build");
  const kept = stack.move();
  return { targets, missing, upstream: nginx ? "nginx" : "node:tls", [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

type Opening = readonly [string, () => Promise<Server>];

function proxies(rivals: Rivals, ground: Ground): readonly Opening[] {
  const relay: Opening = ["empty node:https relay", () => openRelay(ground)];
  const mitm: Opening = ["mitmproxy", () => openMitmproxy(ground)];
  const squid: Opening = ["squid", () => openSquid(ground)];
  return [relay, ...(rivals.has("mitmdump") ? [mitm] : []), ...(rivals.has("squid") ? [squid] : [])];
}

export async function openRelay(ground: Ground): Promise<Server> {
  const port = await freePort();
  const { cert, key, ca } = ground.files;
  return serveNode("./relay.ts", { port, upstream: ground.upstream, cert, key, ca }, port);
}

/** `script`: Python of its own way of being extended. */
export async function openMitmproxy(ground: Ground, script?: string): Promise<Server> {
  const port = await freePort();
  const set = [
    "keep_host_header=true",
    "http2=false",
    `confdir=${ground.folder}/mitm`,
    `ssl_verify_upstream_trusted_ca=${ground.files.ca}`,
  ];
  const options = set.flatMap((one) => ["--set", one]);
  const mode = [
    "--mode",
    `reverse:https://127.0.0.1:${ground.upstream}`,
    "--listen-host",
    "127.0.0.1",
    "-p",
    String(port),
  ];
  const scripts = script === undefined ? [] : ["-s", script];
  const argv = ["mitmdump", "-q", ...mode, "--certs", `*=${ground.files.both}`, ...options, ...scripts];
  return serve({ argv, env: { HOME: ground.folder } }, port);
}

async function openSquid(ground: Ground): Promise<Server> {
  const port = await freePort();
  const { cert, key, ca } = ground.files;
  const file = join(ground.folder, "squid.conf");
  const lines = [
    `https_port 127.0.0.1:${port} accel defaultsite=${name} tls-cert=${cert} tls-key=${key}`,
    `cache_peer 127.0.0.1 parent ${ground.upstream} 0 no-query originserver tls tls-cafile=${ca} ssldomain=${name}`,
    "http_access allow all",
    "cache deny all",
    "access_log none",
    "cache_log /dev/null",
    "cache_store_log none",
    "pid_filename none",
    "pinger_enable off",
    // without this Squid opens a new connection for every request that has a body
    "server_pconn_for_nonretriable allow all",
    // Debian's default, `proxy`, is not everywhere
    "cache_effective_user nobody",
    "shutdown_lifetime 0 seconds",
    `coredump_dir ${ground.folder}`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return serve({ argv: ["squid", "-N", "-f", file] }, port);
}

async function serveNginx(folder: string, port: number, files: Ground["files"]): Promise<Server> {
  const behind = await freePort();
  const temps = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) => `${one}_temp_path ${folder}/${one};`);
  // `return` answers before it has read the body, upon which Squid gives the connection up and is measured three times too
  // slow; so the body is read whole here, and the answer comes from behind
  const conf = `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000; client_max_body_size 64m; client_body_buffer_size 1m;
  ${temps.join(" ")}
  default_type application/json;
  upstream behind { server 127.0.0.1:${behind}; keepalive 64; }
  server { listen 127.0.0.1:${behind}; location / { return 200 '{"ok":true}'; } }
  server {
    listen 127.0.0.1:${port} ssl; ssl_certificate ${files.cert}; ssl_certificate_key ${files.key};
    location / {
      proxy_pass http://behind; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Connection "";
      proxy_http_version 1.1;
    }
  }
}
`;
  writeFileSync(join(folder, "nginx.conf"), conf);
  return serve({ argv: ["nginx", "-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"] }, port);
}

export function serveNode(file: string, argument: object, port: number): Promise<Server> {
  return serve({ argv: [process.execPath, here(file), JSON.stringify(argument)] }, port);
}

async function runOutside(ground: Ground, port: number, load: Parameters<Target["run"]>[0]): Promise<Measured> {
  const full: Load = { ...load, host: "127.0.0.1", port, name, ca: ground.files.ca };
  const argv = [process.execPath, here("./load.ts"), JSON.stringify(full)];
  return readLoad(await finish({ argv, limit: limitOf(load.seconds) }));
}

/** Inside a real session. */
function insideRunner({ folder, upstream, files }: Ground, cli: string): Target["run"] {
  const copied = ["load.ts"];
  const run = openInside({ cli, folder, name, copied, upstream: { port: upstream, ca: files.ca } });
  return async (load) => {
    const program = { file: "load.ts", argument: load, limit: limitOf(load.seconds) };
    return readLoad(await run(program));
  };
}

const limitOf = (seconds: number): number => seconds * 1000 + 30_000;

function readLoad(ended: Ended): Measured {
  const line = ended.stdout.split("\n").find((one) => one.startsWith('{"requests"'));
  if (line === undefined)
    throw new Error(`the load ended with ${ended.code}: ${(ended.stderr || ended.stdout).trim().slice(-500)}`);
  const measured = JSON.parse(line) as Measured;
  if (measured.failures > 0 || measured.requests === 0) {
    throw new Error(`${measured.failures} requests failed, ${measured.requests} did not: ${measured.failure}`);
  }
  return measured;
}
