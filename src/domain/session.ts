// The words of one run: who answers for it, which tool it is, under what it runs.

import type { Digest, SessionId } from "./brand.ts";

export type Mode = "enforce" | "audit";
export type Edits = "live" | "staged";
/** Strength of a boundary, strongest first; never added together. */
export type Grade = "full" | "outer" | "partial" | "record-only";

/** What the tool has to do without where a machine does not offer it. Never a wall, so never a matter of grade; always said. */
export type Lack =
  /** Processes under /proc: `ps`, `/proc/self`, `/dev/stdin`, `/dev/fd`. */
  | "proc"
  /** Servers of its own on ports below 1024. */
  | "low-ports"
  /** A bound on the memory of everything inside together (for root, on processes too). The tool has more, and the person less. */
  | "memory-bound";

/** What is no part of the boundary where it is not `full`: at `partial` the watch alone. */
export type Missing = "watch" | "network" | "capture" | "files" | "seccomp" | "processes" | "attribution";

/** For a person: what it is that is missing, and what that leaves open. */
export const explained: Readonly<Record<Missing, { readonly what: string; readonly leaves: string }>> = {
  watch: {
    what: "the watch over commands",
    leaves: "no program that begins and no attempt at a held file is told, and `commands` is not enforced",
  },
  network: {
    what: "a network of its own",
    leaves: "what ignores the proxy it is told of is neither stopped nor recorded",
  },
  capture: {
    what: "the capture of every attempt",
    leaves: "what does not ask the proxy goes nowhere, and no entry tells of it",
  },
  files: {
    what: "a file view of ours",
    leaves:
      "what is shown is not ours to say: what the container shows at `outer`, all that the person can read and write, keys and Postern's own state among it, at `record-only`; no control file is held",
  },
  seccomp: {
    what: "a seccomp program of ours",
    leaves: "what may be asked of the kernel is what the container, or the person, may ask",
  },
  processes: {
    what: "a process namespace of its own",
    leaves: "it sees and can end what else runs where it does, and what leaves its process group outlives the session",
  },
  attribution: { what: "attribution", leaves: "no entry says which process asked" },
};

/** For a person; empty where the boundary is whole. */
export function sayMissing(missing: readonly Missing[]): string {
  return missing.map((word) => explained[word].what).join(", ");
}

/** For a person. The weakest is never called a boundary. */
export function sayGrade(grade: Grade): string {
  return grade === "record-only" ? "record-only: not a boundary" : `boundary ${grade}`;
}

const lackWords: Readonly<Record<Lack, string>> = {
  proc: "/proc",
  "low-ports": "low ports",
  "memory-bound": "a bound on memory",
};

/** What the tool itself has to do without: the person is told of it with every run. */
export const toolLacks = (lacks: readonly Lack[]): readonly Lack[] => lacks.filter((lack) => lack !== "memory-bound");

/** For a person; empty where nothing is missing. */
export function sayLacks(lacks: readonly Lack[]): string {
  return lacks.map((lack) => lackWords[lack]).join(", ");
}

/** Who is answerable: the person (or CI job) on whose authority the tool runs. */
export interface Principal {
  readonly name: string;
  readonly uid: number;
  /** The machine's name. */
  readonly host: string;
}

/** One version, one digest of a third-party agent program. */
export interface Tool {
  /** The profile's name where the command was recognised, else the command's base name. */
  readonly name: string;
  readonly recognised: boolean;
  readonly version: string | undefined;
  /** The file that is executed, symbolic links resolved. */
  readonly path: string;
  /** SHA-256 of that file. */
  readonly sha256: Digest;
}

export interface Session {
  readonly id: SessionId;
  readonly principal: Principal;
  readonly tool: Tool;
  readonly mode: Mode;
  readonly edits: Edits;
  readonly grade: Grade;
  readonly headless: boolean;
  /** The checkout's absolute path. */
  readonly workspace: string;
  /** Digest of the policy in force. */
  readonly policy: Digest;
  /** Digest of our own build. */
  readonly build: Digest;
}
