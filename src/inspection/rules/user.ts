// Users' own rules, in TOML or YAML: a list `rules`, each with id and pattern, and keywords, entropy, group and a description
// where wanted. They run in the linear engine, so that no pattern can stall a session, and are bounded in number and size.

import { type Document, LineCounter, parseDocument } from "yaml";
import { parsed } from "./gitleaks.ts";
import { maxFileLength, maxPatternLength, maxProgramSize, maxUserRules } from "./limits.ts";
import { compileLinear, type Linear } from "./linear.ts";
import type { ForeignRule } from "./rule.ts";
import { keyLine, type Table, tableLines, tableOf, wrong } from "./table.ts";

/** Throws a Fault `rules-unreadable` that names rule and line. */
export function readUserRules(text: string, form: "toml" | "yaml"): readonly ForeignRule[] {
  if (text.length > maxFileLength) throw wrong(`longer than ${maxFileLength} characters`, undefined, 1);
  const { value, lines } = form === "toml" ? { value: parsed(text), lines: tableLines(text, "rules") } : yamlOf(text);
  const file = tableOf(value, (message) => wrong(message, undefined, 1));
  const tables = file.tables("rules");
  file.nothingElse();
  if (tables.length > maxUserRules) throw wrong(`more than ${maxUserRules} rules`, undefined, 1);
  const seen = new Set<string>();
  return tables.map((table, index) => {
    const line = lines[index] ?? 1;
    const rule = readRule(table, line, text);
    if (seen.has(rule.id)) throw wrong("the id was given already", rule.id, line);
    seen.add(rule.id);
    return rule;
  });
}

function yamlOf(text: string): { readonly value: unknown; readonly lines: readonly number[] } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const [error] = document.errors;
  if (error !== undefined)
    throw wrong(error.message.split("\n")[0] ?? "not YAML", undefined, error.linePos?.[0].line ?? 1);
  const list: unknown = document.get("rules", true);
  const items = hasItems(list) ? list.items : [];
  return { value: valueOf(document), lines: items.map((item) => counter.linePos(item.range?.[0] ?? 0).line) };
}

function valueOf(document: Document): unknown {
  try {
    // aliases are counted, so that a few lines cannot become millions of rules
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : "not YAML", undefined, 1);
  }
}

function hasItems(node: unknown): node is { readonly items: readonly { readonly range?: readonly number[] }[] } {
  return typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items);
}

function readRule(unnamed: Table, line: number, text: string): ForeignRule {
  const id = unnamed.text("id");
  if (id === undefined || !/^[\w.-]{1,100}$/.test(id))
    throw wrong("has no id of letters, digits, dots and hyphens", undefined, line);
  const table = unnamed.named((message) => wrong(message, id, line));
  table.text("id");
  const pattern = table.text("pattern");
  const group = table.number("group");
  const entropy = table.number("entropy") ?? 0;
  const keywords = table.texts("keywords").map((keyword) => keyword.toLowerCase());
  const what = table.text("description") ?? "";
  table.nothingElse();
  if (pattern === undefined || pattern === "") throw table.fail("has no pattern");
  const where = (message: string) => wrong(message, id, keyLine(text, line - 1, "pattern"));
  const compiled = compile(pattern, where);
  if (group !== undefined && (!Number.isInteger(group) || group < 0 || group > compiled.groups))
    throw table.fail(`group ${group} is none of its ${compiled.groups} groups`);
  if (entropy < 0 || entropy > 8) throw table.fail("entropy is not between 0 and 8 bits");
  if (keywords.some((keyword) => !/^[\x20-\x7e]{2,100}$/.test(keyword)))
    throw table.fail("a keyword is not of 2 to 100 printable ASCII characters");
  return { id, what, pattern, keywords, group, entropy, allowed: () => false, sure: "format" };
}

function compile(pattern: string, wrongAt: (message: string) => Error): Linear {
  if (pattern.length > maxPatternLength) throw wrongAt(`pattern: longer than ${maxPatternLength} characters`);
  let compiled: Linear;
  try {
    compiled = compileLinear(pattern);
  } catch (cause) {
    throw wrongAt(`pattern: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (compiled.size > maxProgramSize) throw wrongAt(`pattern: too large (${compiled.size} of ${maxProgramSize} steps)`);
  if (compiled.test("")) throw wrongAt("pattern: matches nothing at all, and so everywhere");
  return compiled;
}
