// The table of formats in docs/spec/inspection-rules.md says what the code does.
// `node src/inspection/rules/spec.test.ts --write` writes it anew.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { ownRules } from "./own.ts";
import type { Rule } from "./rule.ts";

const page = new URL("../../../docs/spec/inspection-rules.md", import.meta.url);
const heading = "| provider | rule | finds | a hit is | sought at |\n|---|---|---|---|---|\n";

function row(rule: Rule): string {
  const [first = ""] = rule.keywords;
  const others = rule.keywords.length === 1 ? "" : ` and ${rule.keywords.length - 1} more`;
  const sure = rule.check !== undefined ? "checked" : rule.proof === undefined ? rule.sure : "checked or format";
  return `| ${rule.provider} | \`${rule.id}\` | ${rule.what} | ${sure} | \`${first.trim()}\`${others} |\n`;
}

const table =
  heading +
  ownRules
    .toSorted((a, b) => a.provider.localeCompare(b.provider, "en"))
    .map(row)
    .join("");

test("the table of formats is that of the code", () => {
  const text = readFileSync(page, "utf8");
  const start = text.indexOf(heading);
  assert.ok(start > 0, "the page has no table");
  if (process.argv.includes("--write")) writeFileSync(page, text.slice(0, start) + table);
  else assert.equal(text.slice(start), table);
});

test("the page says how many there are", () => {
  const count = (sure: string) =>
    ownRules.filter((rule) => (rule.check === undefined ? rule.sure : "checked") === sure).length;
  const text = readFileSync(page, "utf8");
  assert.ok(
    text.includes(
      `${ownRules.length} rules: ${count("checked")} checked, ${count("format")} by format, ${count("generic")} by name.`,
    ),
    `${ownRules.length} rules: ${count("checked")} checked, ${count("format")} by format, ${count("generic")} by name.`,
  );
});
