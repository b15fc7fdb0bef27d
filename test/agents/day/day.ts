// One way to spend the day: outside, or inside a session with live or staged edits. A worker runs there and is told a script
// at a time; what is looked at from outside is looked at from here.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

export type Way = "outside" | "live" | "staged";

export interface Asked {
  readonly script: string;
  /** It is ended after so many. */
  readonly seconds: number;
}

export interface Done {
  readonly code: number;
  /** Output and errors. */
  readonly said: string;
  readonly seconds: number;
}

const dated = "export GIT_AUTHOR_DATE=2026-01-02T03:04:05Z GIT_COMMITTER_DATE=2026-01-02T03:04:05Z\n";

export interface Whereabouts {
  /** Where the checkout lies, by the same path inside. */
  readonly checkout: string;
  /** A port that is published. */
  readonly port: number;
  /** What the server it is pushed to holds, as this machine sees it. */
  readonly pushed: () => string;
  /** Says yes to all that is asked; what that was. */
  readonly approve: () => Promise<readonly string[]>;
}

export class Day {
  readonly way: Way;
  readonly where: Whereabouts;
  /** What a person was asked, in order. */
  readonly asked: string[] = [];
  readonly #worker: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reading: Interface;

  constructor(way: Way, worker: ChildProcess, where: Whereabouts) {
    this.way = way;
    this.where = where;
    this.#worker = worker;
    if (worker.stdout === null) throw new Error("a worker without output");
    this.#reading = createInterface({ input: worker.stdout });
    this.#lines = this.#reading[Symbol.asyncIterator]();
  }

  /** In the checkout. A commit has the same name wherever it is made. */
  async run(script: string, seconds = 240): Promise<Done> {
    this.#worker.stdin?.write(`${JSON.stringify({ script: dated + script, seconds } satisfies Asked)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${this.way}: the worker has ended`);
    return JSON.parse(line.value) as Done;
  }

  /** What is asked about is said yes to, and tried once more. */
  async runAsked(script: string): Promise<Done> {
    const first = await this.run(script);
    if (this.way === "outside" || first.code === 0) return first;
    this.asked.push(...(await this.where.approve()));
    const second = await this.run(script);
    return { ...second, seconds: first.seconds + second.seconds };
  }

  /** No more steps: what runs there ends. */
  end(): void {
    this.#worker.stdin?.end();
  }
}

export interface World {
  /** An /etc/hosts of the test's own. */
  readonly hosts: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Words before the command. */
  readonly before?: readonly string[];
}

/** A worker without a boundary; only names are resolved by the test's own /etc/hosts. */
export function startOutside({ hosts, environment, directory, before = [] }: World): ChildProcess {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const apart = ["--dev-bind", "/", "/", "--ro-bind", hosts, "/etc/hosts", "--chdir", directory, "--"];
  const [program = "", ...words] = [...before, "bwrap", ...apart, "env", "-i", ...variables];
  return spawn(program, [...words, process.execPath, workerFile], {
    stdio: ["pipe", "pipe", "inherit"],
  });
}

export const workerFile = new URL("worker.ts", import.meta.url).pathname;
