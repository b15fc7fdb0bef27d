// Starts the sandbox from a process whose every start waits for the watch. Node's own spawn would stop this thread until
// the program has begun, and this thread is the watch: so another one waits, and this one goes on. In: the command, its
// descriptors in order. Out: how it ended.

import { closeSync } from "node:fs";
import type { Foreign } from "./foreign.ts";

export interface Launcher {
  /** Both ends closed on exec. */
  readonly pipe: () => { readonly read: number; readonly write: number };
  /**
   * Takes the descriptors over: they are 0, 1, 2 … there, and closed here. Resolves to how it ends, undefined where a signal
   * ends it. Rejects where nothing could be started.
   */
  readonly launch: (command: readonly string[], descriptors: readonly number[]) => Promise<Launched>;
}

export interface Launched {
  readonly ended: Promise<number | undefined>;
}

/** F_DUPFD_CLOEXEC, F_GETFL, F_SETFL; O_CLOEXEC, O_NONBLOCK: linux/fcntl.h, asm-generic/fcntl.h. */
const duplicate = 1030;
const [getFlags, setFlags] = [3, 4];
const closeOnExec = 0o2000000;
const nonBlocking = 0o4000;
const noHang = 1;

export function openLauncher(foreign: Foreign): Launcher {
  const { libc } = foreign;
  const waitpid = libc.func("waitpid", "int", ["int", "_Out_ int *", "int"]);
  const fcntl = libc.func("fcntl", "int", ["int", "int", "long"]);
  const pipe2 = libc.func("pipe2", "int", ["_Out_ int *", "int"]);
  const wait = (pid: number): number | undefined => {
    const status = [0];
    const result: unknown = waitpid(pid, status, noHang);
    return result === pid ? (status[0] ?? 0) : undefined;
  };
  return {
    pipe: () => {
      const ends = [-1, -1];
      const result: unknown = pipe2(ends, closeOnExec);
      const [read, write] = ends;
      if (result !== 0 || read === undefined || write === undefined) throw new Error("no pipe could be made");
      return { read, write };
    },
    launch: async (command, descriptors) => {
      // above all places they are to have: none is overwritten before it has moved
      const moved = descriptors.map((descriptor) => Number(fcntl(descriptor, duplicate, descriptors.length)));
      if (moved.some((descriptor) => descriptor < 0)) throw new Error("no descriptors are left");
      for (const descriptor of descriptors) closeSync(descriptor);
      // most programs expect that reading waits, as libuv sees to for its own children
      for (const descriptor of moved.slice(0, 3))
        fcntl(descriptor, setFlags, Number(fcntl(descriptor, getFlags, 0)) & ~nonBlocking);
      const pid = await spawn(foreign, command, moved);
      for (const descriptor of moved) closeSync(descriptor);
      return { ended: follow(() => wait(pid)) };
    },
  };
}

/** POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK: none of Node's own settings is inherited. */
const cleanSignals = 0x04 | 0x08;
const signalSet = 128;
/** posix_spawn(3)'s two structures are smaller everywhere. */
const opaque = 1_024;

async function spawn({ libc }: Foreign, command: readonly string[], descriptors: readonly number[]): Promise<number> {
  const types = ["_Out_ int *", "const char *", "void *", "void *", "const char **", "const char **"];
  const start = libc.func("posix_spawn", "int", types);
  const call = (name: string, ...given: string[]) => libc.func(name, "int", given);
  const [actions, attributes] = [Buffer.alloc(opaque), Buffer.alloc(opaque)];
  call("posix_spawn_file_actions_init", "void *")(actions);
  const move = call("posix_spawn_file_actions_adddup2", "void *", "int", "int");
  for (const [place, descriptor] of descriptors.entries()) move(actions, descriptor, place);
  call("posix_spawnattr_init", "void *")(attributes);
  call("posix_spawnattr_setflags", "void *", "short")(attributes, cleanSignals);
  call("posix_spawnattr_setsigdefault", "void *", "void *")(attributes, Buffer.alloc(signalSet, 0xff));
  call("posix_spawnattr_setsigmask", "void *", "void *")(attributes, Buffer.alloc(signalSet));
  const pid = [0];
  const started = Promise.withResolvers<number>();
  start.async(pid, command[0], actions, attributes, [...command, null], [null], (error: unknown, result: number) =>
    error ? started.reject(error) : started.resolve(result),
  );
  const failure = await started.promise;
  if (failure !== 0) throw new Error(`${command[0]} could not be started: error ${failure}`);
  return pid[0] ?? 0;
}

/** wait(2): the low seven bits are the signal, where one ended it. */
function follow(wait: () => number | undefined): Promise<number | undefined> {
  return new Promise((resolve) => {
    const look = (): void => {
      const status = wait();
      if (status === undefined) return;
      process.off("SIGCHLD", look);
      resolve((status & 0x7f) === 0 ? (status >> 8) & 0xff : undefined);
    };
    process.on("SIGCHLD", look);
    look();
  });
}
