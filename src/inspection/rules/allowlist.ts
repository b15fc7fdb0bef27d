// What gitleaks' rules let pass although it matched: by the secret, the match or its line, or by a word in it.

import { compileLinear, type Linear } from "./linear.ts";
import type { Candidate, ForeignRule } from "./rule.ts";
import type { Table } from "./table.ts";

export interface Allowlist {
  /** Of these rules alone; empty: of all. */
  readonly rules: readonly string[];
  readonly passes: (candidate: Candidate) => boolean;
}

interface Where {
  readonly line: number;
  /** Of the file, not of one rule. */
  readonly whole: boolean;
  /** Hears what cannot matter for a text. */
  readonly told: (what: string) => void;
}

/** Both spellings: one `allowlist`, many `allowlists`. */
export function readAllowlists(table: Table, where: Where): readonly Allowlist[] {
  const one = table.table("allowlist");
  const many = table.tables("allowlists");
  return [...(one === undefined ? [] : [one]), ...many].flatMap((list) => readAllowlist(list, where) ?? []);
}

function readAllowlist(table: Table, { whole, told }: Where): Allowlist | undefined {
  table.text("description");
  const every = conditionOf(table);
  const target = targetOf(table);
  const regexes = table.texts("regexes").map((regex) => compiled(regex, table));
  const words = table.texts("stopwords").map((word) => word.toLowerCase());
  const elsewhere = ["paths", "commits"].filter((key) => table.texts(key).length > 0);
  const rules = whole ? table.texts("targetRules") : [];
  table.nothingElse();
  if (elsewhere.length > 0) {
    const kept = every ? "so that it lets nothing pass" : "the rest of it holds";
    told(`allowlist by ${elsewhere.join(" and ")}: a text has none, ${kept}`);
  }
  // where all must hold and one cannot, nothing is let pass: the strict side
  if ((every && elsewhere.length > 0) || regexes.length + words.length === 0) return undefined;
  const matches = (candidate: Candidate) => regexes.some((regex) => regex.test(target(candidate)));
  const holds = ({ secret }: Candidate) => words.some((word) => secret.toLowerCase().includes(word));
  return {
    rules,
    passes: every
      ? (candidate) => (regexes.length === 0 || matches(candidate)) && (words.length === 0 || holds(candidate))
      : (candidate) => matches(candidate) || holds(candidate),
  };
}

function conditionOf(table: Table): boolean {
  const condition = table.text("condition") ?? "OR";
  if (/^(?:AND|&&)$/i.test(condition)) return true;
  if (/^(?:OR|\|\||)$/i.test(condition)) return false;
  throw table.fail(`allowlist: condition '${condition}' is neither AND nor OR`);
}

function targetOf(table: Table): (candidate: Candidate) => string {
  const target = table.text("regexTarget") ?? "secret";
  switch (target) {
    case "":
    case "secret":
      return ({ secret }) => secret;
    case "match":
      return ({ match }) => match;
    case "line":
      return ({ line }) => line();
    default:
      throw table.fail(`allowlist: regexTarget '${target}' is none of secret, match, line`);
  }
}

function compiled(regex: string, table: Table): Linear {
  try {
    return compileLinear(regex);
  } catch (cause) {
    throw table.fail(`allowlist: regex ${regex}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

export function allowedBy(lists: readonly Allowlist[]): ForeignRule["allowed"] {
  return (candidate) => lists.some(({ passes }) => passes(candidate));
}
