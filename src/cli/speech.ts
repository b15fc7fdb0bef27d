// The program's voice. What failed: `postern: <what>`, then `postern: hint: <what to do>`; lower case, no full stop, to
// standard error. Results go to standard output. Colours only on a terminal, never with NO_COLOR.

import { Fault } from "../domain/fault.ts";
import { showWhole } from "./table.ts";

const colour = (stream: NodeJS.WriteStream) => stream.isTTY === true && !process.env["NO_COLOR"];

/**
 * Nobody listening any more (`| head`) is no failure of ours, and never the end of a session; a result that could not be
 * written (a full disk) is a no.
 */
export function mindListeners(): void {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", ({ code = "unknown" }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    warn(`standard output cannot be written (${code})`, "see that its disk is not full");
    process.on("exit", (said) => {
      if (said === 0) process.exitCode = 1;
    });
  });
}

/** False where standard output leads nowhere any more. */
export function isHeard(): boolean {
  return process.stdout.writable;
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Endless where standard output is no terminal. */
export function columnsOfOutput(): number {
  return process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function warn(what: string, hint?: string): void {
  say(`postern: ${what}`);
  if (hint !== undefined) say(`postern: hint: ${hint}`);
}

/** Lines of ours with foreign text in them → the same, with nothing that steers a terminal. */
export function spellLines(text: string): string {
  return text.split("\n").map(showWhole).join("\n");
}

/** Says a fault of ours; anything else is a bug and is shown whole. Either may name a file as a tool called it. */
export function complain(error: unknown): void {
  if (error instanceof Fault) {
    warn(showWhole(error.message), error.hint === undefined ? undefined : showWhole(error.hint));
    return;
  }
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const detail = spellLines(told);
  warn(`this is a defect in postern: ${detail}`, "please report it; nothing was left running");
}

export const paint = {
  dim: (text: string, stream: NodeJS.WriteStream = process.stdout) =>
    colour(stream) ? `\u001b[2m${text}\u001b[22m` : text,
  bold: (text: string, stream: NodeJS.WriteStream = process.stdout) =>
    colour(stream) ? `\u001b[1m${text}\u001b[22m` : text,
  green: (text: string, stream: NodeJS.WriteStream = process.stdout) =>
    colour(stream) ? `\u001b[32m${text}\u001b[39m` : text,
  cyan: (text: string, stream: NodeJS.WriteStream = process.stdout) =>
    colour(stream) ? `\u001b[36m${text}\u001b[39m` : text,
  red: (text: string, stream: NodeJS.WriteStream = process.stdout) =>
    colour(stream) ? `\u001b[31m${text}\u001b[39m` : text,
};
