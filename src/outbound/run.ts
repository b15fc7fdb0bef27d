// Runs a command of the person's own choosing (a credential helper) apart from the boundary. Enters: a command from the
// user's or organisation's policy, never a repository's; leaves: its output, bounded in time and bytes. No shell.

import { startTethered } from "./tether.ts";

interface RunBounds {
  readonly environment: Readonly<Record<string, string>>;
  readonly milliseconds: number;
  /** Of output; one byte more and the command is ended. */
  readonly bytes: number;
}

type Ran =
  | { readonly kind: "ended"; readonly code: number; readonly output: Buffer; readonly complaint: string }
  /** Not started, ended by a signal, or by a bound. */
  | { readonly kind: "failed"; readonly why: string; readonly complaint: string };

export type Run = (command: readonly string[], bounds: RunBounds) => Promise<Ran>;

/**
 * Everything the command started ends with it at a bound, and with us. Apart from the checkout: interpreters load what lies where
 * they are started (`python3 -m keyring`), and a tool could have written it.
 */
export const runCommand: Run = async (words, bounds) => {
  if (words[0] === undefined || words[0] === "") return { kind: "failed", why: "is empty", complaint: "" };
  const command = startTethered(words, { directory: "/", environment: bounds.environment });
  command.input.end();
  const output: Buffer[] = [];
  let kept = 0;
  let complaint = "";
  let why: string | undefined;
  const end = (reason: string): void => {
    why ??= reason;
    command.kill();
  };
  const deadline = setTimeout(() => end(`took longer than ${bounds.milliseconds / 1000} s`), bounds.milliseconds);
  command.output.on("data", (chunk: Buffer) => {
    kept += chunk.length;
    if (kept > bounds.bytes) end(`gave more than ${bounds.bytes} bytes`);
    else output.push(chunk);
  });
  command.complaint.on("data", (chunk: Buffer) => {
    if (complaint.length < 4096) complaint += chunk.toString();
  });
  const ended = await command.ended;
  clearTimeout(deadline);
  if (ended.kind === "absent") return { kind: "failed", why: "cannot be started", complaint: "" };
  const said = printable(complaint);
  if (ended.kind === "signal") why ??= `was ended by ${ended.signal}`;
  if (why !== undefined || ended.kind !== "ended") return { kind: "failed", why: why ?? "", complaint: said };
  return { kind: "ended", code: ended.code, output: Buffer.concat(output), complaint: said };
};

/** The command's own words go to a terminal: no control characters. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}
