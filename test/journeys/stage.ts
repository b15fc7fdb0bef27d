// One journey's stage: a home, a state directory, a checkout and a policy of their own below one directory; runs the real
// command line there with an empty environment and gives back what came of it: exit code, output, summary, record.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Summary } from "../../src/session/summary.ts";

const postern = new URL("../../postern", import.meta.url).pathname;

/** Milliseconds a command may take, beyond the patience of every test. */
const longest = 150_000;

export interface Staging {
  /** Name of the checkout's directory. */
  readonly workspace?: string;
  /** Path → text, in the checkout. */
  readonly files?: Readonly<Record<string, string>>;
  /** A repository with one commit. */
  readonly git?: boolean;
  /** Instead of this checkout's command line. */
  readonly program?: string;
}

export interface Running {
  /** `--policy`, given the stage; the directory of this Node is readable inside by itself. */
  readonly policy?: object;
  readonly flags?: readonly string[];
  /** Beside HOME, PATH and POSTERN_HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Before the command: another world (`Outside.enter`), another user. */
  readonly before?: readonly string[];
  readonly input?: "pipe";
  /** Another checkout than the stage's. */
  readonly at?: string;
  /** Milliseconds; what every test has where left out. */
  readonly patience?: number;
}

export interface Ran {
  /** 128+n where the command line itself was ended by signal n. */
  readonly code: number;
  readonly output: string;
  readonly errors: string;
  /** Undefined where nothing ran. */
  readonly summary: Summary | undefined;
}

/** A line of `postern log --json`. */
export interface Logged {
  readonly index: number;
  readonly kind: string;
  readonly session: string;
  readonly person: string;
  readonly host: string;
  readonly grade: string;
  readonly verdict?: string;
  readonly rule?: string;
  readonly purpose?: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Empty where nothing is sealed with it. */
  readonly sealed: Readonly<Record<string, unknown>>;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

export class Stage implements Disposable {
  readonly base: string;
  readonly home: string;
  readonly state: string;
  readonly work: string;
  readonly #program: string;
  readonly #children: ChildProcess[] = [];
  #runs = 0;

  constructor({ workspace = "work", files = {}, git = false, program = postern }: Staging = {}) {
    this.#program = program;
    this.base = mkdtempSync(join(tmpdir(), "postern-journey-"));
    this.home = join(this.base, "home");
    this.state = join(this.base, "state");
    this.work = join(this.base, workspace);
    for (const path of [this.home, this.state, this.work]) mkdirSync(path, { mode: 0o700 });
    for (const [path, text] of Object.entries(files)) this.write(join(this.work, path), text);
    if (git)
      for (const words of [
        ["init", "-q"],
        ["add", "-A"],
        ["commit", "-qm", "first"],
      ])
        this.#git(words);
  }

  /** Absolute path, or one from the stage's own directory. */
  write(path: string, text: string): string {
    const file = path.startsWith("/") ? path : join(this.base, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Everything becomes another user's. */
  give(uid: number): void {
    chownSync(this.base, uid, uid);
    for (const path of readdirSync(this.base, { recursive: true, encoding: "utf8" }))
      lchownSync(join(this.base, path), uid, uid);
  }

  start(command: readonly string[], running: Running = {}): Started {
    this.#runs += 1;
    const summary = join(this.base, `summary-${this.#runs}.json`);
    const child = this.#spawn(["run", ...this.#flags(running), "--summary", summary, "--", ...command], running);
    return { child, ended: ended(child, summary) };
  }

  run(command: readonly string[], running: Running = {}): Promise<Ran> {
    return this.start(command, running).ended;
  }

  /** Any other command of ours. */
  call(words: readonly string[], running: Running = {}): Promise<Ran> {
    return ended(this.#spawn(words, running), undefined);
  }

  /** The same, while it runs. */
  begin(words: readonly string[], running: Running = {}): Started {
    const child = this.#spawn(words, running);
    return { child, ended: ended(child, undefined) };
  }

  async log(running: Running = {}): Promise<readonly Logged[]> {
    const { code, output, errors } = await this.call(["log", "--json"], running);
    if (code !== 0) throw new Error(errors);
    return output
      .trim()
      .split("\n")
      .map((line) => {
        const logged = JSON.parse(line) as Logged;
        return { ...logged, sealed: logged.sealed ?? {} };
      });
  }

  #flags({ policy, flags = [] }: Running): readonly string[] {
    const file = join(this.base, `policy-${this.#runs}.yaml`);
    const files = { write: ["."], read: [process.execPath] };
    writeFileSync(file, JSON.stringify({ version: 1, mode: "enforce", files, ...policy }), { mode: 0o644 });
    return ["--policy", file, ...flags];
  }

  #spawn(words: readonly string[], running: Running): ChildProcess {
    const { before = [], environment = {}, input, at = this.work, patience = longest } = running;
    const variables = {
      HOME: this.home,
      PATH: "/usr/local/bin:/usr/bin:/bin",
      POSTERN_HOME: this.state,
      ...environment,
    };
    const clean = ["env", "-i", ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)];
    const there = ["sh", "-c", 'cd "$0" && exec "$@"', at];
    const [program, ...rest] = [...before, ...clean, ...there, this.#program, ...words];
    const child = spawn(program ?? "env", rest, { cwd: "/", stdio: [input ?? "ignore", "pipe", "pipe"] });
    this.#children.push(child);
    // a test that ran out of time waits for its children all the same
    const late = setTimeout(() => child.kill("SIGKILL"), patience).unref();
    child.on("close", () => clearTimeout(late));
    return child;
  }

  #git(words: readonly string[]): void {
    const who = ["-c", "user.name=stage", "-c", "user.email=stage@example.org", "-c", "init.defaultBranch=main"];
    execFileSync("git", ["-C", this.work, ...who, ...words], { env: { PATH: process.env["PATH"], HOME: this.home } });
  }

  [Symbol.dispose](): void {
    // what a failed test leaves behind
    for (const child of this.#children) if (child.exitCode === null) child.kill("SIGKILL");
    // an editor that has been ended may be writing its last
    rmSync(this.base, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function ended(child: ChildProcess, summary: string | undefined): Promise<Ran> {
  const said = { output: "", errors: "" };
  child.stdout?.on("data", (chunk: Buffer) => (said.output += chunk.toString("latin1")));
  child.stderr?.on("data", (chunk: Buffer) => (said.errors += chunk.toString("latin1")));
  const { promise, resolve } = Promise.withResolvers<number>();
  child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  const code = await promise;
  const written = summary !== undefined && existsSync(summary);
  return { code, ...said, summary: written ? (JSON.parse(readFileSync(summary, "utf8")) as Summary) : undefined };
}
