// What the scripts say that `postern setup` writes: a shim for each tool, a wrapper for programs that start a tool by its
// path, and `postern` itself. Plain sh, nothing looked up by name; where Postern is gone they say so and start nothing.

import { quote } from "../quote.ts";
import type { OwnCommand } from "./own-command.ts";

export interface Origin {
  readonly own: OwnCommand;
  /** The directory of the shims. */
  readonly directory: string;
}

/** `command` is what is typed: a plain word, that needs no quotes anywhere. */
export function shimText(command: string, origin: Origin): string {
  return script([
    `# Typing ${command} leads here, so that it runs inside the boundary.`,
    ...guardLoop(command),
    ...guardGone(command, origin),
    `exec ${start(origin)} run -- ${command} "$@"`,
  ]);
}

/** Its first argument is the tool's own file, the rest are the tool's. */
export function wrapperText(origin: Origin): string {
  return script([
    "# For programs that start a tool by its path, such as an editor's extension: runs what it is given inside the boundary.",
    ...guardGone('"$1"', origin),
    `exec ${start(origin)} run -- "$@"`,
  ]);
}

/** So that `postern` can be typed where it is on nobody's PATH. */
export function launcherText(origin: Origin): string {
  return script([...guardGone("postern", origin), `exec ${start(origin)} "$@"`]);
}

function script(lines: readonly string[]): string {
  return ["#!/bin/sh", "# Written by: postern setup. Removed by: postern setup --undo.", ...lines, ""].join("\n");
}

function start({ own }: Origin): string {
  return own.words.map(quote).join(" ");
}

/** A credential's command may name this file outright: it would start Postern, which would start it again. */
function guardLoop(command: string): string[] {
  return [
    'if [ -n "$POSTERN_STARTED" ]; then',
    `  echo "postern: ${command} is to be started by Postern, and starts Postern itself" >&2`,
    `  echo "postern: hint: in the policy's credential, name the tool's own file" >&2`,
    "  exit 125",
    "fi",
  ];
}

function guardGone(what: string, { own, directory }: Origin): string[] {
  const there = own.needs.map((file) => `[ -r ${quote(file)} ]`).join(" && ");
  return [
    `if ! { ${there}; }; then`,
    `  printf 'postern: %s was not started: Postern is no longer in %s\\n' ${what} ${quote(own.needs.at(-1) ?? "")} >&2`,
    `  printf 'postern: hint: install it again, then: postern setup; or do without it: rm -r %s\\n' ${quote(quote(directory))} >&2`,
    "  exit 125",
    "fi",
  ];
}
