// The session's word on every program that begins inside: judged where a rule names it, entered always. Counts, for the
// summary; and the exit code where nobody was there to be asked.

import type { Watch } from "../boundary/contract.ts";
import { judgeCommand, questionedBy } from "../decision/commands.ts";
import type { Append, Entry } from "../domain/entry.ts";
import type { Execution } from "../domain/execution.ts";
import { effectOf } from "../review/effect.ts";
import type { Asked, Asking } from "./asking.ts";
import { conceal } from "./concealed.ts";
import type { SessionExit } from "./ends.ts";
import { openDigestFile } from "./executables.ts";
import type { Prepared } from "./prepare.ts";

export interface CommandCounts {
  /** Programs that began. */
  readonly run: number;
  /** Attempts that did not, whatever the reason. */
  readonly refused: number;
  /** Questions left for a person. */
  readonly asked: number;
  readonly unanswered: number;
}

export interface Commands {
  readonly watch: Watch;
  readonly statistics: () => CommandCounts;
  /** What was refused first, as a person would type it. Attacker-controlled. */
  readonly firstRefused: () => string | undefined;
  /** A headless run in which somebody would have had to be asked is no success, whatever the tool says. */
  readonly conclude: (exit: SessionExit) => SessionExit;
  /** Nothing begins any more: resolves when all of it is entered. */
  readonly close: () => Promise<void>;
}

/** What else is told of what goes on inside. */
export interface Around {
  readonly asking: Asking;
  readonly others: Pick<Watch, "attempted" | "attemptedMore" | "bounded">;
}

export function openCommands(prepared: Prepared, append: Append, { asking, others }: Around): Commands {
  const { policy, state } = prepared;
  const { seek } = prepared.seekers;
  const digests = openDigestFile(state.directory);
  const count = { run: 0, refused: 0 };
  let refused: string | undefined;

  const settle = (execution: Execution): Asked & { readonly rule: string } => {
    const verdict = judgeCommand(policy, execution);
    if (verdict.kind !== "ask") return { ...verdict, kind: verdict.kind };
    const { rule } = verdict;
    // nobody can be shown what they would say yes to
    if (conceal(execution, seek).held) return { rule, kind: "refuse", reason: "a real credential stands in it" };
    const effect = effectOf(execution);
    return { rule, ...(typeof effect === "string" ? { kind: "refuse", reason: effect } : asking.ask(rule, effect)) };
  };

  const judge = async (execution: Execution): Promise<boolean> => {
    const { kind, rule, ...more } = settle(execution);
    const told = conceal(execution, seek).execution;
    if (kind === "allow") count.run += 1;
    else {
      count.refused += 1;
      refused ??= told.arguments.join(" ").slice(0, 200);
    }
    await append(entryOf(told, { verdict: kind, rule }, more)); // on the record before anybody hears of it
    return kind === "allow";
  };

  return {
    watch: {
      questioned: questionedBy(policy),
      judge,
      told: (execution) => {
        count.run += 1;
        return append(entryOf(conceal(execution, seek).execution, { verdict: "allow", rule: "default" }, {}), "soon");
      },
      ...others,
      remembered: digests.known,
    },
    statistics: () => countsOf(count, asking),
    firstRefused: () => refused,
    conclude: (exit) => conclude(exit, asking.counts().unasked),
    close: async () => {
      digests.save();
      await asking.close();
    },
  };
}

function entryOf(execution: Execution, decided: Pick<Entry, "verdict" | "rule">, more: object): Entry {
  const { pid, executable, ...rest } = execution;
  const named = execution.named === executable ? {} : { named: execution.named };
  const { parent, sha256, interpreters, arguments: words, whole, directory } = rest;
  return {
    kind: "exec",
    ...decided,
    sealed: {
      pid,
      parent,
      executable,
      ...named,
      sha256,
      ...(interpreters.length === 0 ? {} : { interpreters }),
      arguments: words,
      ...(whole ? {} : { whole }),
      directory,
      ...more,
    },
  };
}

function countsOf({ run, refused }: { readonly run: number; readonly refused: number }, asking: Asking): CommandCounts {
  const { asked, unanswered } = asking.counts();
  return { run, refused, asked, unanswered };
}

function conclude(exit: SessionExit, times: number): SessionExit {
  if (exit.by !== "tool" || times === 0) return exit;
  const what = times === 1 ? "something" : `${times} things`;
  return {
    code: 123,
    by: "postern",
    reason: `headless: somebody would have had to be asked about ${what}; the tool ended with ${exit.code}`,
  };
}
