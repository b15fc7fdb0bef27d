import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { openPlaceholders } from "../../inspection/placeholders/placeholders.ts";
import { openCodeRestorer } from "./restoring-code.ts";

const secret = 'hunter2 "quoted"\nsecond line \\ é';
const placeholders = openPlaceholders((text) => createHmac("sha256", "key").update(text).digest());
const held = placeholders.of(secret, "password");

function pass(program: string, places: readonly number[]): string {
  const restorer = openCodeRestorer(placeholders.all);
  const ends = [...new Set(places.map((place) => place % (program.length + 1)))].sort((a, b) => a - b);
  const chunks = [...ends, program.length].map((end, at) => program.slice(at === 0 ? 0 : ends[at - 1], end));
  return chunks.map((chunk) => restorer.push(chunk)).join("") + restorer.end();
}

const patch = (token: string): string =>
  `*** Begin Patch\n*** Update File: a\n@@\n-x \\" ${token}\n+y ${token}\n*** End Patch\n`;
const program = (token: string, rest = held): string =>
  `text(await tools.apply_patch(${JSON.stringify(patch(token))}));\nawait tools.exec_command({ cmd: "echo ${rest}" });\n`;

test("in the string that is handed to apply_patch first, over 5,000 ways of cutting; nowhere else", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 40 }), (places) => {
      assert.equal(pass(program(held), places), program(secret, held));
    }),
    { numRuns: 5_000 },
  );
});

test("a string that ends with one", () => {
  const text = (token: string): string => `text(await tools.apply_patch(${JSON.stringify(`x ${token}`)})); // ${held}`;
  for (const places of [[], [30, 40, 50], [60]]) assert.equal(pass(text(held), places), text(secret));
});

test("behind more than a beginning is nothing that begins", () => {
  const text = `${" ".repeat(300)}text(await tools.apply_patch("${held}"));`;
  assert.equal(pass(text, [300]), text);
});

for (const [what, text] of [
  ["a command", `await tools.exec_command({ cmd: "echo ${held}" });`],
  ["a patch that comes later", `await tools.exec_command({ cmd: "true" }); await tools.apply_patch("${held}");`],
  ["a patch in a variable", `const p = "${held}"; text(await tools.apply_patch(p));`],
  ["a patch by another kind of string", `text(await tools.apply_patch(\`${held}\`));`],
  ["a name that only begins so", `text(await tools.apply_patch_to_host("${held}"));`],
  ["a string that is never ended, and its placeholder is cut", `text(await tools.apply_patch("${held.slice(0, -1)}`],
] as const)
  test(`${what} stays as it is`, () => {
    assert.equal(pass(text, [3, 40, 70]), text);
  });
