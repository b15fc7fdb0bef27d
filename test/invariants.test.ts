// Each invariant of ARCHITECTURE §3 is a test by its number: somewhere a test says which it holds.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("..", import.meta.url).pathname;
const section = /^## 3\. Invariants[\s\S]*?(?=^## 4)/m.exec(readFileSync(`${root}/ARCHITECTURE.md`, "utf8"))?.[0] ?? "";
const numbers = [...section.matchAll(/^(\d+)\. \*\*(.*?)\*\*/gm)];

/** `invariant 3`, `invariants 1 and 6`, `(invariants 1, 4, 6)`. */
function named(text: string): readonly string[] {
  return [...text.matchAll(/\binvariants? (\d+(?:(?:, | and )\d+)*)/gi)].flatMap(
    ([, list = ""]) => list.match(/\d+/g) ?? [],
  );
}

test("every invariant is named by a test that holds it", () => {
  assert.ok(numbers.length >= 12, "the architecture's list was read");
  const held = new Set(
    globSync(["src/**/*.test.ts", "test/**/*.test.ts"], { cwd: root, exclude: ["test/invariants.test.ts"] }).flatMap(
      (file) => named(readFileSync(`${root}/${file}`, "utf8").replaceAll(/\n\s*\/\/ /g, " ")),
    ),
  );
  assert.deepEqual(
    numbers.filter(([, number = ""]) => !held.has(number)).map(([, number, what]) => `${number}. ${what}`),
    [],
  );
});
