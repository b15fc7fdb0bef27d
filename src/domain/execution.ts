// One program about to begin inside, as the walls tell it. Everything in it is attacker-controlled, and the tool's other
// threads may change it between our look and the kernel's: telemetry and friction, never a wall.

import type { Digest } from "./brand.ts";

export interface ExecutedFile {
  /** As seen inside, links followed; as the tool named it where they could not be. */
  readonly executable: string;
  /** Of the file's content; undefined where it could not be read. */
  readonly sha256: Digest | undefined;
}

export interface Interpreter extends ExecutedFile {
  /** The path the script gives, where links lead from it to another. */
  readonly named?: string;
}

export interface Execution extends ExecutedFile {
  /** As seen inside, like the parent's. */
  readonly pid: number;
  readonly parent: { readonly pid: number; readonly executable: string } | undefined;
  /** The path the tool gave. */
  readonly named: string;
  /** A script's interpreters, outermost first: the kernel starts them by itself. */
  readonly interpreters: readonly Interpreter[];
  readonly arguments: readonly string[];
  /** False where names or arguments were cut or are not UTF-8: what is here then does not tell all. */
  readonly whole: boolean;
  /** Working directory; empty where it has no name. */
  readonly directory: string;
  /** Nobody could tell which file its path, or a script's interpreter's, leads to: no rule tells by its name what it is. */
  readonly lost?: true;
}

/** First words of a command: a program's name or absolute path, then arguments. */
export type CommandPrefix = readonly string[];

type Named = Pick<Execution, "executable" | "named" | "arguments"> & Partial<Pick<Execution, "interpreters">>;

/**
 * The first word is compared with every name the program goes by: the path as given, the file it leads to, the name it is
 * told it has. With a slash it is the whole path, else the last part. The others are compared in their places, exactly.
 * A script's interpreters begin too, with the script's path for their first word (what stands behind the interpreter in
 * the script's first line is not known here).
 */
export function beginsWith(prefix: CommandPrefix, command: Named): boolean {
  const { executable, named, arguments: words, interpreters = [] } = command;
  const [program = "", ...rest] = prefix;
  const isCalled = (names: readonly string[]): boolean =>
    program.includes("/") ? names.includes(program) : names.some((name) => baseOf(name) === program);
  const follows = (given: readonly string[]): boolean => rest.every((word, index) => given[index] === word);
  const behind = words.slice(1);
  if (isCalled([named, executable, words[0] ?? ""]) && follows(behind)) return true;
  const theirs = interpreters.flatMap((each) => [each.executable, ...(each.named === undefined ? [] : [each.named])]);
  return isCalled(theirs) && follows([named, ...behind]);
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
