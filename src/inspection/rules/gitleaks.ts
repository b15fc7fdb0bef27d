// gitleaks' own file of rules, as its version 8 reads it: text in, rules out. Patterns are not translated: they run in an
// engine of RE2's dialect. What cannot be honoured is a fault that names rule and line; what needs a file's path or a commit
// says nothing about a text, and is told as such.

import { parse, TomlError } from "smol-toml";
import { Fault } from "../../domain/fault.ts";
import { type Allowlist, allowedBy, readAllowlists } from "./allowlist.ts";
import { maxFileLength } from "./limits.ts";
import { compileLinear } from "./linear.ts";
import type { ForeignRule } from "./rule.ts";
import { keyLine, type Table, tableLines, tableOf, wrong } from "./table.ts";

export interface GitleaksRules {
  readonly rules: readonly ForeignRule[];
  /** What was read and says nothing about a text: which rule, where, what. */
  readonly inapplicable: readonly Inapplicable[];
}

export interface Inapplicable {
  /** Undefined: of the whole file. */
  readonly rule: string | undefined;
  readonly line: number;
  readonly what: string;
}

/** Throws a Fault `rules-unreadable`. */
export function readGitleaks(text: string): GitleaksRules {
  if (text.length > maxFileLength) throw wrong(`longer than ${maxFileLength} characters`, undefined, 1);
  const file = tableOf(parsed(text), (message) => wrong(message, undefined, 1));
  for (const known of ["title", "description", "minVersion"]) file.text(known);
  const inapplicable: Inapplicable[] = [];
  const apart = (rule: string | undefined, line: number) => (what: string) =>
    void inapplicable.push({ rule, line, what });
  const everywhere = readAllowlists(file, {
    line: lineOf(text, "allowlist"),
    whole: true,
    told: apart(undefined, lineOf(text, "allowlist")),
  });
  const lines = tableLines(text, "rules");
  const rules = file.tables("rules").map((table, index) => {
    const line = lines[index] ?? 1;
    const id = readId(table, line);
    return readRule({ table: renamed(table, id, line), id, line, text, everywhere, told: apart(id, line) });
  });
  file.nothingElse();
  const ids = new Map<string, number>();
  for (const [index, { id }] of rules.entries()) {
    if (ids.has(id)) throw wrong(`the id stands in line ${ids.get(id)} already`, id, lines[index] ?? 1);
    ids.set(id, lines[index] ?? 1);
  }
  return { rules: rules.flatMap(({ rule }) => rule ?? []), inapplicable };
}

export function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [first = "not TOML"] = cause.message.split("\n");
    throw new Fault({ code: "rules-unreadable", message: `line ${cause.line}: ${first}`, cause });
  }
}

function lineOf(text: string, header: string): number {
  return text.split("\n").findIndex((line) => new RegExp(`^\\s*\\[+\\s*${header}s?\\s*\\]+`).test(line)) + 1 || 1;
}

function readId(table: Table, line: number): string {
  const id = table.text("id");
  if (id === undefined || id === "") throw wrong("has no id", undefined, line);
  return id;
}

/** The same table, whose faults name the rule. */
function renamed(table: Table, id: string, line: number): Table {
  return table.named((message) => wrong(message, id, line));
}

interface Reading {
  readonly table: Table;
  readonly id: string;
  readonly line: number;
  readonly text: string;
  readonly everywhere: readonly Allowlist[];
  readonly told: (what: string) => void;
}

function readRule({ table, id, line, text, everywhere, told }: Reading): { id: string; rule: ForeignRule | undefined } {
  const [pattern, path] = [table.text("regex"), table.text("path")];
  const group = table.number("secretGroup");
  const allowlists = readAllowlists(table, { line, whole: false, told });
  table.text("id");
  table.texts("tags");
  const common = {
    id,
    what: table.text("description") ?? "",
    keywords: table.texts("keywords").map((keyword) => keyword.toLowerCase()),
    entropy: table.number("entropy") ?? 0,
    group: group === 0 ? undefined : group,
  };
  table.nothingElse();
  if (path !== undefined) told(`path ${path}: a text has none`);
  if (pattern === undefined) {
    if (path === undefined) throw table.fail("has neither regex nor path");
    return { id, rule: undefined };
  }
  const groups = groupsOf(pattern, wrongPattern(id, keyLine(text, line, "regex")));
  if (group !== undefined && (group < 0 || group > groups || !Number.isInteger(group)))
    throw table.fail(`secretGroup ${group} is none of its ${groups} groups`);
  if (common.keywords.some((keyword) => !/^[\x20-\x7e]+$/.test(keyword)))
    throw table.fail("'keywords' holds what is not printable ASCII");
  const lists = [...everywhere.filter(({ rules }) => rules.length === 0 || rules.includes(id)), ...allowlists];
  const sure = id.startsWith("generic") ? "generic" : "format";
  return { id, rule: { ...common, pattern, allowed: allowedBy(lists), sure } };
}

function wrongPattern(id: string, line: number): (cause: unknown) => Fault {
  return (cause) => wrong(`regex: ${cause instanceof Error ? cause.message : String(cause)}`, id, line);
}

function groupsOf(pattern: string, fail: (cause: unknown) => Fault): number {
  try {
    return compileLinear(pattern).groups;
  } catch (cause) {
    throw fail(cause);
  }
}
