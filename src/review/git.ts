// Runs one git process, plumbing only, in an environment of our own: no configuration but what is said here, no hook, no
// pager, no prompt, nothing inherited. Enters: arguments that are ours and paths on standard input (`-z`), never paths as
// arguments. Refuses to wait longer, or to keep more of an answer, than the bounds.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Fault } from "../domain/fault.ts";
import { limits } from "./limits.ts";

export type ReviewFault = Fault<
  | "no-git"
  | "git"
  | "git-slow"
  | "git-answer"
  | "store"
  | "locked"
  | "workspace"
  | "record"
  | "quarantine"
  | "copy"
  | "landing"
  | "veil"
>;

export interface GitPlace {
  /** The git directory in the state directory; never the workspace's own. */
  readonly store: string;
  /** Working tree, and the process's directory. */
  readonly workTree: string;
  /** Undefined: the store's. */
  readonly index?: string;
  /** Where objects are read and written; undefined: the store's. */
  readonly objects?: Objects;
}

export interface Objects {
  readonly directory: string;
  /** Only read. */
  readonly borrowed: readonly string[];
}

export interface GitCall {
  readonly place: GitPlace;
  readonly arguments: readonly string[];
  readonly input?: string | Buffer;
  /** Settings for this call alone: `key=value`. */
  readonly settings?: readonly string[];
  /** Of the process; undefined: ours. */
  readonly umask?: number;
}

const settings = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.untrackedCache=false",
  "core.splitIndex=false",
  "core.fileMode=true",
  "core.symlinks=true",
  "core.ignoreCase=false",
  "core.precomposeUnicode=false",
  "core.protectNTFS=false",
  "core.protectHFS=false",
  "core.autocrlf=false",
  "core.safecrlf=false",
  "core.sparseCheckout=false",
  "core.quotePath=false",
  "core.compression=1",
  "core.fsync=pack,pack-metadata",
  "index.threads=true",
  "gc.auto=0",
  "safe.directory=*",
  "protocol.allow=never",
];

/** The whole environment of a git process. */
export function gitEnvironment(place: GitPlace): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_DIR: place.store,
    GIT_WORK_TREE: place.workTree,
    ...(place.index === undefined ? {} : { GIT_INDEX_FILE: place.index }),
    ...(place.objects === undefined ? {} : objectEnvironment(place.objects)),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_LITERAL_PATHSPECS: "1",
  };
}

/** Each place in quotes, for a colon parts them (git(1), GIT_ALTERNATE_OBJECT_DIRECTORIES). */
function objectEnvironment({ directory, borrowed }: Objects): Record<string, string> {
  const quoted = borrowed.map((each) => `"${each.replace(/["\\]/g, "\\$&")}"`);
  return { GIT_OBJECT_DIRECTORY: directory, GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted.join(":") };
}

/** The arguments that come before the command. */
export function gitSettings(more: readonly string[] = []): readonly string[] {
  return ["--no-pager", ...[...settings, ...more].flatMap((each) => ["-c", each])];
}

/** Standard output of a process that ended well; a Fault otherwise. */
export function runGit(call: GitCall): Promise<Buffer | ReviewFault> {
  const child = start(call);
  const output: Buffer[] = [];
  let complaint = "";
  let kept = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    kept += chunk.length;
    if (kept > limits.answerBytes) child.kill("SIGKILL");
    else output.push(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    if (complaint.length < 2000) complaint += chunk.toString();
  });
  // a child that ends early closes its input; its exit tells why
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(call.input);
  return new Promise((settle) => {
    child.on("error", (cause) => settle(missing(cause)));
    child.on("close", (code, signal) => {
      settle(code === 0 ? Buffer.concat(output) : failed(call, { code, signal, complaint, kept }));
    });
  });
}

/** A process has the mask its parent had when it was started; nothing of ours is made in between. */
function start(call: GitCall): ChildProcessWithoutNullStreams {
  const own = call.umask === undefined ? undefined : process.umask(call.umask);
  try {
    return spawn("git", [...gitSettings(call.settings), ...call.arguments], {
      cwd: call.place.workTree,
      env: gitEnvironment(call.place),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: limits.gitMilliseconds,
      killSignal: "SIGKILL",
    });
  } finally {
    if (own !== undefined) process.umask(own);
  }
}

function missing(cause: Error): ReviewFault {
  const hint = "install git 2.30 or later";
  return new Fault({ code: "no-git", message: "git cannot be started", hint, cause });
}

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly complaint: string;
  readonly kept: number;
}

function failed(call: GitCall, ending: Ending): ReviewFault {
  const name = call.arguments[0] ?? "";
  if (ending.kept > limits.answerBytes) {
    return new Fault({ code: "git-answer", message: `git ${name} answered with more than can be kept` });
  }
  if (ending.signal === "SIGKILL") {
    return new Fault({ code: "git-slow", message: `git ${name} took longer than ${limits.gitMilliseconds / 1000} s` });
  }
  const said = ending.complaint.trim().split("\n").at(-1) ?? "";
  const message = `git ${name} failed (${ending.code ?? ending.signal}): ${said}`;
  // of the disk git speaks only in words
  if (!/no space left|out of diskspace|read-only file system|permission denied|quota/i.test(ending.complaint))
    return new Fault({ code: "git", message });
  return new Fault({ code: "git", message, hint: "see that the state directory is writable and its disk not full" });
}

/** Output of `-z` → its paths; those that are not UTF-8 apart, because they could not be named again. */
export function splitPaths(output: Buffer): { readonly paths: string[]; readonly undecodable: string[] } {
  const all = output.toString().split("\0");
  all.pop();
  return {
    paths: all.filter((path) => !path.includes("\ufffd")),
    undecodable: all.filter((path) => path.includes("\ufffd")),
  };
}
