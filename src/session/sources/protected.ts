// Whether the trees that the policy protects can be read: before a session begins, for what is not known would leave without a word.

import { readdirSync, statSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { ProtectedRule } from "../../policy/labels.ts";
import type { Policy } from "../../policy/policy.ts";

export function objectToProtected(policy: Pick<Policy, "protected" | "origins">): Fault<"protected"> | undefined {
  for (const rule of policy.protected ?? []) {
    const wrong = wrongWith(rule);
    if (wrong === undefined) continue;
    const { file, line } = policy.origins[rule.rule] ?? { file: rule.rule, line: 0 };
    return new Fault({
      code: "protected",
      message: `${file}:${line}: protected names ${rule.path}, which ${wrong}`,
      hint: "name a directory that you may read, or take the entry out",
    });
  }
  return undefined;
}

/** The organisation's word is for many machines: where the tree is not, there is nothing of it to protect. */
function wrongWith({ path, everywhere }: ProtectedRule): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return everywhere ? undefined : "is not there";
    if (!stats.isDirectory()) return "is no directory";
    readdirSync(path);
    return undefined;
  } catch {
    return "cannot be read";
  }
}
