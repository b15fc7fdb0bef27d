// What the watch tells the CLI's process, read back. It is our own code that tells, of things that are *attacker-controlled*.

import type { Attempt } from "../../../domain/attempt.ts";
import { type Digest, parseDigest } from "../../../domain/brand.ts";
import type { ExecutedFile, Execution, Interpreter } from "../../../domain/execution.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Throws where one is not what the watch sends: none may be lost. */
export function parseExecutions(value: unknown): readonly Execution[] {
  if (!Array.isArray(value)) throw malformed();
  return value.map((one: unknown) => parseExecution(record(one)));
}

function parseExecution(told: Fields): Execution {
  const parent = told["parent"] === undefined ? undefined : record(told["parent"]);
  const interpreters: unknown = told["interpreters"];
  if (!Array.isArray(interpreters)) throw malformed();
  return {
    ...parseFile(told),
    pid: number(told["pid"]),
    parent: parent && { pid: number(parent["pid"]), executable: text(parent["executable"]) },
    named: text(told["named"]),
    interpreters: interpreters.map((one: unknown) => parseInterpreter(record(one))),
    arguments: list(told["arguments"]),
    whole: told["whole"] === true,
    directory: text(told["directory"]),
    ...(told["lost"] === true ? { lost: true } : {}),
  };
}

/** Throws likewise. */
export function parseAttempt(value: unknown): Attempt {
  const told = record(value);
  return {
    call: text(told["call"]),
    path: text(told["path"]),
    pid: told["pid"] === undefined ? undefined : number(told["pid"]),
    executable: text(told["executable"]),
  };
}

function parseFile(told: Fields): ExecutedFile {
  const { sha256 } = told;
  return {
    executable: text(told["executable"]),
    sha256: typeof sha256 === "string" ? parseDigest(sha256) : undefined,
  };
}

function parseInterpreter(told: Fields): Interpreter {
  return { ...parseFile(told), ...(told["named"] === undefined ? {} : { named: text(told["named"]) }) };
}

/** Pairs that are none are left out: the digest is computed once more. */
export function parseRemembered(value: unknown): readonly (readonly [string, Digest])[] {
  const pairs: readonly unknown[] = Array.isArray(value) ? value : [];
  return pairs.flatMap((pair) => {
    const [key, text]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    const digest = typeof text === "string" ? parseDigest(text) : undefined;
    return typeof key === "string" && digest !== undefined ? [[key, digest] as const] : [];
  });
}

function record(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw malformed();
  return value as Fields;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw malformed();
  return value;
}

function number(value: unknown): number {
  if (typeof value !== "number") throw malformed();
  return value;
}

function list(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw malformed();
  return value.map(text);
}

const malformed = (): Error => new Error("the watch told what cannot be read");
