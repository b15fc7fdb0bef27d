// Every command but `run`, with its flags and its help.

import { Argument, type Command, Option } from "commander";
import { answer } from "./answer.ts";
import { examples } from "./examples.ts";

/** Nobody who runs a tool asks for one of these. */
export function defineOthers(program: Command): void {
  defineAround(program);
  defineReview(program);
  defineRunning(program);
  defineReach(program);
  definePolicy(program);
  defineRecord(program);
  defineCompletion(program);
  giveExamples(program, "postern");
}

function giveExamples(command: Command, name: string): void {
  if (examples[name] !== undefined) command.addHelpText("after", examples[name]);
  for (const each of command.commands) giveExamples(each, `${name} ${each.name()}`);
}

function defineAround(program: Command): void {
  program
    .command("setup")
    .description("typing a tool's name runs it inside: shows what it would write, asks, writes; undoable")
    .argument("[tool...]", "only these, known or your own; without, every known one that is here")
    .option(
      "--editor",
      "in the settings of VS Code and its kind, too: Claude Code's extension runs its agent inside",
      false,
    )
    .option("--undo", "take away what setup wrote, and nothing else", false)
    .option("--yes", "do not ask", false)
    .addOption(new Option("--shell <name>", "for this shell instead of yours").choices(["bash", "zsh", "fish"]))
    .option("--json", "one object a line; writes only with --yes", false)
    .action(answer(async () => (await import("./command/setup.ts")).setup));
  program
    .command("demo")
    .description("a published agent works on a small repository, offline, against a scripted vendor")
    .option("--keep", "keep the demo's directory for a look around", false)
    .action(answer(async () => (await import("./command/demo.ts")).demo));
  program
    .command("doctor")
    .description("can a boundary be built here; for each thing missing, the exact remedy")
    .option("--prove", "try to break the one your policy gives here; says rule by rule what stopped it", false)
    .option("--policy <file>", "with --prove or --outer: under this policy instead of your own")
    .option("--outer <name>", "of a container that the policy names under `outer`, instead of this machine")
    .option("--json", "one object a line", false)
    .addHelpText(
      "after",
      `
  postern doctor                     can a boundary be built here
  postern doctor --prove             and does it hold, under the policy in force
  postern doctor --prove --policy strict.yaml --json

Exit code with --prove: 0 everything held; 1 something did not, or a rule lets
through what it should not; 2 wrong usage; 125 no boundary, or a bad policy.`,
    )
    .action(answer(async () => (await import("./command/doctor.ts")).doctor));
}

function defineReview(program: Command): void {
  program
    .command("review")
    .description("what a session changed, by file and hunk; of a staged one, let it land")
    .argument("[session]", "a session (s-…); else the one of this checkout that waits, or the latest")
    .option("--accept <what...>", "all; or paths, branches, PATH#1,3-4 for some of its hunks")
    .option("--shown <digest>", "only if this is what was shown last")
    .option("--rest", "with conflicts, let the others land", false)
    .option("--discard", "throw the private copy away", false)
    .option("--json", "one object a line", false)
    .addHelpText(
      "after",
      `
Nothing of a staged session is in the checkout before it is accepted here.
Hooks, configuration and control files, and branches that hold them, are listed
apart: each lands only when it is named.

  postern review
  postern review s-7Q4M2X9K --accept all
  postern review s-7Q4M2X9K --accept src/total.ts 'src/parse.ts#1,3'`,
    )
    .action(answer(async () => (await import("./command/review.ts")).review));
  program
    .command("undo")
    .description("take back what a session changed in this checkout (the latest one, or the one named)")
    .argument("[what]", "a session (s-…), a path, or PATH#1,3-4 for some of its hunks")
    .option("--rest", "where some files changed since, take back the others", false)
    .option("--json", "one object a line", false)
    .addHelpText(
      "after",
      `
  postern undo                 the last session in this checkout
  postern undo src/pricing     only what lies there
  postern undo s-7Q4M2X9K      a session by its name: postern log tells it

What somebody changed since is never touched. Control files a session brought
are in quarantine; it says where at its end.`,
    )
    .action(answer(async () => (await import("./command/undo.ts")).undo));
}

/** What runs now, and what it asks. */
function defineRunning(program: Command): void {
  program
    .command("status")
    .description("what runs inside now: session, tool, checkout, grade, what was refused so far")
    .option("--json", "one object a line", false)
    .action(answer(async () => (await import("./command/status.ts")).status));
  program
    .command("disclosures")
    .description("which files and lines left, to whom, when")
    .argument("[path]", "a file or directory; without, the checkout you are in")
    .option("--session <session>", "of one session")
    .option("--lines", "each range of lines, when it left first and in how many requests", false)
    .option("--json", "one file and host a line", false)
    .action(answer(async () => (await import("./command/disclosures.ts")).disclosures));
  program
    .command("stop")
    .description("end a session at once, closed, with an entry of its end")
    .argument("[session]", "s-…; without, the only one that runs")
    .option("--all", "every session of yours on this machine", false)
    .action(answer(async () => (await import("./command/stop.ts")).stop));
  program
    .command("pending")
    .description("the commands that wait for your word")
    .option("--json", "one object a line", false)
    .action(answer(async () => (await import("./command/pending.ts")).pending));
  program
    .command("logins")
    .description("tools' own logins that are kept here; end one")
    .argument("[path]", "with --forget: in this checkout instead of the one you stand in")
    .option("--forget <tool>", "log this tool out: what is kept of its login is gone")
    .option("--all", "with --forget: in every checkout", false)
    .option("--json", "one object a line", false)
    .action(answer(async () => (await import("./command/logins.ts")).logins));
  for (const word of ["approve", "deny"] as const)
    program
      .command(word)
      .description(word === "approve" ? "let one command begin, once" : "refuse one command")
      .argument("<id>", "the question: postern pending lists them")
      .action(answer(async () => (await import("./command/answer.ts"))[word]));
}

function defineCompletion(program: Command): void {
  program
    .command("completion")
    .description("print what makes your shell complete postern's commands and flags")
    .addArgument(new Argument("<shell>", "your shell").choices(["bash", "zsh", "fish"]))
    .action(answer(async () => (await import("./command/completion.ts")).completionOf(program)));
}

function defineReach(program: Command): void {
  program
    .command("why")
    .description("which rule decides for a host, URL, path, command or entry, and the line that would change it")
    .argument("<what...>", "a host, a URL, a host with a path, a file, an entry's number; after --, a command")
    .option("--tool <name>", "under this tool's profile")
    .option("--policy <file>", "use this policy instead of your own")
    .option("--json", "one object a line", false)
    .addHelpText(
      "after",
      `
  postern why api.example.com
  postern why 'POST https://api.example.com/v1/things'
  postern why api.example.com/v1/things
  postern why --tool pi api.anthropic.com
  postern why ~/.aws
  postern why -- git push            a command
  postern why 4711                   an entry of that number in postern log`,
    )
    .action(answer(async () => (await import("./command/why.ts")).why));
  program
    .command("allow")
    .description("add a host to your own policy")
    .argument("<host>", "exact, or *.suffix; with a port, a path, as a URL: the narrower")
    .option("--why <reason>", "kept beside the grant")
    .option("--methods <list>", "comma-separated, such as GET,HEAD")
    .option("--paths <list>", "comma-separated globs, such as /v1/**")
    .option("--until <date>", "the last day it counts, such as 2027-01-31")
    .addHelpText(
      "after",
      `
  postern allow registry.example.org --methods GET,HEAD --why "the build"
  postern allow '*.example.org'      every name below it, not itself
  postern allow https://api.example.org/v1/things --until 2027-01-31

It counts for sessions that start from then on.`,
    )
    .action(answer(async () => (await import("./command/allow.ts")).allow));
  program
    .command("trust")
    .description("grant what this repository's policy requests; asks again when the file changes")
    .argument("[path]", "the checkout", ".")
    .option("--yes", "do not ask", false)
    .action(answer(async () => (await import("./command/trust.ts")).trust));
}

function definePolicy(program: Command): void {
  const policy = program.command("policy").description("validate, write, describe policies");
  policy
    .command("check")
    .description("validate the policies in force here, or one file")
    .argument("[file]")
    .option("--json", "one object a line", false)
    .action(answer(async () => (await import("./command/policy.ts")).check));
  policy
    .command("init")
    .description("write a first policy (yours; --repository: this checkout's)")
    .option("--repository", "write postern.yaml here", false)
    .option("--tool <name>", "for this tool's hosts")
    .action(answer(async () => (await import("./command/policy.ts")).init));
  policy
    .command("learn")
    .description("propose the narrowest policy that explains what sessions did, with the evidence behind each line")
    .requiredOption("--from <session...>", "sessions of one tool (s-…), run with --mode audit or not")
    .option("--out <file>", "write it there, where nothing is yet, instead of printing it")
    .option("--json", "one object a line: grants, proposals, what was refused", false)
    .action(answer(async () => (await import("./command/learn.ts")).learn));
  policy
    .command("schema")
    .description("print the JSON Schema for editors")
    .action(answer(async () => (await import("./command/policy.ts")).schema));
}

function defineRecord(program: Command): void {
  program
    .command("log")
    .description("read the record")
    .option("--session <id>", "only this session")
    .option("--kind <kind>", "only this kind: request, refusal, name, …")
    .option("--follow", "go on as entries come", false)
    .option("--json", "one object a line", false)
    .addHelpText(
      "after",
      `
  postern log --kind refusal             what did not go through, and who tried
  postern log --session s-7Q4M2X9K       one session
  postern log --follow --json | jq .     as it comes, for another program`,
    )
    .action(answer(async () => (await import("./command/log.ts")).log));
  program
    .command("verify")
    .description("verify the record: every entry, every signed head")
    .option("--session <id>", "say what this session's entries are")
    .option("--head <file>", "and that it extends this older head, kept elsewhere")
    .option("--contents", "also open everything sealed whose key is here", false)
    .option("--json", "one object", false)
    .addHelpText(
      "after",
      `
What nobody else has seen can be rewritten by whoever holds the key. Keep a head
elsewhere, and compare later:

  postern verify --json | jq -r .checkpoint > /elsewhere/head
  postern verify --head /elsewhere/head`,
    )
    .action(answer(async () => (await import("./command/verify.ts")).verifyRecord));
}
