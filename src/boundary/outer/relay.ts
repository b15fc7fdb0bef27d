// A program for inside a container that somebody else built: it lies in the directory that both sides see, beside two sockets of
// the gateway's, and stands alone there (node: modules, Node 18). It answers what it is asked over the first socket: what is here,
// which ways lead out; then it starts the tool, and carries what comes to its port on loopback to the second. It ends, and the
// tool with it, when the first does. Its answers can only make things stricter: what is heard outside counts.
// Argument: the sockets' common name, beside this file.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns";
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { connect, createServer, type NetConnectOpts } from "node:net";
import { homedir, networkInterfaces, constants as system } from "node:os";
import { dirname, join } from "node:path";
import { isatty } from "node:tty";
import type { Answer, Order } from "./words.ts";

/** Milliseconds an attempt may take: where nothing leads out it is answered at once. */
const patience = 2_500;
const [, file = "", name = ""] = process.argv;
const beside = (kind: string): string => join(dirname(file), `${name}.${kind}`);
const control = connect({ path: beside("c") });
let toolGroup: number | undefined;

for (const signal of ["SIGINT", "SIGQUIT", "SIGTSTP", "SIGHUP"] as const) process.on(signal, () => undefined);
control.on("error", () => undefined);
control.on("close", endAll);
const door = createServer({ allowHalfOpen: true }, (inner) => {
  const outer = connect({ path: beside("d"), allowHalfOpen: true });
  for (const [one, other] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
    one.pipe(other);
  }
});
door.on("error", () => process.exit(1));
door.listen({ host: "127.0.0.1", port: 0 }, () => {
  const at = door.address();
  const port = typeof at === "object" && at !== null ? at.port : 0;
  const { PATH: path = "" } = process.env;
  say({ kind: "here", port, pid: process.pid, home: homedir(), path, node: process.version });
  listen();
});

function say(answer: Answer): void {
  control.write(`${JSON.stringify(answer)}\n`);
}

function listen(): void {
  let text = "";
  control.on("data", (bytes: Buffer) => {
    text += bytes.toString("utf8");
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const order = JSON.parse(text.slice(0, end)) as Order;
      text = text.slice(end + 1);
      follow(order);
    }
  });
}

function follow(order: Order): void {
  switch (order.kind) {
    case "look":
      say(look(order));
      break;
    case "probe":
      void probe(order).then(say);
      break;
    case "run":
      run(order);
      break;
    case "signal":
      if (toolGroup !== undefined) send(toolGroup, order.name);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has just ended
  }
}

function look({ command, directory }: Extract<Order, { kind: "look" }>): Answer {
  const path = find(command);
  const place = statSync(directory, { throwIfNoEntry: false });
  return {
    kind: "looked",
    path,
    sha256: path === undefined ? undefined : createHash("sha256").update(readFileSync(path)).digest("hex"),
    directory: place?.isDirectory() === true ? { device: place.dev, inode: place.ino } : undefined,
  };
}

/** As execvp(3) does. */
function find(command: string): string | undefined {
  const { PATH: path = "" } = process.env;
  const places = command.includes("/") ? [command] : path.split(":").map((folder) => join(folder, command));
  return places.flatMap((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile() ? [realpathSync(place)] : [];
    } catch {
      return [];
    }
  })[0];
}

async function probe({ mark, tcp, udp, names, sockets }: Extract<Order, { kind: "probe" }>): Promise<Answer> {
  const gates = gateways();
  const ports = { tcp: tcp[0]?.port ?? 9, udp: udp[0]?.port ?? 9 };
  const tries = [
    ...tcp.map((each) => [`tcp ${each.ip}`, reach({ host: each.ip, port: each.port }, mark)] as const),
    ...gates.map((ip) => [`tcp gateway ${ip}`, reach({ host: ip, port: ports.tcp }, mark)] as const),
    ...udp.map((each) => [`udp ${each.ip}`, shout(each.ip, each.port, mark)] as const),
    ...gates.map((ip) => [`udp gateway ${ip}`, shout(ip, ports.udp, mark)] as const),
    ...names.map((host) => [`name ${host}`, resolve(host)] as const),
    ...sockets.map((path) => [`socket ${path}`, reach({ path }, mark)] as const),
  ];
  const answers = await Promise.all(tries.map(async ([id, work]) => [id, await inTime(work)] as const));
  return { kind: "probed", answers: Object.fromEntries(answers), interfaces: ways() };
}

function inTime(work: Promise<string>): Promise<string> {
  return Promise.race([work, new Promise<string>((done) => setTimeout(done, patience, "no answer"))]);
}

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message;

function reach(to: NetConnectOpts, mark: string): Promise<string> {
  return new Promise((done) => {
    const socket = connect(to);
    socket.on("error", (error) => done(codeOf(error)));
    socket.on("connect", () => socket.end(mark, () => done("connected")));
    setTimeout(() => socket.destroy(), patience + 500).unref();
  });
}

function shout(ip: string, port: number, mark: string): Promise<string> {
  return new Promise((done) => {
    const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
    socket.on("error", (error) => done(codeOf(error)));
    socket.send(mark, port, ip, (error) => {
      done(error === null ? "sent" : codeOf(error));
      socket.close();
    });
  });
}

/** By whatever /etc/resolv.conf names. */
function resolve(host: string): Promise<string> {
  const resolver = new Resolver({ timeout: patience, tries: 1 });
  return new Promise((done) => resolver.resolve4(host, (error) => done(error === null ? "answered" : codeOf(error))));
}

/** proc_net(5): addresses of IPv4 gateways, in host order. */
function gateways(): string[] {
  const found = table("/proc/net/route").flatMap(([, , gateway = ""]) =>
    /^[0-9A-F]{8}$/.test(gateway) && gateway !== "00000000"
      ? [[...Buffer.from(gateway, "hex")].reverse().join(".")]
      : [],
  );
  return [...new Set(found)].slice(0, 16);
}

/** Interfaces other than the loopback that have an address or a route. */
function ways(): string[] {
  const addressed = Object.entries(networkInterfaces()).flatMap(([each, all = []]) =>
    all.some(({ internal }) => !internal) ? [each] : [],
  );
  const four = table("/proc/net/route").map(([each = ""]) => each);
  const six = table("/proc/net/ipv6_route", 0).map((fields) => fields.at(-1) ?? "");
  return [...new Set([...addressed, ...four, ...six])].filter((each) => each !== "lo" && each !== "").slice(0, 64);
}

function table(path: string, head = 1): string[][] {
  try {
    const lines = readFileSync(path, "latin1").split("\n").slice(head);
    return lines.filter((line) => line.trim() !== "").map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
}

function run({ command, environment, directory }: Extract<Order, { kind: "run" }>): void {
  const [program = "", ...words] = command;
  // on a terminal it stays in this session, which owns that
  const apart = !isatty(0);
  const tool = spawn(program, words, { cwd: directory, env: environment, stdio: "inherit", detached: apart });
  toolGroup = tool.pid;
  const end = (code: number): void => {
    if (apart && tool.pid !== undefined) send(-tool.pid, "SIGKILL");
    toolGroup = undefined;
    say({ kind: "ended", code });
  };
  tool.on("error", (error: NodeJS.ErrnoException) => end(error.code === "ENOENT" ? 127 : 126));
  tool.on("exit", (code, signal) => end(code ?? 128 + (system.signals[signal ?? "SIGKILL"] ?? 9)));
}

/** The gateway is gone, or has heard all it waited for. */
function endAll(): void {
  if (toolGroup !== undefined) send(isatty(0) ? toolGroup : -toolGroup, "SIGKILL");
  process.exit(0);
}
