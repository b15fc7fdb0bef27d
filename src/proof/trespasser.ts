// A program for inside: it tries what the order says, holds whatever it got, says that it has tried, and waits until it was
// looked at from outside. It judges nothing. It stands alone there, so it imports nothing of ours but its own second half; koffi lies beside it.
// Arguments: the order's file, and the mark.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { createSocket } from "node:dgram";
import { promises as dns } from "node:dns";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import type { Asked, Order, Report } from "./order.ts";
import { tryCall } from "./trespasser-calls.ts";

/** Milliseconds an attempt at the network may take; after which a program that has not ended lives on; and how long it all is held. */
const patience = { network: 10_000, program: 6_000, held: 20_000 };

const [, , orderFile = "", mark = ""] = process.argv;
const order = JSON.parse(readFileSync(orderFile, "utf8")) as Order;
/** Nothing stands around it: what would be done to this machine, or leave it, is left alone. */
const loose = order.outside !== undefined && attempt(() => readlinkSync("/proc/self/ns/mnt")) === order.outside;
const folder = makeFolder();
const answers: Record<string, string> = {};
/** As `row.ts` knows it. */
const leftAlone = "left alone";

async function main(): Promise<void> {
  tryFiles();
  tryProcesses();
  for (const { id } of order.calls)
    answers[id] =
      (loose || order.foreign) && id === "call:mount"
        ? leftAlone
        : attempt(() => tryCall(id.slice("call:".length), mark));
  await Promise.all([tryNetwork(), ...order.programs.map(tryProgram)]);
  leaveBehind();
  report(answers);
  const until = performance.now() + patience.held;
  while (performance.now() < until && !existsSync(`${folder}/go`)) await wait(15);
  if (order.foreign) clearAway();
  process.exit(0);
}

/** What lies in a place of others' nobody outside can take away. */
function clearAway(): void {
  for (const { path } of order.writes)
    attempt(() => {
      if (readFileSync(path, "utf8") === mark) rmSync(path);
    });
}

/** The first place that can be written; its own home before all. */
function makeFolder(): string {
  const { HOME: home } = process.env;
  const own = home === undefined || order.foreign ? [] : [`${home}/.postern-proof`];
  const made = [...own, ...order.folders].find((path) => {
    try {
      mkdirSync(`${path}/loot`, { recursive: true });
      return true;
    } catch {
      return false;
    }
  });
  if (made === undefined) throw new Error("there is no place to tell in");
  return made;
}

function report(all: Report): void {
  writeFileSync(`${folder}/report.new`, JSON.stringify(all));
  renameSync(`${folder}/report.new`, `${folder}/report.json`);
}

/** What it gives where that is a text, else `ok`; the error's code where it throws. */
function attempt(work: () => unknown): string {
  try {
    const answer = work();
    return typeof answer === "string" ? answer : "ok";
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message.slice(0, 200) : "failed";
}

function take(id: string, bytes: Buffer | string): void {
  writeFileSync(`${folder}/loot/${id.replaceAll(/[^a-z0-9]/gi, "_")}`, bytes);
}

function tryFiles(): void {
  for (const { id, path } of order.reads) answers[id] = attempt(() => take(id, readFileSync(path)));
  for (const { id, path } of order.digests)
    answers[id] = attempt(() => take(id, createHmac("sha256", mark).update(readFileSync(path)).digest("hex")));
  for (const { id, path } of order.writes) answers[id] = attempt(() => writeFileSync(path, mark));
  for (const { id, path } of order.fresh)
    answers[id] = attempt(() => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, mark);
    });
  for (const { id, path } of order.opens) answers[id] = attempt(() => void openSync(path, "r+"));
  for (const { id, path } of order.setuid) answers[id] = attempt(() => chmodSync(path, 0o4755));
  for (const { id, path } of order.replaced) answers[id] = tryReplacing(path);
}

/** The first answer that is no "ok" speaks for all. */
function tryReplacing(path: string): string {
  writeFileSync(`${folder}/other`, mark);
  const ways = [
    () => writeFileSync(path, mark),
    () => writeFileSync(`${path}.${mark}`, mark),
    () => renameSync(`${path}.${mark}`, path),
    () => rmSync(path),
  ];
  const said = ways.map(attempt);
  attempt(() => rmSync(`${path}.${mark}`));
  return said.find((answer) => answer !== "ok") ?? "ok";
}

/** Every process that can be seen, and one outside by its number. */
function tryProcesses(): void {
  answers["processes"] = attempt(() => {
    const seen = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const words = seen.flatMap((pid) =>
      // the person's own variables are not to lie in a file, however short a time
      (loose || order.foreign ? ["cmdline"] : ["cmdline", "environ"]).map((name) =>
        attempt(() => readFileSync(`/proc/${pid}/${name}`, "latin1")),
      ),
    );
    take("processes", words.join("\n"));
  });
  answers["signal"] = isOurs(order.stranger) ? "ESRCH" : tryEnding(order.stranger);
}

/** In a place of others' the same number may be somebody's there. */
function tryEnding(pid: number): string {
  return order.foreign && existsSync(`/proc/${pid}`) ? leftAlone : attempt(() => process.kill(pid, "SIGKILL"));
}

/** The number means a process of the proof in here. */
function isOurs(pid: number): boolean {
  return pid === process.pid || attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")).includes(mark);
}

function tryProgram({ id, words }: Order["programs"][number]): Promise<void> {
  const [program = "", ...rest] = words;
  return new Promise((resolve) => {
    const say = (answer: string): void => {
      answers[id] ??= answer;
      resolve();
    };
    try {
      const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LC_ALL: "C" } });
      let said = "";
      child.stderr.on("data", (bytes: Buffer) => {
        said += bytes.toString("latin1");
      });
      child.on("error", (error) => say(codeOf(error)));
      child.on("close", (code) => say(code === 0 ? "ok" : /not permitted/.test(said) ? "EPERM" : `code ${code}`));
      // it lives on: whoever looks from outside sees it
      setTimeout(say, patience.program, "ok").unref();
    } catch (error) {
      say(codeOf(error));
    }
  });
}

/** It should not live longer than the session does. */
function leaveBehind(): void {
  answers["outlive"] = attempt(() => {
    const words = ["-e", "setTimeout(() => undefined, 120000)", mark, "left"];
    spawn(process.execPath, words, { stdio: "ignore", detached: true }).unref();
  });
}

async function tryNetwork(): Promise<void> {
  const within = async (id: string, work: Promise<string>): Promise<void> => {
    const late = wait(patience.network, "no answer", { ref: false });
    answers[id] = await Promise.race([work.catch(codeOf), late]);
  };
  const leaving = [...order.names, ...order.datagrams, ...order.places.filter(isBeyond)];
  if (loose) for (const { id } of leaving) answers[id] = leftAlone;
  await Promise.all([
    ...kept(order.names).map(({ id, name }) =>
      within(
        id,
        dns.resolve4(name).then(() => "ok"),
      ),
    ),
    ...order.places
      .filter((place) => !loose || !isBeyond(place))
      .map(({ id, ip, port }) => within(id, converse(connect(port, ip), `GET /${mark}`, ip))),
    ...kept(order.datagrams).map(({ id, ip, port }) => within(id, send(ip, port))),
    ...order.requests.map((asked) => within(asked.id, ask(asked))),
    ...order.sockets.map(({ id, path }) => within(id, converse(connect({ path }), mark, "socket"))),
  ]);
}

const kept = <Item>(items: readonly Item[]): readonly Item[] => (loose ? [] : items);

const isBeyond = ({ ip }: Order["places"][number]): boolean => !["127.0.0.1", "::1", "0.0.0.0"].includes(ip);

/** By the proxy, where one is told of: what it asks there is what is judged. */
function ask(asked: Asked): Promise<string> {
  const proxy = URL.parse(process.env["HTTPS_PROXY"] ?? "");
  return proxy === null ? askStraight(asked) : askThrough(proxy, asked);
}

function askThrough(proxy: URL, { host, port, secure, method, path }: Asked): Promise<string> {
  const socket = connect(Number(proxy.port), proxy.hostname);
  socket.on("connect", () => socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`));
  return new Promise((resolve) => {
    socket.on("error", (error) => resolve(codeOf(error)));
    socket.on("close", () => resolve("closed"));
    socket.once("data", (bytes: Buffer) => {
      if (!bytes.toString("latin1").startsWith("HTTP/1.1 200 ")) return resolve("refused by the proxy");
      const line = `${method} ${path}`;
      const options = { socket, servername: host, rejectUnauthorized: false };
      if (secure) converse(connectTls(options), line, host, "secureConnect").then(resolve, resolve);
      else {
        const said = converse(socket, line, host, "begin");
        socket.emit("begin");
        said.then(resolve, resolve);
      }
    });
  });
}

function askStraight({ host, port, secure, method, path }: Asked): Promise<string> {
  // no ALPN: HTTP/1.1 is meant, so that nobody upstream need be asked which version it speaks
  const socket = secure ? connectTls({ host, port, servername: host, rejectUnauthorized: false }) : connect(port, host);
  return converse(socket, `${method} ${path}`, host, secure ? "secureConnect" : "connect");
}

function converse(socket: Socket, line: string, host: string, ready = "connect"): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    socket.on(ready, () => socket.write(`${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
    socket.on("data", (bytes: Buffer) => {
      said += bytes.toString("latin1");
    });
    socket.on("error", (error) => resolve(codeOf(error)));
    socket.on("close", () => resolve(/^HTTP\/1\.1 (\d+)/.test(said) ? `status ${said.slice(9, 12)}` : "closed"));
  });
}

function send(ip: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
    socket.on("error", (error) => resolve(codeOf(error)));
    socket.send(mark, port, ip, (error) => resolve(error === null ? "ok" : codeOf(error)));
  });
}

void main();
