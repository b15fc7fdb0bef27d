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

/** What is no part of the boundary on a machine that does not give it: the grade is `partial` then. */
export type Missing =
  /** No program that begins and no attempt at a held file is told; `commands` is not enforced. The walls stand. */
  "watch";

/** For a person; empty where the boundary is whole. */
export function sayMissing(missing: readonly Missing[]): string {
  return missing.map(() => "the watch over commands").join(", ");
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
