// What a probe is let loose in: each target runs one command of the person's in the rig's checkout and hands out its
// record of it, in whatever form it keeps one. Nothing is added to what a target does by itself.

import { spawn } from "node:child_process";
import type { Outside } from "../../journeys/outside.ts";
import type { Logged } from "../../journeys/stage.ts";
import type { Resumption } from "../probe.ts";
import type { Rig } from "../rig/rig.ts";

export interface Field {
  readonly world: Outside;
  /** Words before a command, to be who the person is. */
  readonly as: readonly string[];
  readonly asRoot: boolean;
}

export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** `entries`: a record that can be read by kind; `text`: lines of a log. */
export type Kept =
  | { readonly kind: "entries"; readonly entries: readonly Logged[] }
  | { readonly kind: "text"; readonly text: string };

export interface Task {
  readonly command: readonly string[];
  /** Hosts that are granted, the usual one among them. */
  readonly names: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Words before the target's own. */
  readonly around: readonly string[];
}

export interface Target {
  readonly name: string;
  /** One sentence: with which settings. */
  readonly settings: string;
  readonly version: string;
  readonly run: (rig: Rig, field: Field, task: Task) => Promise<{ ended: Ended; record: Kept }>;
  /** The person goes on in the checkout, outside, with the target's own commands; where it has such. */
  readonly resume?: (rig: Rig, field: Field, what: Resumption) => Promise<Ended>;
}

/** Milliseconds a probe may take in all. */
const longest = 90_000;

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** In the world outside, as the person, in the checkout, with an environment of its own. */
export function launch(
  rig: Rig,
  field: Field,
  words: readonly string[],
  { environment = {}, around = [] }: Partial<Pick<Task, "environment" | "around">> = {},
): Promise<Ended> {
  const variables = { HOME: rig.home, PATH: path, USER: "person", LANG: "C.UTF-8", ...environment };
  const clean = ["env", "-i", ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)];
  const there = ["sh", "-c", 'cd "$0" && exec "$@"', rig.work];
  const [program = "", ...rest] = [...field.world.enter, ...field.as, ...clean, ...there, ...around, ...words];
  const child = spawn(program, rest, { cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
  const said = { output: "", errors: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.output += chunk.toString("latin1")));
  child.stderr.on("data", (chunk: Buffer) => (said.errors += chunk.toString("latin1")));
  const late = setTimeout(() => child.kill("SIGKILL"), longest);
  const { promise, resolve } = Promise.withResolvers<Ended>();
  child.on("error", (cause) => resolve({ code: 127, output: "", errors: String(cause) }));
  // a process that outlived its target may hold the pipes: what was said until then is enough
  child.on("exit", (code, signal) =>
    setTimeout(() => {
      clearTimeout(late);
      resolve({ code: code ?? (signal === null ? 1 : 137), ...said });
    }, 20),
  );
  return promise;
}
