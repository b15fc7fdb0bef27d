// Starts the helper in its new namespaces and speaks with it: programs and descriptors in; the doors' sockets, then its
// reports out. It has its own session (no caller's Ctrl-C reaches it) and an empty environment, and is the first process
// of a process namespace: when it ends, the kernel ends everything inside before anybody is told.

import { type ChildProcess, type SendHandle, spawn } from "node:child_process";
import { Socket as UdpSocket } from "node:dgram";
import { statSync } from "node:fs";
import { Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault } from "../contract.ts";
import { type Furniture, type Order, parseReport, type Report, type Start } from "./channel.ts";
import { findOwnDevices } from "./devices.ts";
import type { Received } from "./doors/doorway.ts";
import { childrenOf } from "./doors/owners.ts";
import { chooseEntrance, type Entrance, type Proc } from "./entrance.ts";
import { openKnocking } from "./inside.ts";
import { type Life, lifeOf, mayLive, waitUntilGone } from "./life.ts";
import { limits } from "./limits.ts";
import type { Place } from "./place.ts";
import type { Programs } from "./programs.ts";
import { oneLine, refuseNamespaces, refuseStep } from "./remedies.ts";

/** `unwatched`: why there is no watch, where that was allowed. */
export type Furnished = Pick<Extract<Report, { kind: "furnished" }>, "unwatched">;

export interface Keeper {
  readonly pid: number;
  readonly received: readonly Received[];
  readonly place: Place;
  readonly order: (order: Order) => void;
  /** Resolves when the helper holds what bubblewrap is to read and the places are received. Rejects with a BoundaryFault. Once. */
  readonly furnish: (furniture: Furniture) => Promise<Furnished>;
  /** A connection to a server inside. Rejects where there is none. */
  readonly reach: (port: number) => Promise<Socket>;
  /** Takes the one listener; reports before it wait. */
  readonly onReport: (listener: (report: Report) => void) => void;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly kill: () => void;
}

const entry = new URL(import.meta.url.endsWith(".ts") ? "./helper.ts" : "./boundary-helper.cjs", import.meta.url);

/** `descriptors`, the tool's three, become the helper's from `firstDescriptor` on. Rejects with a BoundaryFault. */
export async function openKeeper(programs: Programs, descriptors: readonly number[]): Promise<Keeper> {
  const entrance = await chooseEntrance(programs);
  const child = startHelper(programs, entrance, descriptors);
  const received: Received[] = [];
  try {
    return await inTime(greet(child, received, entrance.proc));
  } catch (error) {
    child.kill("SIGKILL");
    for (const { socket } of received) socket.close();
    throw error;
  }
}

async function inTime<Value>(answer: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(helperFault("the helper did not answer in time")), limits.startMs);
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}

function startHelper(programs: Programs, { command, proc }: Entrance, descriptors: readonly number[]): ChildProcess {
  const { sh, ip, nft, mount, setpriv } = programs;
  const seal = isOwn(programs.bwrap) ? programs.bwrap : undefined;
  const start: Start = { backlog: limits.backlog, sh, ip, nft, mount, seal, devices: findOwnDevices(), proc };
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", fileURLToPath(entry), JSON.stringify(start)];
  // a helper that was stopped does not hear its input's end: the kernel kills unshare with us (prctl(2), PR_SET_PDEATHSIG), and
  // the helper with unshare
  return spawn(setpriv, ["--pdeathsig", "KILL", "--", ...command, ...node], {
    stdio: ["pipe", "ignore", "pipe", "ipc", ...descriptors],
    env: {},
    detached: true,
    serialization: "advanced", // orders carry bytes
  });
}

/**
 * The first process inside is bubblewrap, and its `/proc/1/exe` leads to the program's file by the mount it was started
 * from: whoever owns the file could change its mode there, capabilities or not. For root that is the host's own.
 */
function isOwn(program: string): boolean {
  return statSync(program).uid === process.getuid?.();
}

async function greet(child: ChildProcess, received: Received[], proc: Proc): Promise<Keeper> {
  const { hear, onReport } = openReports();
  const furnished = Promise.withResolvers<Furnished>();
  furnished.promise.catch(() => undefined); // nobody may be waiting
  const order = (order: Order): boolean => child.connected && child.send(order);
  const knocking = openKnocking(order);
  // not events.once: an order that comes too late is an `error`, and no end
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const silent = new Promise<void>((resolve) => child.once("disconnect", () => resolve()));
  const ready = await new Promise<Extract<Report, { kind: "ready" }>>((resolve, refuse) => {
    const reject = (fault: BoundaryFault): void => {
      refuse(fault);
      furnished.reject(fault);
    };
    const complaint = listenForComplaint(child);
    child.on("error", (cause) => reject(helperFault(`the helper could not be started: ${cause.message}`, cause)));
    child.once("close", () => reject(readComplaint(complaint())));
    child.on("message", (message, handle: SendHandle) => {
      const report = parseReport(message);
      if (report?.kind === "failed") reject(refuseStep(report.step, report.detail));
      if (report?.kind === "door") keep(received, report, handle);
      else if (report?.kind === "ready") resolve(report);
      else if (report?.kind === "furnished") furnished.resolve(report);
      else if (report?.kind === "reached") knocking.answer(report, handle);
      else if (report !== undefined) hear(report);
    });
  });
  const helper = findHelper(child);
  let gone = false;
  const ended = exited.then(() => {
    gone = true;
    knocking.end();
    return leave(child, helper, silent);
  });
  return {
    pid: helper.pid,
    received,
    place: { proc, v6: ready.v6, lowPorts: ready.lowPorts, boundsUsers: ready.boundsUsers },
    order,
    furnish: (furniture) => {
      order({ kind: "furnish", ...furniture });
      return inTime(furnished.promise);
    },
    reach: knocking.reach,
    onReport,
    ended,
    kill: () => (gone ? undefined : end(helper, child)),
  };
}

async function leave(child: ChildProcess, helper: Life, silent: Promise<void>): Promise<void> {
  child.stdin?.destroy();
  if (child.connected) await silent; // what it said last is read to the end
  await waitUntilGone(helper);
}

function openReports(): Pick<Keeper, "onReport"> & { readonly hear: (report: Report) => void } {
  const early: Report[] = [];
  let listener = (report: Report): void => void early.push(report);
  return {
    hear: (report) => listener(report),
    onReport: (next) => {
      listener = next;
      for (const report of early.splice(0)) next(report);
    },
  };
}

function end(helper: Life, unshare: ChildProcess): void {
  // it may have ended before we were told, and its number be somebody else's
  if (!mayLive(helper)) return;
  // where no descriptor is left to see who has the number: unshare is our own child, and the helper ends with it
  if (lifeOf(helper.pid)?.began !== helper.began) return void unshare.kill("SIGKILL");
  try {
    process.kill(helper.pid, "SIGKILL");
  } catch {
    // it has just ended
  }
}

/** unshare's one child: the helper as the host sees it. */
function findHelper(child: ChildProcess): Life {
  const [pid] = child.pid === undefined ? [] : childrenOf("/proc", child.pid);
  const helper = pid === undefined ? undefined : lifeOf(pid);
  if (helper === undefined) throw helperFault("the helper ended at once");
  return helper;
}

function keep(received: Received[], { name, family }: Extract<Report, { kind: "door" }>, handle: SendHandle): void {
  if (handle instanceof Server || handle instanceof UdpSocket) received.push({ name, family, socket: handle });
}

function listenForComplaint(child: ChildProcess): () => string {
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(0, limits.complaintBytes);
  });
  return () => complaint;
}

/** unshare speaks under its own name; anything else came from the helper. */
const readComplaint = (complaint: string): BoundaryFault =>
  complaint.startsWith("unshare:")
    ? refuseNamespaces(complaint)
    : helperFault(`the helper ended: ${oneLine(complaint)}`);

const helperFault = (message: string, cause?: unknown): BoundaryFault =>
  new Fault({ code: "helper", message, hint: "postern doctor shows what is missing", cause });
