// One notice → what is about to begin: file, arguments, process, parent; read while its thread waits. Everything read is
// *attacker-controlled*, and other threads may change it before the kernel reads it again.

import { isUtf8 } from "node:buffer";
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { Execution } from "../../../domain/execution.ts";
import { limits } from "../limits.ts";
import type { Calls } from "./calls.ts";
import { openMemory } from "./memory.ts";
import type { Notice } from "./notice.ts";
import { errno, findPlace, openPlace, type Place, pathOnly, type Whose } from "./place.ts";
import type { Processes } from "./processes.ts";

/** What can be said before the file's content is known. */
export interface Sighted {
  readonly execution: Omit<Execution, "sha256" | "interpreters">;
  /** Undefined where the path cannot be followed. */
  readonly file: OpenFile | undefined;
}

export interface OpenFile {
  readonly descriptor: number;
  readonly stats: BigIntStats;
}

export type Sight =
  | { readonly kind: "begins"; readonly sighted: Sighted }
  /** No program can come of it: the errno the kernel would answer. */
  | { readonly kind: "fails"; readonly errno: number }
  /** The thread is gone. */
  | { readonly kind: "gone" };

export interface Eye {
  readonly look: (notice: Notice, stillThere: () => boolean) => Sight;
  /** A script's interpreter, as the kernel would find it. */
  readonly open: (path: string, directory: string) => (OpenFile & { readonly path: string }) | undefined;
  /** The path of the waiting call, nothing else: for those that are ours. */
  readonly pathOf: (notice: Notice) => string | undefined;
}

interface Process {
  readonly process: number;
  readonly thread: number;
  readonly parent: Execution["parent"];
}

export function openEye({ openIn, readMemory, readLink }: Calls, processes: Processes): Eye {
  const memory = openMemory(readMemory);
  const numbers = openNumbers(readLink, processes);
  let root: number | undefined;
  const openFound = (place: Place): OpenFile | undefined =>
    place.kind === "found"
      ? { descriptor: place.descriptor, stats: fstatSync(place.descriptor, { bigint: true }) }
      : undefined;
  return {
    pathOf: ({ thread, path }) => {
      const text = memory.text(thread, path, limits.pathBytes);
      return typeof text === "string" ? undefined : text.toString();
    },
    look: (notice, stillThere) => {
      const { path, ...list } = memory.call(notice.thread, notice.path, notice.arguments);
      const own = processes.of(notice.thread);
      const about = own === undefined ? undefined : numbers.describe(own);
      const directory = readLink(`${own}/cwd`);
      if (!stillThere()) return { kind: "gone" };
      if (about === undefined || directory === undefined) throw new Error("a process that waits cannot be read");
      // the same for everything inside: no call that would change it is allowed there
      root ??= openSync(`${own}/root`, pathOnly | constants.O_DIRECTORY);
      if (typeof path === "string") return { kind: "fails", errno: path === "endless" ? errno.tooLong : errno.fault };
      const named = path.toString();
      const held = notice.descriptor === undefined ? undefined : `${own}/fd/${notice.descriptor}`;
      const place =
        named === "" && notice.itself && held !== undefined
          ? openPlace(held)
          : findNamed(openIn, { ...about, root }, { named, from: held === undefined ? directory : readLink(held) });
      if (place.kind === "missing") return { kind: "fails", errno: place.errno };
      const file = openFound(place);
      if (file !== undefined && !isProgram(file.stats)) {
        closeSync(file.descriptor);
        return { kind: "fails", errno: errno.denied };
      }
      const executable = (file && readLink(`/proc/self/fd/${file.descriptor}`)) ?? named;
      const { process: pid, parent } = about;
      const whole = list.whole && isUtf8(path);
      const execution = { pid, parent, executable, named, directory, arguments: list.arguments, whole };
      return { kind: "begins", sighted: { execution, file } };
    },
    open: (path, directory) => {
      if (root === undefined) return undefined;
      const place = findPlace(openIn, { root, process: 0, thread: 0 }, absolute(path, directory));
      const file = openFound(place);
      return file && { ...file, path: readLink(`/proc/self/fd/${file.descriptor}`) ?? path };
    },
  };
}

interface Named {
  readonly named: string;
  /** What a relative path begins at. */
  readonly from: string | undefined;
}

function findNamed(openIn: Calls["openIn"], whose: Whose, { named, from }: Named): Place {
  if (named === "") return { kind: "missing", errno: errno.missing };
  return from === undefined && !named.startsWith("/")
    ? { kind: "unknown" }
    : findPlace(openIn, whose, absolute(named, from ?? ""));
}

/** Never shortened: `..` behind a link is the kernel's to follow. */
function absolute(path: string, directory: string): string {
  return path.startsWith("/") ? path : `${directory}/${path}`;
}

/** The kernel executes regular files that anybody may execute. */
function isProgram(stats: BigIntStats): boolean {
  return stats.isFile() && (stats.mode & 0o111n) !== 0n;
}

interface Numbers {
  /** By its directory in /proc. */
  readonly describe: (directory: string) => Process | undefined;
}

/** Process numbers inside; a process keeps its own, and here they are given out in a row, so a parent's is remembered. */
function openNumbers(readLink: Calls["readLink"], { named }: Processes): Numbers {
  const inside = new Map<number, number>();
  const read = openStatus();
  const keep = (outer: number, inner: number): void => {
    inside.delete(outer);
    inside.set(outer, inner);
    for (const oldest of inside.keys()) {
      if (inside.size <= limits.numbers) break;
      inside.delete(oldest);
    }
  };
  const parentOf = (outer: number): Execution["parent"] => {
    const executable = readLink(`${named(outer)}/exe`);
    const pid = inside.get(outer) ?? read(named(outer))?.process;
    if (pid === undefined || executable === undefined) return undefined;
    keep(outer, pid);
    return { pid, executable };
  };
  return {
    describe: (directory) => {
      const status = read(directory);
      if (status === undefined) return undefined;
      keep(status.outer, status.process);
      return { process: status.process, thread: status.thread, parent: parentOf(status.parent) };
    },
  };
}

function openStatus(): (directory: string) => ReturnType<typeof parseStatus> {
  const bytes = Buffer.alloc(statusBytes);
  return (directory) => {
    try {
      const descriptor = openSync(`${directory}/status`, "r");
      try {
        return parseStatus(bytes.toString("latin1", 0, readSync(descriptor, bytes, 0, statusBytes, 0)));
      } finally {
        closeSync(descriptor);
      }
    } catch {
      return undefined;
    }
  };
}

/** Groups, the one long line, stand before what is looked for: ten thousand of them fit. */
const statusBytes = 65_536;

/** proc(5): Tgid and PPid as the reader sees them, the last of NStgid and NSpid as the process does. */
export function parseStatus(status: string) {
  const last = (name: string): number => {
    const from = status.indexOf(`\n${name}:\t`);
    const line = from < 0 ? "" : status.slice(from + name.length + 3, status.indexOf("\n", from + 1));
    return Number.parseInt(line.slice(line.lastIndexOf("\t") + 1), 10);
  };
  const found = { outer: last("Tgid"), parent: last("PPid"), process: last("NStgid"), thread: last("NSpid") };
  return Object.values(found).every(Number.isSafeInteger) ? found : undefined;
}
