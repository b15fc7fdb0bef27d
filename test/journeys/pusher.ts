// Somebody inside who clones, commits and pushes as a test tells them, and what is asked about it outside.

import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ran, Running, Stage } from "./stage.ts";

/** In a place of the tool's own: in the checkout a new .gitmodules would be held. `$W` is the checkout. */
export const entering = (url: string): string =>
  `W=$PWD; cd /tmp && git clone -q ${url} clone && cd clone && git config user.name in && git config user.email in@example.org`;

/** Or that nobody can make it any more. */
export async function exists(path: string, child: ChildProcess): Promise<boolean> {
  while (!existsSync(path) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
  return existsSync(path);
}

/** A shell that pushes what it is told, as often as it is told. */
export class Pusher {
  readonly #stage: Stage;
  readonly #started: ReturnType<Stage["start"]>;
  #said = 0;

  constructor(stage: Stage, url: string, running: Omit<Running, "input">) {
    this.#stage = stage;
    const loop = `while read -r line; do (eval "$line") 2>>${stage.work}/err; echo $? >> ${stage.work}/results; done`;
    this.#started = stage.start(["sh", "-c", `${entering(url)}; ${loop}`], { ...running, input: "pipe" });
  }

  async say(line: string): Promise<number> {
    this.#said += 1;
    this.#started.child.stdin?.write(`${line}\n`);
    const results = (): readonly string[] => {
      const file = join(this.#stage.work, "results");
      return existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    };
    const { child } = this.#started;
    while (results().length <= this.#said && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 50));
    return Number(results()[this.#said - 1]);
  }

  async pending(): Promise<readonly { id: string; effect: Record<string, unknown> }[]> {
    const { output } = await this.#stage.call(["pending", "--json"]);
    return output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { id: string; effect: Record<string, unknown> });
  }

  end(): Promise<Ran> {
    this.#started.child.stdin?.end();
    return this.#started.ended;
  }
}

export const commit = (name: string): string => `echo ${name} > ${name}; git add ${name}; git commit -qm ${name}`;
