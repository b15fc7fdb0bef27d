// The first process of the new user, mount, network and process namespaces. In: its start-up argument, the tool's three
// descriptors from 4 on; later, what bubblewrap is to read, and the order to run. Out: the doors' sockets and reports, over
// IPC. It keeps no door. It ends when its standard input does, so with the CLI; and as everything inside is in its process
// namespace, the kernel ends all of it with this process, whenever that is. While the tool runs it is the watch: every program
// that is to begin inside waits for it. Only node: modules to begin with: its start is on the critical path of every run.

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { closeSync, readdirSync, readFileSync } from "node:fs";
import { connect, Socket } from "node:net";
import { type Look, openLook } from "./bounds/look.ts";
import { layScratch } from "./bounds/scratch.ts";
import {
  firstDescriptor,
  type Order,
  ownDescriptors,
  type Report,
  type Start,
  type Step,
  statusPlace,
} from "./channel.ts";
import { reopenSealed, sealDevices } from "./devices.ts";
import { type OpenDoor, openDoors } from "./doors/opening.ts";
import { knock, openPlaces } from "./doors/places.ts";
import { failedStep, type Mounting, writeFoundation } from "./foundation.ts";
import { canBoundUsers, openLowPorts, wakeV6 } from "./kernel-settings.ts";
import { pickPorts, probes } from "./network.ts";
import { layProcAside } from "./outer-proc.ts";
import { openSealed } from "./sealed.ts";
import type { Post } from "./watch/post.ts";
import { isLasting } from "./watch/refusal.ts";
import type { Supervisor } from "./watch/supervisor.ts";

let finished = false;
let furniture: readonly number[] = [];
/** The tool's own three. */
let own: readonly number[] = [];
let post: Promise<Post> | undefined;
let supervisor: Supervisor | undefined;
/** Why there is no watch; undefined where there is one. */
let unwatched: string | undefined;
let look: Look | undefined;
const start: Start = JSON.parse(process.argv[2] ?? "{}");

/** As fdinfo shows O_CLOEXEC (octal), proc(5). */
const closeOnExec = 0o2000000;

// the CLI holds the other end, and nobody else: its end is the CLI's. Node's own channel is not enough, its disconnect
// was seen not to come while a socket was on its way
new Socket({ fd: 0, readable: true }).on("close", () => process.exit(1)).resume();
process.on("disconnect", () => process.exit(1));
process.on("message", (order: Order) => {
  switch (order.kind) {
    case "probe":
      probe("udp4", probes.v4);
      if (order.v6) probe("udp6", probes.v6);
      break;
    case "furnish":
      return void furnish(order);
    case "reach":
      return void reach(order);
    case "run":
      return void run(order);
    case "entered":
      return supervisor?.entered(order.count);
    case "answer":
      return supervisor?.answer(order.id, order.allow);
  }
});
closeStrangers();
void open();

/** What the CLI itself inherited without a close-on-exec mark would reach the tool through every start in between. */
function closeStrangers(): void {
  for (const name of readdirSync("/proc/self/fd")) {
    const descriptor = Number(name);
    if (descriptor < firstDescriptor + ownDescriptors) continue;
    try {
      const flags = /^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, "utf8"))?.[1] ?? "";
      if ((Number.parseInt(flags, 8) & closeOnExec) === 0) closeSync(descriptor);
    } catch {
      // the one the listing itself used
    }
  }
}

async function open(): Promise<void> {
  if (start.proc === "outer") await step("proc", () => layProcAside(mount));
  const [lowPorts, boundsUsers] = [openLowPorts(), canBoundUsers()];
  const v6 = await step("routes", async () => wakeV6());
  const mounts = await step("seal", async () => [...sealProgram(), ...sealDevices(start.devices)]);
  const ports = pickPorts();
  const laid = await carryOut(start.sh, writeFoundation(start, { ports, v6, mounts }));
  if (laid.code !== 0) return fail(failedStep(laid.code), laid.complaint);
  const doors = await step("doors", () => openDoors(ports, v6, start.backlog));
  for (const { name, family, socket } of doors) await tell({ kind: "door", name, family }, socket);
  for (const { socket } of doors) socket.close();
  await tell({ kind: "ready", v6, lowPorts, boundsUsers });
  post = import("./watch/post.ts").then(({ openPost }) => openPost(start.proc));
  post.catch(() => undefined); // told when it is needed
}

async function furnish({
  files,
  places,
  scratch,
  detours,
  writes,
  lesser,
}: Extract<Order, { kind: "furnish" }>): Promise<void> {
  furniture = await step("files", async () => files.map(openSealed));
  const opened = await step("places", () => openPlaces(places, start.backlog));
  for (const { family, socket } of opened) await tell({ kind: "door", name: "place", family }, socket);
  for (const { socket } of opened) socket.close();
  await step("scratch", () => layScratch(scratch));
  // before the watch: what this process opens for writing from then on waits for itself
  own = Array.from({ length: ownDescriptors }, (_, index) => reopenSealed(firstDescriptor + index));
  if (detours.length > 0) await step("detours", async () => (await import("./detours.ts")).layDetours(detours, mount));
  unwatched = await installWatch(writes, lesser);
  await tell({ kind: "furnished", unwatched });
}

/** Why there is none, where one may be gone without. */
async function installWatch(writes: boolean, lesser: boolean): Promise<string | undefined> {
  const { install } = await step("watch", ready);
  if (!lesser) await step("watch", async () => install(writes));
  else
    try {
      install(writes);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      return isLasting(said) ? said : fail("watch", said);
    }
  return undefined;
}

async function reach({ id, port }: Extract<Order, { kind: "reach" }>): Promise<void> {
  await tell({ kind: "reached", id, port }, await knock(port));
}

async function step<Value>(name: Step, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    return fail(name, error instanceof Error ? error.message : String(error));
  }
}

async function fail(step: Step, detail: string): Promise<never> {
  await tell({ kind: "failed", step, detail });
  return process.exit(1);
}

function tell(report: Report, socket?: OpenDoor["socket"] | Socket): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(report, socket, undefined, () => resolve());
  });
}

/** In this mount namespace alone. What its file system has may not be left out. */
function sealProgram(): readonly Mounting[] {
  return start.seal === undefined ? [] : [["--bind", "-o", "ro,nosuid,nodev", start.seal, start.seal]];
}

async function mount(...words: readonly string[]): Promise<void> {
  const { code, complaint } = await carryOut(start.mount, ["--no-mtab", ...words]);
  if (code !== 0) throw new Error(complaint);
}

interface Ended {
  readonly code: number | null;
  readonly complaint: string;
}

/** Starts a program with nothing to read and waits for its end; null where it could not be started, or was killed. */
function carryOut(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: {} });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(0, 4_096);
    });
    child.on("error", (error) => resolve({ code: null, complaint: error.message }));
    child.on("close", (code) => resolve({ code, complaint: said.trim() || `exit ${code}` }));
  });
}

/** One attempt each way, before any process of the tool exists: the parent waits until all of them came to its doors. */
function probe(type: "udp4" | "udp6", host: string): void {
  const tcp = connect({ host, port: probes.port });
  tcp.on("error", () => undefined);
  tcp.on("connect", () => tcp.destroy());
  const udp = createSocket(type);
  udp.on("error", () => undefined);
  udp.send("", 53, host);
  udp.send("", probes.port, host, () => udp.close());
}

async function run({ command, processes, ...watched }: Extract<Order, { kind: "run" }>): Promise<void> {
  const { pipe, launch, attend } = await step("watch", ready);
  const status = pipe();
  const descriptors = [...own, ...furniture];
  descriptors.splice(statusPlace, 0, status.write);
  if (unwatched === undefined)
    supervisor = attend(watched, {
      tell: (executions) => void tell({ kind: "executions", executions }),
      attempt: (attempt) => void tell({ kind: "attempt", attempt }),
      ask: (id, execution) => void tell({ kind: "question", id, execution }),
      fail: (detail, begun) =>
        void lapse(begun ? { kind: "lapsed", detail } : { kind: "failed", step: "watch", detail }),
    });
  const said = readAll(status.read);
  look = openLook(start.proc === "fresh" ? processes : undefined, (bound) => void tell({ kind: "bounded", bound }));
  const sandbox = await step("watch", () => launch(command, descriptors));
  // killed: what it held may still run, and holds the status pipe open
  const killed = (await sandbox.ended) === undefined;
  await finish(killed ? undefined : /"exit-code": (\d+)/.exec(await said)?.[1], killed);
}

async function ready(): Promise<Post> {
  if (post === undefined) throw new Error("the order came too early");
  return post;
}

async function readAll(descriptor: number): Promise<string> {
  let text = "";
  for await (const chunk of new Socket({ fd: descriptor, readable: true })) text += String(chunk);
  return text;
}

/** Fails closed: with this process everything inside ends. */
async function lapse(report: Report): Promise<void> {
  if (finished) return;
  finished = true;
  await tell(report);
  process.exit(1);
}

/** The last word; with this process ends whatever the tool left running. */
async function finish(code: string | undefined, killed: boolean): Promise<void> {
  if (finished) return;
  const { digests, attempts } = supervisor?.finish() ?? { digests: [], attempts: 0 };
  finished = true;
  look?.end();
  if (attempts > 0) void tell({ kind: "attempts", more: attempts });
  void tell({ kind: "learnt", digests });
  await tell({ kind: "ended", tool: code === undefined ? undefined : Number(code), killed });
  process.exit(0);
}
