// The program's own definition → what a shell needs to complete it. Nothing is listed by hand, so nothing can be forgotten.

import type { Argument, Command, Option } from "commander";

/** What may stand in a place: some words, a file, or anything. */
export type Place =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" }
  | { readonly kind: "any" };

export interface Flag {
  /** `--mode`, then `-m` where there is one. */
  readonly names: readonly string[];
  readonly description: string;
  /** Undefined for a switch. */
  readonly value: Place | undefined;
}

export interface Outline {
  /** `policy check`; empty for the program itself. */
  readonly path: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  readonly arguments: readonly (Place & { readonly many: boolean })[];
  /** Its arguments are another program's command line. */
  readonly runs: boolean;
  readonly commands: readonly Outline[];
}

export function outline(command: Command, path: readonly string[] = []): Outline {
  const help = command.createHelp();
  return {
    path: path.join(" "),
    description: command.description(),
    flags: help.visibleOptions(command).map(flagOf),
    arguments: command.registeredArguments.map(placeOf),
    runs: command.registeredArguments.some((argument) => argument.name() === "command" && argument.variadic),
    commands: help
      .visibleCommands(command)
      .filter((each) => each.name() !== "help")
      .map((each) => outline(each, [...path, each.name()])),
  };
}

/** Itself and everything below. */
export function everyOutline(top: Outline): readonly Outline[] {
  return [top, ...top.commands.flatMap(everyOutline)];
}

function flagOf(option: Option): Flag {
  const names = [option.long, option.short].filter((name) => typeof name === "string");
  const value = option.required || option.optional ? placeIn(option.argChoices, metavar(option.flags)) : undefined;
  return { names, description: option.description, value };
}

function metavar(flags: string): string {
  return /[<[]([\w-]+)/.exec(flags)?.[1] ?? "";
}

function placeOf(argument: Argument): Place & { readonly many: boolean } {
  return { ...placeIn(argument.argChoices, argument.name()), many: argument.variadic };
}

const files = new Set(["file", "path", "what"]);

function placeIn(choices: readonly string[] | undefined, name: string): Place {
  if (choices !== undefined) return { kind: "words", words: choices };
  return files.has(name) ? { kind: "file" } : { kind: "any" };
}
