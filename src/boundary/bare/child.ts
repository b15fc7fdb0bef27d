// The tool as an ordinary child of ours, in a session of its own, on the terminal or the pipes of the relay. In: command,
// environment, descriptors. Out: its end; and an end of its process group, beyond which nothing here reaches.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Exit } from "../contract.ts";
import { findProgram } from "../linux/programs.ts";
import type { Relay } from "../linux/terminal/streams.ts";

export interface Child {
  /** Of the first process; whatever of its group is left then was ended. */
  readonly ended: Promise<Exit>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** The whole group. */
  readonly kill: () => void;
}

export interface Starting {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly relay: Pick<Relay, "inner" | "terminal" | "handed">;
}

export function startChild({ command, environment, directory, relay }: Starting): Child {
  const [program = "", ...words] = [...prelude(relay.terminal), ...command];
  // on a terminal setsid(1) makes the session, which then owns it
  const options = { cwd: directory, env: { ...environment }, detached: !relay.terminal } as const;
  const child = spawn(program, words, { ...options, stdio: [...relay.inner] });
  const { promise, resolve } = Promise.withResolvers<Exit>();
  let over = false;
  let killed = false;
  const group = (name: NodeJS.Signals): void => send(child.pid === undefined ? undefined : -child.pid, name);
  child.on("error", (error) => {
    over = true;
    resolve({ code: "code" in error && error.code === "ENOENT" ? 127 : 126, byTool: true });
  });
  child.on("exit", (code, signal) => {
    over = true;
    group("SIGKILL");
    resolve({ code: code ?? 128 + constants.signals[signal ?? "SIGKILL"], byTool: !killed });
  });
  relay.handed();
  return {
    ended: promise,
    signal: (name) => {
      if (!over) send(child.pid, name);
    },
    kill: () => {
      killed = true;
      if (over) return;
      group("SIGKILL");
      // on a terminal it has no group of its own before setsid(1) made one
      send(child.pid, "SIGKILL");
    },
  };
}

/** With us the kernel ends it (prctl(2), PR_SET_PDEATHSIG); what it started it does not. */
function prelude(terminal: boolean): readonly string[] {
  const [setpriv, setsid] = [findProgram("setpriv"), findProgram("setsid")];
  return [
    ...(setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL", "--"]),
    ...(terminal && setsid !== undefined ? [setsid, "--ctty", "--"] : []),
  ];
}

function send(target: number | undefined, name: NodeJS.Signals): void {
  if (target === undefined) return;
  try {
    process.kill(target, name);
  } catch {
    // nobody of it is left
  }
}
