// Requests a second through the gate, TLS on both sides, kept alive, each recorded in memory, against an empty node:https
// relay in the same run. One thread each for the load, the thing measured, and the upstream. Prints one JSON object.

import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, request as httpsRequest } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { connect, TLSSocket } from "node:tls";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { parseHost } from "../src/domain/brand.ts";
import type { Doors } from "../src/domain/door.ts";
import { Secret } from "../src/domain/secret.ts";
import { createAuthority } from "../src/gateway/authority/session-authority.ts";
import { openGateway } from "../src/gateway/gateway.ts";
import { grantFor, judgeFor } from "../src/gateway/rehearsal.ts";
import { seekKnown, sieveKnown } from "../src/inspection/known.ts";
import { refusalFor } from "../src/protocol/refusal.ts";

const name = "api.vendor.example";
const connections = 16;
const placeholder = "postern-placeholder-0123456789abcdef";

interface Load {
  readonly kind: "load";
  readonly port: number;
  readonly ca: string;
  readonly body: number;
  readonly milliseconds: number;
}
interface Told {
  readonly requests: number;
  readonly milliseconds: number;
  readonly p50: number;
  readonly p99: number;
}

interface Round extends Told {
  /** Microseconds of the measured thread for each request: less shaken by a busy machine than a rate. */
  readonly cpu: number;
}

function head(body: number): string {
  const lines = [`Host: ${name}`, "User-Agent: bench/1", `x-api-key: ${placeholder}`, "Content-Type: application/json"];
  return `POST /v1/messages HTTP/1.1\r\n${lines.join("\r\n")}\r\nContent-Length: ${body}\r\n\r\n`;
}

/** Text as an agent sends it: JSON of prose and code. */
function bodyOf(size: number): Buffer {
  const turn = JSON.stringify({
    role: "user",
    content: "Read src/main.ts and say what it does.\n\tconst x = {a: [1, 2, 3]};",
  });
  return Buffer.from(turn.repeat(Math.ceil(size / turn.length)).slice(0, size));
}

/** Answers once for each head and body that came in; reads lengths only. */
async function upstream(): Promise<void> {
  const authority = createAuthority();
  const secureContext = authority.issue(hostName());
  const reply = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n${"r".repeat(100)}`;
  const server = createTcpServer({ noDelay: true }, (plain) => {
    const socket = new TLSSocket(plain, { isServer: true, secureContext });
    let left = 0;
    let text = "";
    socket.on("error", () => plain.destroy());
    socket.on("data", (chunk: Buffer) => {
      for (let rest = chunk; rest.length > 0; ) {
        if (left === 0) {
          text += rest.toString("latin1");
          const end = text.indexOf("\r\n\r\n");
          if (end < 0) return;
          left = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
          rest = Buffer.from(text.slice(end + 4), "latin1");
          text = "";
        }
        const used = Math.min(left, rest.length);
        left -= used;
        rest = rest.subarray(used);
        if (left === 0) socket.write(reply);
      }
    });
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    parentPort?.postMessage({ port, ca: authority.pem });
  });
}

function hostName() {
  const parsed = parseHost(name);
  if (parsed === undefined) throw new Error("not a host");
  return parsed;
}

/** Sixteen connections, one request after the other on each. */
async function load({ port, ca, body, milliseconds }: Load): Promise<Told> {
  const bytes = Buffer.concat([Buffer.from(head(body)), bodyOf(body)]);
  const times: number[] = [];
  const end = performance.now() + milliseconds;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const socket = connect({ port, host: "127.0.0.1", servername: name, ca, ALPNProtocols: ["http/1.1"] });
      socket.setNoDelay(true);
      let sent = 0;
      let text = "";
      const next = (): void => {
        sent = performance.now();
        if (sent > end) return void socket.end(resolve);
        socket.write(bytes);
      };
      socket.on("secureConnect", next);
      socket.on("error", reject);
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
        if (!text.endsWith("rrrr") || text.length < 150) return;
        if (!text.startsWith("HTTP/1.1 200")) {
          reject(new Error(text.slice(0, 200)));
          return;
        }
        text = "";
        times.push(performance.now() - sent);
        next();
      });
      return promise;
    }),
  );
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(3));
  return { requests: times.length, milliseconds: performance.now() - began, p50: at(0.5), p99: at(0.99) };
}

interface Running<Result> {
  readonly result: Result;
  readonly worker: Worker;
}

/** A thread of this same file, and the first thing it says. */
function run<Result extends Told | Place>(
  data: object,
  { promise, resolve, reject } = Promise.withResolvers<Running<Result>>(),
) {
  const worker = new Worker(new URL(import.meta.url), { workerData: data });
  worker.once("message", (result: Result) => resolve({ result, worker }));
  worker.once("error", reject);
  return promise;
}

interface Place {
  readonly port: number;
  readonly ca: string;
}
interface Measured extends Place {
  readonly close: () => Promise<void>;
}

async function gate(up: Place): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), "postern-bench-"));
  const authority = createAuthority();
  const credentials = [
    {
      id: "vendor",
      secret: new Secret(`sk-live-${"0123456789abcdef".repeat(5)}`),
      placeholder,
      variable: undefined,
      to: { host: hostName(), header: "x-api-key", paths: undefined },
    },
  ];
  let entries = 0;
  const gateway = openGateway({
    authority,
    judge: judgeFor([grantFor(name, { upstream: { address: `127.0.0.1:${up.port}`, ca: up.ca } })]),
    seek: seekKnown(credentials),
    openSieve: sieveKnown(credentials),
    append: async () => {
      entries += 1;
      return { index: entries };
    },
    credentials,
    refusalFor,
    isSpecial: () => false,
    matchesPath: () => true,
    addresses: { salt: "bench", file: join(directory, "names") },
    upstream: { authorities: [], proxy: undefined },
    spool: directory,
  });
  const port = await openDoor(gateway.serve);
  return {
    port: port.number,
    ca: authority.pem,
    close: async () => {
      port.close();
      await gateway.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** A door at which every connection is for the vendor's address. */
function openDoor(serve: (doors: Doors) => void): Promise<{ readonly number: number; readonly close: () => void }> {
  const { promise, resolve } = Promise.withResolvers<{ number: number; close: () => void }>();
  let destination = "";
  const attribute = () => Promise.resolve({ kind: "gone" } as const);
  const source = { ip: "100.64.0.1", port: 1 };
  serve({
    onArrival: (listener) => {
      const server = createTcpServer((stream) =>
        listener?.({ stream, destination: { ip: destination, port: 443 }, source, direct: false, attribute }),
      );
      server.listen(0, "127.0.0.1", () =>
        resolve({ number: (server.address() as AddressInfo).port, close: () => server.close() }),
      );
    },
    onQuestion: (listener) => {
      const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
      const question = [Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...labels, Buffer.from([0, 0, 1, 0, 1])];
      const reply = (answer: Buffer) => {
        destination = [...answer.subarray(-4)].join(".");
      };
      listener?.({ bytes: Buffer.concat(question), destination: undefined, source, attribute, reply });
    },
    onDatagram: () => undefined,
    overflow: () => 0,
  });
  return promise;
}

/** The least a relay can do with the runtime's own client: no record, no inspection. */
async function relay(up: Place): Promise<Measured> {
  const authority = createAuthority();
  const agent = new Agent({ keepAlive: true, ca: up.ca, servername: name, maxSockets: connections });
  const server = createServer(
    { SNICallback: (_, done) => done(null, authority.issue(hostName())) },
    (request, response) => {
      const options = { agent, host: "127.0.0.1", port: up.port, method: request.method, path: request.url };
      const out = httpsRequest({ ...options, headers: request.rawHeaders }, (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.rawHeaders);
        reply.pipe(response);
      });
      request.pipe(out);
    },
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    ca: authority.pem,
    close: async () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function measure(rounds: number, milliseconds: number): Promise<void> {
  const up = await run<Place>({ kind: "upstream" });
  const table: Record<string, Record<string, unknown>> = {};
  for (const body of [100, 300_000]) {
    const rates: Record<string, Round[]> = { gate: [], relay: [] };
    for (let round = 0; round <= rounds; round += 1) {
      for (const [title, open] of [
        ["gate", gate],
        ["relay", relay],
      ] as const) {
        const place = await open(up.result);
        const before = process.threadCpuUsage();
        const { result, worker } = await run<Told>({
          kind: "load",
          port: place.port,
          ca: place.ca,
          body,
          milliseconds,
        });
        const used = process.threadCpuUsage(before);
        await worker.terminate();
        await place.close();
        // the first round warms the compiler
        if (round > 0) rates[title]?.push({ ...result, cpu: (used.user + used.system) / result.requests });
      }
    }
    const row: Record<string, unknown> = {};
    for (const [title, told] of Object.entries(rates)) {
      const rate = median(told.map(({ requests, milliseconds: time }) => (requests * 1000) / time));
      const middle = (key: "p50" | "p99" | "cpu") => Number(median(told.map((one) => one[key])).toFixed(3));
      row[title] = {
        perSecond: Math.round(rate),
        p50: middle("p50"),
        p99: middle("p99"),
        cpu: Math.round(middle("cpu")),
      };
    }
    const rate = (title: string) => median((rates[title] ?? []).map((one) => (one.requests * 1000) / one.milliseconds));
    row["ratio"] = Number((rate("gate") / rate("relay")).toFixed(2));
    table[`${body} B`] = row;
  }
  await up.worker.terminate();
  const about = {
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    connections,
    rounds,
    milliseconds,
  };
  process.stdout.write(`${JSON.stringify({ benchmark: "gateway", ...about, table }, undefined, 2)}\n`);
}

if (isMainThread) await measure(Number(process.argv[2] ?? 3), Number(process.argv[3] ?? 2000));
else if (workerData.kind === "upstream") await upstream();
else parentPort?.postMessage(await load(workerData));
