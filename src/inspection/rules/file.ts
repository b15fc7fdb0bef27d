// A file of rules in whichever form it is: gitleaks' own, or a list of one's own in TOML or YAML.

import { readGitleaks } from "./gitleaks.ts";
import type { ForeignRule } from "./rule.ts";
import { readUserRules } from "./user.ts";

export interface RulesText {
  /** `yaml` by the file's name; in TOML gitleaks says `regex` where a list of one's own says `pattern`. */
  readonly form: "gitleaks" | "toml" | "yaml";
  readonly text: string;
}

export function formOf(name: string, text: string): RulesText["form"] {
  if (/\.ya?ml$/i.test(name)) return "yaml";
  return /^\s*regex\s*=/m.test(text) ? "gitleaks" : "toml";
}

/** Throws a Fault `rules-unreadable` that names rule and line. */
export function readRules({ form, text }: RulesText): readonly ForeignRule[] {
  return form === "gitleaks" ? readGitleaks(text).rules : readUserRules(text, form);
}
