// What a proof stands on: a checkout of its own with a file of every kind that is guarded, canaries around it, and a program
// of the machine outside. The person's own checkout is not touched, and nothing stays. Enters: where the person works and
// the policy in force. Every canary holds a random word that is told to nobody inside.

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault } from "../domain/fault.ts";
import type { Policy } from "../policy/policy.ts";
import { findPackages } from "../session/own-program.ts";
import { sampleOf } from "./sample.ts";

export interface Canary {
  /** Absolute. */
  readonly path: string;
  readonly word: string;
}

/** Its word is a value, in a form that its name promises. */
export interface Sample extends Canary {
  readonly glob: string;
}

export interface Scratch extends Disposable {
  /** Random; in every attempt. */
  readonly mark: string;
  /** Holds all but the canaries elsewhere. */
  readonly base: string;
  /** In the checkout's place. */
  readonly work: string;
  /** Readable by every right: shows that what is read is seen. */
  readonly control: Canary;
  readonly beside: Canary;
  /** Undefined where the home cannot be written. */
  readonly home: Canary | undefined;
  readonly state: Canary;
  /** In the checkout, from its root, by what the policy says of them. */
  readonly hidden: readonly Sample[];
  readonly masked: readonly Sample[];
  /** In the arguments of a program outside, whose number is `pid`. */
  readonly stranger: { readonly word: string; readonly pid: number; readonly lives: () => boolean };
}

/** Control files that are there before anything runs, from the checkout's root. */
export const existing = [".git/config", ".git/hooks/pre-commit", "CLAUDE.md", ".github/workflows/ci.yml", ".envrc"];
/** Those that come. */
export const fresh = [".vscode/tasks.json", ".mcp.json", ".git/hooks/post-checkout"];

export const files: Readonly<Record<string, string>> = {
  ".git/HEAD": "ref: refs/heads/main\n",
  ".git/config": "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n",
  ".git/hooks/pre-commit": "#!/bin/sh\nexit 0\n",
  "CLAUDE.md": "instructions\n",
  ".github/workflows/ci.yml": "on: push\n",
  ".envrc": "export A=1\n",
  ".gitignore": "node_modules\n",
  "plain.txt": "a file\n",
};

export interface Grounds {
  readonly home: string;
  /** The state directory. */
  readonly state: string;
  /** Where the person works. */
  readonly checkout: string;
  readonly policy: Policy;
  /** In which it is made; the temporary directory where left out. */
  readonly among?: string | undefined;
}

export function openScratch({ home, state, checkout, policy, among }: Grounds): Scratch {
  const mark = `p${randomBytes(10).toString("hex")}`;
  using undo = new DisposableStack();
  const make = (place: string): string => {
    const made = realpathSync(mkdtempSync(join(place, "postern-proof-")));
    undo.defer(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };
  const base = make(among ?? tmpdir());
  // in a directory that is shared with the inside nothing is beside the checkout
  const apart = among === undefined ? base : make(tmpdir());
  const work = join(base, "work");
  for (const [path, text] of Object.entries(files))
    put(join(work, path), text, path.includes("/hooks/") ? 0o755 : 0o644);
  for (const path of [".git/objects", ".git/refs/heads", "bin"]) mkdirSync(join(work, path), { recursive: true });
  for (const path of policy.files.write.filter((each) => each.startsWith(`${checkout}/`)))
    mkdirSync(join(work, path.slice(checkout.length + 1)), { recursive: true });
  layProgram(work);
  for (const { prefix } of [...policy.commands.deny, ...policy.commands.ask])
    put(join(work, "bin", basename(prefix[0] ?? "")), standIn(join(work, "bin")), 0o755);
  const samples = (globs: readonly string[]): readonly Sample[] =>
    globs.map((glob) => ({ glob, ...canary(join(work, sampleOf(glob))) }));
  const stranger = startStranger();
  undo.defer(() => stranger.child.kill("SIGKILL"));
  const kept = canary(join(state, `proof-${mark}`));
  undo.defer(() => rmSync(kept.path, { force: true }));
  const own = canaryAtHome(home, undo);
  const scratch = {
    mark,
    base,
    work,
    control: canary(join(work, "control.txt")),
    beside: canary(join(apart, "beside/secret.txt")),
    home: own,
    state: kept,
    hidden: samples(policy.files.hide),
    masked: samples(policy.files.mask),
    stranger,
  };
  const whole = undo.move();
  return { ...scratch, [Symbol.dispose]: () => whole.dispose() };
}

/** In the stead of a program a rule names: it harms nobody, and leaves a file by its last word. */
const standIn = (directory: string): string => `#!/bin/sh\nfor last; do :; done\n: > '${directory}'/"$last"\n`;

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

function canary(path: string): Canary {
  const word = randomBytes(16).toString("hex");
  put(path, withWord(path, word));
  return { path, word };
}

function withWord(path: string, word: string): string {
  if (path.endsWith(".json")) return `{ "WORD": "${word}" }\n`;
  if (/\.ya?ml$/.test(path)) return `WORD: ${word}x\n`;
  return path.endsWith(".toml") ? `WORD = "${word}"\n` : `WORD=${word}\n`;
}

/** In a directory of its own, so that what is written beside it is seen. */
function canaryAtHome(home: string, undo: DisposableStack): Canary | undefined {
  try {
    const directory = mkdtempSync(join(home, ".postern-proof-"));
    undo.defer(() => rmSync(directory, { recursive: true, force: true }));
    return canary(join(directory, "secret.txt"));
  } catch {
    return undefined;
  }
}

function startStranger() {
  const word = randomBytes(16).toString("hex");
  const words = ["-e", "setTimeout(() => undefined, 300000)", word];
  const child: ChildProcess = spawn(process.execPath, words, { stdio: "ignore", env: {} });
  child.on("error", () => undefined);
  const lives = (): boolean => child.exitCode === null && child.signalCode === null;
  return { child, word, pid: child.pid ?? -1, lives };
}

const extension = import.meta.url.endsWith(".ts") ? "ts" : "cjs";
export const program = `trespasser.${extension}`;

/** Ours and koffi beside it: nothing has to be shown inside that the policy does not show. */
function layProgram(work: string): void {
  const lay = (source: string): void =>
    cpSync(fileURLToPath(new URL(source, import.meta.url)), join(work, basename(source)));
  lay(extension === "ts" ? "./trespasser.ts" : "./trespasser.cjs");
  if (extension === "ts") lay("./trespasser-calls.ts");
  if (extension === "ts") put(join(work, "package.json"), '{ "type": "module" }\n');
  const modules = findPackages(dirname(fileURLToPath(import.meta.url)));
  const hint = "install postern again, whole";
  if (modules === undefined)
    throw new Fault({ code: "proof", message: "koffi, one of our own parts, is not where it should be", hint });
  for (const name of ["koffi", "@koromix"])
    cpSync(join(modules, name), join(work, "node_modules", name), { recursive: true, dereference: true });
}
