// Parsed TOML or YAML, read key by key: what is wrong is said with the rule and the line it stands in, and a key nobody
// reads is an error too, so that nothing a person wrote is dropped in silence. The text is attacker-controlled.

import { Fault } from "../../domain/fault.ts";

export type RulesFault = "rules-unreadable";

/** What is wrong, the rule's id where it has one, and the line, counted from 1. */
export function wrong(message: string, rule: string | undefined, line: number): Fault<RulesFault> {
  const whose = rule === undefined ? "" : `rule ${JSON.stringify(rule)}: `;
  return new Fault({ code: "rules-unreadable", message: `line ${line}: ${whose}${message}` });
}

export interface Table {
  /** Undefined where the key is absent; throws where it is of another kind. */
  readonly text: (key: string) => string | undefined;
  readonly number: (key: string) => number | undefined;
  readonly texts: (key: string) => readonly string[];
  readonly table: (key: string) => Table | undefined;
  readonly tables: (key: string) => readonly Table[];
  /** The same, whose faults say more of where it stands. */
  readonly named: (fail: (message: string) => Fault<RulesFault>) => Table;
  /** To be called when all that is known was asked for. */
  readonly nothingElse: () => void;
  readonly fail: (message: string) => Fault<RulesFault>;
}

/** `fail` says where this table stands. */
export function tableOf(value: unknown, fail: (message: string) => Fault<RulesFault>): Table {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail("is not a table");
  const entries = new Map(Object.entries(value));
  const asked = new Set<string>();
  const get = (key: string): unknown => {
    asked.add(key);
    return entries.get(key);
  };
  const list = (key: string): readonly unknown[] => {
    const found = get(key) ?? [];
    if (!Array.isArray(found)) throw fail(`'${key}' is not a list`);
    return found;
  };
  return {
    text: (key) => {
      const found = get(key);
      if (found !== undefined && typeof found !== "string") throw fail(`'${key}' is not text`);
      return found;
    },
    number: (key) => {
      const found = get(key);
      const plain = typeof found === "bigint" ? Number(found) : found;
      if (plain !== undefined && (typeof plain !== "number" || !Number.isFinite(plain)))
        throw fail(`'${key}' is not a number`);
      return plain;
    },
    texts: (key) =>
      list(key).map((item) => {
        if (typeof item !== "string") throw fail(`'${key}' holds what is not text`);
        return item;
      }),
    table: (key) => {
      const found = get(key);
      return found === undefined ? undefined : tableOf(found, fail);
    },
    named: (other) => tableOf(value, other),
    tables: (key) => list(key).map((item) => tableOf(item, fail)),
    nothingElse: () => {
      const other = [...entries.keys()].find((key) => !asked.has(key));
      if (other !== undefined) throw fail(`'${other}' is not understood`);
    },
    fail,
  };
}

/** The lines in which the tables of a list begin, `[[rules]]` in TOML, outside of what is written over several lines. */
export function tableLines(text: string, name: string): readonly number[] {
  const found: number[] = [];
  let within: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (within === undefined && new RegExp(`^\\s*\\[\\[\\s*${name}\\s*\\]\\]`).test(line)) found.push(index + 1);
    for (const quote of line.match(/'''|"""/g) ?? []) {
      if (within === undefined) within = quote;
      else if (within === quote) within = undefined;
    }
  }
  return found;
}

/** The line of a key of the table that begins at `from`; the table's own where it is not found. */
export function keyLine(text: string, from: number, key: string): number {
  const lines = text.split("\n").slice(from);
  const next = lines.findIndex((line) => /^\s*\[\[/.test(line));
  const own = next < 0 ? lines : lines.slice(0, next);
  const index = own.findIndex((line) => new RegExp(`^\\s*["']?${key}["']?\\s*[=:]`).test(line));
  return index < 0 ? from : from + index + 1;
}
