// What was typed after `postern why` → the command it names, and what the policy would say of it here.

import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Explanation } from "../../decision/explain.ts";
import { explainCommand } from "../../decision/explain-command.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Around } from "../around.ts";

/** Several words are a command, but for a method and its URL; undefined where they are none. */
export function commandIn(words: readonly string[]): readonly string[] | undefined {
  const [first = "", ...more] = words.flatMap((word) => word.trim().split(/\s+/));
  const request = /^[A-Z]+$/.test(first) && more.length === 1 && /^https?:/i.test(more[0] ?? "");
  return more.length === 0 || request ? undefined : [first, ...more];
}

/** The program as this caller would find it. */
export function tellCommand(policy: Policy, command: readonly string[], { caller }: Around): Explanation {
  const [program = ""] = command;
  const folders = (caller.environment["PATH"] ?? "").split(":");
  const found = folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
  const named = program.includes("/") ? program : (found ?? program);
  const executable = existsSync(named) ? realpathSync(named) : named;
  return explainCommand(policy, { named, executable, arguments: command });
}
