// The judge of commands: what is about to begin and the policy → whether it may, with the rule. Pure. Refused before asked,
// whatever layer says it; what no rule names begins. In `audit` everything begins, with what enforce would have done.

import { beginsWith, type CommandPrefix, type Execution } from "../domain/execution.ts";
import type { CommandRule, Policy } from "../policy/policy.ts";

export interface CommandVerdict {
  readonly kind: "allow" | "ask" | "refuse";
  /** The rule's id; `audit`, or `default` where none names it. */
  readonly rule: string;
  /** Lower case, no full stop. */
  readonly reason: string;
}

export type CommandRules = Pick<Policy, "mode" | "commands">;
type Command = Pick<Execution, "executable" | "named" | "arguments"> &
  Partial<Pick<Execution, "interpreters" | "lost">>;

/** What needs a verdict at all; everything else begins. */
export function questionedBy({ commands }: CommandRules): readonly CommandPrefix[] {
  return [...commands.deny, ...commands.ask].map(({ prefix }) => prefix);
}

export function judgeCommand({ mode, commands }: CommandRules, command: Command): CommandVerdict {
  const covering = ({ prefix }: CommandRule): boolean => beginsWith(prefix, command);
  const denied = commands.deny.find(covering);
  const asked = commands.ask.find(covering);
  const named = denied ?? asked;
  // what it is cannot be told, so it may be any of them
  const rule = named ?? (command.lost === true ? (commands.deny[0] ?? commands.ask[0]) : undefined);
  if (rule === undefined) return { kind: "allow", rule: "default", reason: "no rule names it" };
  const lost = "nobody can tell which program its path leads to";
  const what = named === undefined ? lost : denied === undefined ? "a person is asked about it" : "it is denied";
  if (mode === "audit") return { kind: "allow", rule: "audit", reason: `${what} by ${rule.rule}, in enforce` };
  return { kind: named === undefined || denied !== undefined ? "refuse" : "ask", rule: rule.rule, reason: what };
}
