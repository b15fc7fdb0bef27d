// Every command with its flags and its help: the contract of ARCHITECTURE §4 as far as it is built. Commands are loaded
// only when typed, so that starting a tool does not wait for the others.

import { Command, CommanderError, Help, Option } from "commander";
import type { Ground } from "../boundary/contract.ts";
import { answer } from "./answer.ts";
import { defineOthers } from "./others.ts";
import { complain, mindListeners } from "./speech.ts";

/** Does what was typed and leaves the answer as the exit code. `ground`: broken already, where a tool is to run. */
export async function follow(words: readonly string[], ground: Ground | undefined): Promise<void> {
  // `run` speaks with env(1)'s codes, where 125 is ours; every other command says 1 for no and 2 for wrong usage
  const codes = words[2] === "run" ? { no: 125, usage: 125 } : { no: 1, usage: 2 };
  mindListeners();
  try {
    await openProgram(words, ground).parseAsync(words);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : codes.usage;
    else {
      complain(error);
      process.exitCode = codes.no;
    }
  }
}

/** Without words: every command. */
export function openProgram(words: readonly string[] = [], ground?: Ground): Command {
  const program = new Command("postern")
    .description("the boundary for AI coding tools: reach is declared, use is decided, what left is on the record")
    .version("0.1.0", "--version", "print the version")
    .helpOption("-h, --help", "show this help")
    .enablePositionalOptions()
    .configureHelp({ optionDescription: describeOption })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "postern: ")) })
    .exitOverride();
  defineRun(program, ground);
  if (words[2] !== "run") defineOthers(program);
  hintAt(program, "postern");
  program.addHelpText(
    "after",
    `
First steps:
  postern doctor                 can a boundary be built here
  postern demo                   a published agent at work inside, offline
  postern run -- pi              your own tool, in this directory
  postern setup                  from now on: just type pi
  postern log                    what it did`,
  );
  return program;
}

/** A switch is off where it is not given: nobody needs to be told. */
function describeOption(option: Option): string {
  return option.defaultValue === false ? option.description : new Help().optionDescription(option);
}

/** Wrong usage is answered with where the right one stands. */
function hintAt(command: Command, name: string): void {
  command.showHelpAfterError(`postern: hint: ${name} --help`);
  for (const each of command.commands) hintAt(each, `${name} ${each.name()}`);
}

function defineRun(program: Command, ground: Ground | undefined): void {
  program
    .command("run")
    .description("run a tool inside the boundary, in this checkout")
    .usage("[options] [--] CMD [ARG…]")
    .argument("<command...>", "the tool and its arguments")
    .option("--policy <file>", "use this policy instead of your own; the organisation's still holds")
    .addOption(
      new Option("--mode <mode>", "audit: record and pass on; enforce: refuse what no rule allows").choices([
        "audit",
        "enforce",
      ]),
    )
    .addOption(
      new Option("--edits <how>", "live: the checkout itself, undoable; staged: a private copy").choices([
        "live",
        "staged",
      ]),
    )
    .option("--outer <name>", "in a container that the policy names under `outer`, instead of a boundary of ours")
    .option("--headless", "nobody is there to be asked", false)
    .option("--summary <file>", "write the session's summary as JSON")
    .passThroughOptions()
    .addHelpText(
      "after",
      `
Without a policy a recognised tool reaches its provider and nothing else, an
unknown command only this directory.

  postern run -- pi -p "fix the failing test"
  postern run --mode audit -- npm test      then: postern policy learn --help
  postern run --headless --summary out.json -- claude -p "$PROMPT"

Exit code: the tool's own; 126, 127 as in env(1); 125 nothing ran (no boundary,
bad policy); 124 ended by postern; 123 headless, and something would have had to
be asked; 122 refused before start.`,
    )
    .action(answer(async () => (await import("./command/run.ts")).runOn(ground)));
}
