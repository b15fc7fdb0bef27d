// A person's machine for journeys of `setup`: a home with start files, tools on PATH that leave a mark where they run, and
// their shells, started as a terminal starts them.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const posternCommand = new URL("../../postern", import.meta.url).pathname;

export const here = (shell: string): false | string =>
  spawnSync(shell, ["-c", "true"]).status === 0 ? false : `no ${shell} here (scripts/setup installs it)`;

/** Writes what it was given to a canary file beside it, and whether it was inside. */
export const canaryTool = '#!/bin/sh\necho "inside=$POSTERN args=$*" >>"$PWD/canary"\necho out\nexit 3\n';

export class Machine implements Disposable {
  readonly base = mkdtempSync(join(tmpdir(), "postern-shells-"));
  readonly home = join(this.base, "home");
  readonly work = join(this.home, "work");
  readonly tools = join(this.base, "tools");
  readonly state = join(this.home, ".local/state/postern");
  readonly shims = join(this.state, "shims");

  constructor() {
    for (const path of [this.home, this.work, this.tools]) mkdirSync(path, { mode: 0o755 });
  }

  write(path: string, text: string, mode = 0o644): string {
    const file = join(this.base, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  tool(name: string, text = canaryTool): string {
    return this.write(`tools/${name}`, text, 0o755);
  }

  environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const path = `${this.tools}:/usr/local/bin:/usr/bin:/bin`;
    return { HOME: this.home, PATH: path, SHELL: "/bin/bash", TERM: "dumb", LANG: "C.UTF-8", ...more };
  }

  postern(words: readonly string[], more: Readonly<Record<string, string>> = {}): SpawnSyncReturns<string> {
    return spawnSync(posternCommand, words, { cwd: this.work, env: this.environment(more), encoding: "utf8" });
  }

  /** As a new terminal would: interactive, its start file read. */
  typed(shell: string, line: string, more: Readonly<Record<string, string>> = {}): SpawnSyncReturns<string> {
    const words = shell === "fish" ? ["-i", "-c", line] : ["-ic", line];
    return spawnSync(shell, words, { cwd: this.work, env: this.environment(more), encoding: "utf8" });
  }

  /** What the record says ran, by the names sealed with each session's beginning. */
  sessions(): readonly string[][] {
    const { stdout } = this.postern(["log", "--json", "--kind", "session.start"]);
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { sealed: { command: string[] } }).sealed.command);
  }

  canary(): string {
    return readFileSync(join(this.work, "canary"), "utf8");
  }

  /** Every path of the home with its mode and content. */
  digest(): string {
    const sum = createHash("sha256");
    for (const path of readdirSync(this.home, { recursive: true, encoding: "utf8" }).sort()) {
      const full = join(this.home, path);
      const found = lstatSync(full);
      const content = found.isFile() ? readFileSync(full) : found.isSymbolicLink() ? readlinkSync(full) : "";
      sum.update(`${path}\0${found.mode}\0`).update(content).update("\0");
    }
    return sum.digest("hex");
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}
