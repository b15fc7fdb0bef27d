// `postern why -- CMD…`: a command and the policy → which rule decides, where it stands, what would change it. It asks the
// judge that judges.

import type { Execution } from "../domain/execution.ts";
import type { Policy } from "../policy/policy.ts";
import { judgeCommand } from "./commands.ts";
import type { Explanation } from "./explain.ts";

type Command = Pick<Execution, "executable" | "named" | "arguments">;

export function explainCommand(policy: Pick<Policy, "mode" | "commands" | "origins">, command: Command): Explanation {
  const verdict = judgeCommand({ ...policy, mode: "enforce" }, command);
  const passed = policy.mode === "audit" && verdict.kind !== "allow";
  const place = policy.origins[verdict.rule];
  const yaml = `commands:\n  ask: [${JSON.stringify(command.arguments.slice(0, 2))}]`;
  return {
    subject: command.arguments.join(" "),
    answer: passed || verdict.kind === "allow" ? "allowed" : verdict.kind === "ask" ? "asked" : "refused",
    rule: passed ? "audit" : verdict.rule,
    reason: passed ? `${verdict.reason} by ${verdict.rule}, in enforce` : verdict.reason,
    place,
    silent: [],
    change: place === undefined ? { kind: "add", yaml } : { kind: "remove", place },
  };
}
