// One notice → what is about to begin: file, arguments, process, parent; read while its thread waits. Everything read is
// *attacker-controlled*, and other threads may change it before the kernel reads it again.

import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { Execution } from "../../../domain/execution.ts";
import { limits } from "../limits.ts";
import type { Calls } from "./calls.ts";
import type { ExecutedFile } from "./digests.ts";
import { type Memory, openMemory } from "./memory.ts";
import { shown, textOf } from "./names.ts";
import type { Notice } from "./notice.ts";
import { errno, findPlace, isNamed, openPlace, type Place, pathOnly, type Whose } from "./place.ts";
import type { Processes } from "./processes.ts";

/** What can be said before the file's content is known. */
export interface Sighted {
  readonly execution: Omit<Execution, "sha256" | "interpreters">;
  /** Undefined where the path cannot be followed. */
  readonly file: OpenFile | undefined;
  readonly about: About;
}

export type OpenFile = ExecutedFile;

export type Sight =
  | { readonly kind: "begins"; readonly sighted: Sighted }
  /** No program can come of it: the errno the kernel would answer. */
  | { readonly kind: "fails"; readonly errno: number }
  /** The thread is gone. */
  | { readonly kind: "gone" };

export interface Eye {
  readonly look: (notice: Notice, stillThere: () => boolean) => Sight;
  /** A script's interpreter, as the kernel would find it for who begins it; `lost` where its path cannot be followed. */
  readonly open: (path: string, about: About) => (OpenFile & { readonly path: string }) | "lost" | undefined;
  /** The path of the waiting call, nothing else: for those that are ours. */
  readonly pathOf: (notice: Pick<Notice, "thread" | "path">) => string | undefined;
  /** Whose call it is, and the tree its paths are followed in; undefined where it cannot be told. */
  readonly whose: (thread: number) => (Whose & { readonly own: string }) | undefined;
}

interface Process {
  readonly process: number;
  readonly thread: number;
  readonly parent: Execution["parent"];
}

export function openEye(calls: Calls, processes: Processes): Eye {
  return new Looking(calls, processes);
}

class Looking implements Eye {
  readonly #calls: Calls;
  readonly #processes: Processes;
  readonly #memory: Memory;
  readonly #numbers: Numbers;
  /** The same for everything inside: no call that would change it is allowed there. */
  #root: number | undefined;

  constructor(calls: Calls, processes: Processes) {
    this.#calls = calls;
    this.#processes = processes;
    this.#memory = openMemory(calls.readMemory);
    this.#numbers = openNumbers(calls.readLink, processes);
  }

  pathOf({ thread, path }: Pick<Notice, "thread" | "path">): string | undefined {
    const text = this.#memory.text(thread, path, limits.pathBytes);
    return typeof text === "string" ? undefined : textOf(text);
  }

  whose(thread: number): (Whose & { readonly own: string }) | undefined {
    const own = this.#processes.of(thread);
    if (own === undefined) return undefined;
    this.#root ??= openRoot(own);
    return this.#root === undefined
      ? undefined
      : { own, root: this.#root, numbers: once(() => this.#numbers.describe(own)) };
  }

  look(notice: Notice, stillThere: () => boolean): Sight {
    const { path, ...list } = this.#memory.call(notice.thread, notice.path, notice.arguments);
    if (typeof path === "string") return { kind: "fails", errno: path === "endless" ? errno.tooLong : errno.fault };
    const own = this.#processes.of(notice.thread);
    // before Linux 6.9 a thread that leads no process has no pidfd, and where that is needed it begins nothing
    if (own === undefined) return stillThere() ? { kind: "fails", errno: errno.denied } : { kind: "gone" };
    this.#root ??= openRoot(own);
    if (this.#root === undefined) return gone(stillThere);
    const about = this.#openAbout(own);
    // searches along PATH meet more that is not there than what is: told first, and at once
    const named = textOf(path);
    const place = this.#find(this.#root, notice, { named, about });
    if (place.kind === "missing") return { kind: "fails", errno: place.errno };
    const file = openFound(place, this.#calls.mountOf);
    const program = file === undefined || isProgram(file.stats);
    const process = program ? about.numbers() : undefined;
    // one that lies too deep has no name
    const directory = program ? about.directory() : undefined;
    if (process === undefined || !stillThere()) {
      if (file !== undefined) closeSync(file.descriptor);
      return program ? gone(stillThere) : { kind: "fails", errno: errno.denied };
    }
    const executable = (file && this.#pathOfOpen(file)) ?? named;
    const whole =
      list.whole && directory !== undefined && [executable, named, directory].every((one) => one.isWellFormed());
    const { process: pid, parent } = process;
    const names = { executable: shown(executable), named: shown(named), directory: shown(directory ?? "") };
    const execution = { pid, parent, ...names, arguments: list.arguments, whole };
    const lost = place.kind === "unknown" ? ({ lost: true } as const) : {};
    return { kind: "begins", sighted: { execution: { ...execution, ...lost }, file, about } };
  }

  open(path: string, about: About): (OpenFile & { readonly path: string }) | "lost" | undefined {
    if (this.#root === undefined) return undefined;
    const place = this.#locate(this.#root, path, `${about.own}/cwd`, about);
    if (place.kind === "unknown") return "lost";
    const file = openFound(place, this.#calls.mountOf);
    if (file === undefined) return undefined;
    if (file.stats.isFile()) return { ...file, path: this.#pathOfOpen(file) ?? path };
    // what the kernel interprets nothing by: a device may have no end, and opening one may do something
    closeSync(file.descriptor);
    return undefined;
  }

  #pathOfOpen({ descriptor }: OpenFile): string | undefined {
    return this.#calls.readLink(`/proc/self/fd/${descriptor}`);
  }

  #openAbout(own: string): About {
    return {
      own,
      numbers: once(() => this.#numbers.describe(own)),
      directory: once(() => this.#calls.readLink(`${own}/cwd`)),
    };
  }

  #find(root: number, { descriptor, itself }: Notice, { named, about }: Called): Place {
    const held = descriptor === undefined ? undefined : `${about.own}/fd/${descriptor}`;
    if (named === "") return itself && held !== undefined ? openPlace(held) : { kind: "missing", errno: errno.missing };
    return this.#locate(root, named, held ?? `${about.own}/cwd`, about);
  }

  /** `from`: the link of /proc to the directory that a relative path begins in. */
  #locate(root: number, path: string, from: string, { numbers }: About): Place {
    const { openIn, readLink } = this.#calls;
    const whose = { root, numbers };
    if (path.startsWith("/")) return findPlace(openIn, whose, path);
    const directory = readLink(from);
    if (directory === undefined || !isNamed(openIn, root, from, directory)) return { kind: "unknown" };
    return findPlace(openIn, whose, `${directory}/${path}`); // never shortened: `..` behind a link is the kernel's to follow
  }
}

function openFound(place: Place, mountOf: Calls["mountOf"]): OpenFile | undefined {
  if (place.kind !== "found") return undefined;
  const { descriptor } = place;
  return { descriptor, stats: fstatSync(descriptor, { bigint: true }), steady: mountOf(descriptor).readOnly };
}

/** Read when it is needed, once. */
export interface About {
  /** Its directory in /proc. */
  readonly own: string;
  readonly numbers: () => Process | undefined;
  readonly directory: () => string | undefined;
}

function once<Value>(read: () => Value): () => Value {
  let kept: { readonly value: Value } | undefined;
  return () => {
    kept = kept ?? { value: read() };
    return kept.value;
  };
}

interface Called {
  readonly named: string;
  readonly about: About;
}

/** Nothing can be read of it any more. What still waits must be readable: an unseen program is not let begin. */
function gone(stillThere: () => boolean): Sight {
  if (stillThere()) throw new Error("a process that waits cannot be read");
  return { kind: "gone" };
}

function openRoot(own: string): number | undefined {
  try {
    return openSync(`${own}/root`, pathOnly | constants.O_DIRECTORY);
  } catch {
    return undefined;
  }
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
    return { pid, executable: shown(executable) };
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
