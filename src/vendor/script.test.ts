import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../domain/fault.ts";
import { fields, parseScript, type Tool } from "./script.ts";

void test("the guide's example is a script", () => {
  const guide = readFileSync(new URL("../../docs/guide/vendor-script.md", import.meta.url), "utf8");
  const example = /```yaml\n([^`]*)```/.exec(guide)?.[1] ?? "";
  const script = parseScript(example);
  assert.ok(!(script instanceof Fault));
  assert.equal(script.steps.length, 3);
  assert.equal(script.steps[1]?.say, "And run its tests.");
});

const good = { version: 1, steps: [{ tool: "read", arguments: { path: "a" } }], final: "done" };

const malformed: readonly [string, unknown][] = [
  ["script", "nothing"],
  ["script", []],
  ["stepz", { ...good, stepz: [] }],
  ["version", { ...good, version: 2 }],
  ["steps", { ...good, steps: {} }],
  ["steps", { ...good, steps: Array.from({ length: 201 }, () => good.steps[0]) }],
  ["final", { ...good, final: "" }],
  ["final", { ...good, final: 3 }],
  ["steps[0].tool", { ...good, steps: ["read"] }],
  ["steps[0].tool", { ...good, steps: [{ tool: "fly", arguments: {} }] }],
  ["steps[0].tool", { ...good, steps: [{ tool: "toString", arguments: {} }] }],
  ["steps[0].args", { ...good, steps: [{ tool: "read", args: {}, arguments: { path: "a" } }] }],
  ["steps[0].arguments.path", { ...good, steps: [{ tool: "read" }] }],
  ["steps[0].arguments.file", { ...good, steps: [{ tool: "read", arguments: { file: "a" } }] }],
  ["steps[0].arguments.new", { ...good, steps: [{ tool: "edit", arguments: { path: "a", old: "b" } }] }],
];

void test("each mistake is named by its place", () => {
  assert.ok(!(parseScript(JSON.stringify(good)) instanceof Fault));
  for (const [place, value] of malformed) {
    const fault = parseScript(JSON.stringify(value));
    assert.ok(fault instanceof Fault, place);
    assert.equal(fault.message, `script: ${place} is missing or wrong`);
  }
});

void test("aliases, long texts and what is not YAML are refused", () => {
  const plain = (final: string) => `version: 1\nsteps: []\nfinal: ${final}`;
  assert.ok(!(parseScript(plain("x")) instanceof Fault));
  for (const text of [`${plain("&a x")}\naside: *a`, "a: [", plain("x".repeat(1024 * 1024))]) {
    assert.ok(parseScript(text) instanceof Fault, text.slice(0, 80));
  }
});

void test("property: a well-formed script comes back as it was written", () => {
  const step = fc.constantFrom(...(Object.keys(fields) as Tool[])).chain((tool) =>
    fc.record({
      say: fc.option(fc.string(), { nil: undefined }),
      call: fc.record({
        tool: fc.constant(tool),
        arguments: fc
          .tuple(...fields[tool].map(() => fc.string()))
          .map((values) => Object.fromEntries(fields[tool].map((name, at) => [name, values[at] ?? ""]))),
      }),
    }),
  );
  const any = fc.record({
    name: fc.string(),
    steps: fc.array(step),
    final: fc.string({ minLength: 1 }),
    aside: fc.string(),
  });
  fc.assert(
    fc.property(any, (script) => {
      const steps = script.steps.map(({ say, call }) => ({ ...(say === undefined ? {} : { say }), ...call }));
      const parsed = parseScript(JSON.stringify({ version: 1, ...script, steps }));
      // fast-check makes objects without a prototype
      assert.equal(JSON.stringify(parsed), JSON.stringify(script));
    }),
  );
});

void test("property: any text gives a script or a fault", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseScript(text);
    }),
  );
});
