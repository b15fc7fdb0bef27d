// Runs a command of the person's own choosing (a credential helper) apart from the boundary. Enters: a command from the
// user's or organisation's policy, never a repository's; leaves: its output, bounded in time and bytes. No shell.

import { spawn } from "node:child_process";

interface RunBounds {
  readonly environment: Readonly<Record<string, string>>;
  readonly milliseconds: number;
  /** Of output; one byte more and the command is ended. */
  readonly bytes: number;
}

type Ran =
  | { readonly kind: "ended"; readonly code: number; readonly output: string; readonly complaint: string }
  /** Not started, ended by a signal, or by a bound. */
  | { readonly kind: "failed"; readonly why: string; readonly complaint: string };

export type Run = (command: readonly string[], bounds: RunBounds) => Promise<Ran>;

/** Everything the command started ends with it: it leads a process group of its own. */
export const runCommand: Run = ([program = "", ...rest], bounds) =>
  new Promise((settle) => {
    if (program === "") return settle({ kind: "failed", why: "is empty", complaint: "" });
    const child = spawn(program, rest, {
      env: { ...bounds.environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const output: Buffer[] = [];
    let kept = 0;
    let complaint = "";
    let why: string | undefined;
    const end = (reason: string): void => {
      why ??= reason;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // gone already
      }
    };
    const deadline = setTimeout(() => end(`took longer than ${bounds.milliseconds / 1000} s`), bounds.milliseconds);
    child.stdout.on("data", (chunk: Buffer) => {
      kept += chunk.length;
      if (kept > bounds.bytes) end(`gave more than ${bounds.bytes} bytes`);
      else output.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (complaint.length < 4096) complaint += chunk.toString();
    });
    child.on("error", () => {
      clearTimeout(deadline);
      settle({ kind: "failed", why: "cannot be started", complaint: "" });
    });
    child.on("close", (code, signal) => {
      clearTimeout(deadline);
      const said = printable(complaint);
      if (why !== undefined || code === null)
        settle({ kind: "failed", why: why ?? `was ended by ${signal}`, complaint: said });
      else settle({ kind: "ended", code, output: Buffer.concat(output).toString(), complaint: said });
    });
  });

/** The command's own words go to a terminal: no control characters. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}
