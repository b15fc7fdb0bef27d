// A program for inside: it tries what the order says, holds whatever it got, says that it has tried, and waits until it was
// looked at from outside. It judges nothing. It stands alone there, so it imports nothing of ours; koffi lies beside it.
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
import koffi from "koffi";
import type { Asked, Order, Report } from "./order.ts";

/** Milliseconds one attempt at the network may take; and how long it all is held for whoever looks. */
const patience = { network: 6_000, held: 20_000 };

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
    answers[id] = loose && id === "call:mount" ? leftAlone : attempt(() => tryCall(id.slice("call:".length)));
  await Promise.all([tryNetwork(), ...order.programs.map(tryProgram)]);
  leaveBehind();
  report(answers);
  const until = performance.now() + patience.held;
  while (performance.now() < until && !existsSync(`${folder}/go`)) await wait(15);
  process.exit(0);
}

/** The first place that can be written; its own home before all. */
function makeFolder(): string {
  const { HOME: home } = process.env;
  const own = home === undefined ? [] : [`${home}/.postern-proof`];
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
      (loose ? ["cmdline"] : ["cmdline", "environ"]).map((name) =>
        attempt(() => readFileSync(`/proc/${pid}/${name}`, "latin1")),
      ),
    );
    take("processes", words.join("\n"));
  });
  answers["signal"] = isOurs(order.stranger) ? "ESRCH" : attempt(() => process.kill(order.stranger, "SIGKILL"));
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
      setTimeout(say, 1_500, "ok").unref();
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
  const leaving = [...order.names, ...order.datagrams, ...order.requests, ...order.places.filter(isBeyond)];
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
    ...kept(order.requests).map((asked) => within(asked.id, ask(asked))),
    ...order.sockets.map(({ id, path }) => within(id, converse(connect({ path }), mark, "socket"))),
  ]);
}

const kept = <Item>(items: readonly Item[]): readonly Item[] => (loose ? [] : items);

const isBeyond = ({ ip }: Order["places"][number]): boolean => !["127.0.0.1", "::1", "0.0.0.0"].includes(ip);

function ask({ host, port, secure, method, path }: Asked): Promise<string> {
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

/** x86-64 and aarch64, from the kernel's tables; from 424 on they are the same everywhere. */
const numbers: Readonly<Record<string, readonly [number, number]>> = {
  socket: [41, 198],
  bind: [49, 200],
  ptrace: [101, 117],
  mount: [165, 40],
  add_key: [248, 217],
  keyctl: [250, 219],
  perf_event_open: [298, 241],
  fanotify_init: [300, 262],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
};

function tryCall(name: string): string {
  const libc = koffi.load(null);
  const plain = libc.func("syscall", "long", ["long", "long", "long", "long", "long", "long"]);
  const pointed = libc.func("syscall", "long", ["long", "void *", "void *", "void *", "long", "long"]);
  const number = (call: string): number => numbers[call]?.[process.arch === "x64" ? 0 : 1] ?? -1;
  const socket = (family: number, kind: number, protocol: number): unknown =>
    plain(number("socket"), family, kind, protocol, 0, 0);
  const bytes = (size: number, ...words: readonly number[]): Buffer => {
    const buffer = Buffer.alloc(size);
    for (const [at, word] of words.entries()) buffer.writeUInt32LE(word, at * 4);
    return buffer;
  };
  const ways: Readonly<Record<string, () => unknown>> = {
    raw: () => socket(2, 3, 1),
    packet: () => socket(17, 3, 768),
    netlink: () => {
      const made = socket(16, 3, 12);
      const address = bytes(12, 16);
      if (Number(made) >= 0) libc.func("int bind(int, void *, int)")(made, address, 12);
      return made;
    },
    io_uring: () =>
      libc.func("syscall", "long", ["long", "long", "void *"])(number("io_uring_setup"), 4, Buffer.alloc(120)),
    bpf: () =>
      libc.func("syscall", "long", ["long", "long", "void *", "long"])(number("bpf"), 0, bytes(128, 2, 4, 4, 1), 128),
    perf: () => {
      const words = [number("perf_event_open"), bytes(128, 1, 128, 1), 0, -1, -1, 0] as const;
      return libc.func("syscall", "long", ["long", "void *", "long", "long", "long", "long"])(...words);
    },
    userfaultfd: () => plain(number("userfaultfd"), 1, 0, 0, 0, 0),
    fanotify: () => plain(number("fanotify_init"), 0x200, 0, 0, 0, 0),
    // -4: the user's own keyring, which every process of the person's shares
    key: () => {
      const words = [Buffer.from("user\0"), Buffer.from(`${mark}\0`), Buffer.from(mark)] as const;
      const made: unknown = pointed(number("add_key"), ...words, mark.length, -4);
      // KEYCTL_SET_TIMEOUT, a minute: it is not to stay with the person
      if (Number(made) > 0) plain(number("keyctl"), 15, Number(made), 60, 0, 0);
      return made;
    },
    mount: () => pointed(number("mount"), Buffer.from("none\0"), Buffer.from("/tmp\0"), Buffer.from("tmpfs\0"), 0, 0),
    ptrace: () => {
      const child = spawn(process.execPath, ["-e", "setTimeout(() => undefined, 30000)", mark], { stdio: "ignore" });
      return plain(number("ptrace"), 16, child.pid ?? -1, 0, 0, 0);
    },
  };
  const made = ways[name]?.();
  return Number(made) >= 0 ? "ok" : nameOf(koffi.errno());
}

function nameOf(number: number): string {
  return Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
}

void main();
