// Starts a program of this machine's so that it cannot outlive us: in its process group stands a shell that reads from a pipe
// whose other end is this process's alone. However we end, by SIGKILL too, the pipe does, and the shell kills the group.

import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import { type Duplex, PassThrough, type Readable, type Writable } from "node:stream";
import { limits } from "./limits.ts";

/**
 * sh(1). The waiting shell holds none of the program's own pipes: whoever reads them sees their end when the program ends. It
 * names its group by 0, never by a number that may be another's by then.
 */
const script = `(read -r word || kill -KILL 0) <&3 >/dev/null 2>&1 3<&- &
exec "$@" 3<&-`;

export type Ended =
  | { readonly kind: "ended"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string }
  /** No such program, or no process could be made. */
  | { readonly kind: "absent" };

export interface Tethered {
  readonly input: Writable;
  readonly output: Readable;
  readonly complaint: Readable;
  /** The program has ended, and nobody holds its pipes any more; soon after `kill` in any case. Never rejects. */
  readonly ended: Promise<Ended>;
  /** With all of its group, also what the program left running. Idempotent. */
  readonly kill: () => void;
}

export interface Place {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Leads a process group of its own, and has no terminal to ask on. */
export function startTethered(words: readonly string[], { directory, environment }: Place): Tethered {
  // the shell's own code for it could be any program's
  if (!isThere(words[0] ?? "", directory, environment["PATH"] ?? "")) return startNothing();
  const child = spawn("/bin/sh", ["-c", script, "postern", ...words], {
    cwd: directory,
    env: environment,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    detached: true,
  });
  const tether = child.stdio[3] as Duplex;
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  tether.on("error", () => undefined);
  // whoever writes learns of it by the program's end
  child.stdin.on("error", () => undefined);
  child.on("error", () => resolve({ kind: "absent" }));
  const [input, output, complaint] = [child.stdin, child.stdout, child.stderr];
  const exited = new Promise<Ended>((tell) => {
    child.on("exit", (code, signal) =>
      tell(code === null ? { kind: "signal", signal: signal ?? "" } : { kind: "ended", code }),
    );
  });
  const closed = [output, complaint].map((stream) => new Promise((tell) => stream.on("close", tell)));
  let grace: NodeJS.Timeout | undefined;
  let over = false;
  void Promise.all([exited, ...closed]).then(([end]) => {
    over = true;
    clearTimeout(grace);
    // a word, not an end: what it started apart from its pipes (an agent that stays) is left alone
    tether.end("over\n");
    resolve(end);
  });
  const kill = (): void => {
    tether.destroy();
    if (over) return;
    // what left the group may hold the pipes for as long as it likes, and the program itself may have left it
    grace ??= setTimeout(() => {
      child.kill("SIGKILL");
      for (const stream of [output, complaint]) stream.destroy();
    }, limits.graceMilliseconds);
  };
  return { input, output, complaint, ended, kill };
}

/** As if a program had not been there. */
export function startNothing(): Tethered {
  const [output, complaint] = [new PassThrough().end(), new PassThrough().end()];
  const ended = Promise.resolve({ kind: "absent" } as const);
  return { input: new PassThrough().resume(), output, complaint, ended, kill: () => undefined };
}

function isThere(program: string, directory: string, path: string): boolean {
  const places = program.includes("/")
    ? [resolvePath(directory, program)]
    : path.split(":").map((at) => join(at, program));
  return program !== "" && places.some(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
