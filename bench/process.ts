// Programs the benchmark starts: each bounded in time, each ended by its own pid, none left behind.

import { type ChildProcess, spawn } from "node:child_process";
import { connect, createServer } from "node:net";

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds until it is ended; 60,000 unless told. */
  readonly limit?: number;
}

export interface Ended {
  /** Undefined where it could not be started, or was ended by us. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** From start to exit. */
  readonly milliseconds: number;
}

const living = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Sbin is where Debian keeps nginx and squid, and not on everybody's path. */
export const searchPath = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;

/** Runs to its end. Never rejects. */
export function finish(command: Command): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const started = performance.now();
  const child = start(command);
  const timer = setTimeout(() => child.kill("SIGKILL"), command.limit ?? 60_000);
  let [stdout, stderr] = ["", ""];
  let at = 0;
  child.stdout?.on("data", (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr?.on("data", (part: Buffer) => {
    stderr += part.toString();
  });
  child.once("exit", () => {
    at = performance.now();
  });
  child.once("error", (cause) => {
    stderr += String(cause);
  });
  child.once("close", (code) => {
    clearTimeout(timer);
    living.delete(child);
    resolve({ code: code ?? undefined, stdout, stderr, milliseconds: (at || performance.now()) - started });
  });
  return promise;
}

export interface Server extends AsyncDisposable {
  readonly port: number;
}

/** Starts a server and waits until it listens; rejects with what it said where it does not within 20 s. */
export async function serve(command: Command, port: number): Promise<Server> {
  const child = start(command);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (part: Buffer) => {
      said = (said + part.toString()).slice(-4000);
    });
  }
  const stopped = Promise.withResolvers<void>();
  child.once("close", () => {
    living.delete(child);
    stopped.resolve();
  });
  child.once("error", () => stopped.resolve());
  const close = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
    await stopped.promise;
    clearTimeout(timer);
  };
  if (await listens(port, () => child.exitCode === null && child.signalCode === null)) {
    return { port, [Symbol.asyncDispose]: close };
  }
  await close();
  throw new Error(`${command.argv[0]} does not listen: ${said.trim()}`);
}

/** A port nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const bound = server.address();
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  return typeof bound === "object" && bound !== null ? bound.port : 0;
}

function start(command: Command): ChildProcess {
  const [file = "", ...rest] = command.argv;
  const env = { PATH: searchPath, ...command.env };
  const place = command.cwd === undefined ? {} : { cwd: command.cwd };
  const child = spawn(file, rest, { env, ...place, stdio: ["ignore", "pipe", "pipe"] });
  living.add(child);
  return child;
}

async function listens(port: number, alive: () => boolean): Promise<boolean> {
  const until = performance.now() + 20_000;
  while (performance.now() < until && alive()) {
    if (await answers(port)) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 30);
    await promise;
  }
  return false;
}

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => {
    socket.destroy();
    resolve(true);
  });
  socket.once("error", () => resolve(false));
  return promise;
}
