import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { parsePolicy } from "./document.ts";
import { maxDepth, maxFaults, maxNodes } from "./limits.ts";
import { renderFaults } from "./render.ts";

const parse = (text: string) => parsePolicy(Buffer.from(text), "policy.yaml");
const faultsOf = (text: string) => {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.faults;
};

void test("the example of the architecture is valid as it stands", () => {
  const text = readFileSync(new URL("../../vectors/policy/whole.yaml", import.meta.url), "utf8");
  assert.deepEqual(faultsOf(text), []);
});

void test("random bytes and random text never throw, and every fault stands in the file", () => {
  const yamlish = fc.array(
    fc.constantFrom(
      "version: 1",
      "\n",
      "network:",
      "  allow:",
      "- host: ",
      "*.com",
      "&a",
      "*a",
      "{",
      "}",
      "[",
      "]",
      "\t",
      '"',
      "'",
      ": ",
      "#",
      "|",
      "!!js",
      "---",
      "? ",
      "%",
      "\u202e",
      "\r\n",
      "mode",
      "__proto__",
      "<<",
      "~",
      "\u0000",
    ),
    { maxLength: 60 },
  );
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    yamlish.map((parts) => new TextEncoder().encode(parts.join(""))),
  );
  fc.assert(
    fc.property(texts, (bytes) => {
      const parsed = parsePolicy(bytes, "f");
      if (parsed.ok) return;
      const lines = Buffer.from(bytes).toString().split("\n").length;
      assert.ok(parsed.faults.length > 0 && parsed.faults.length <= maxFaults);
      for (const fault of parsed.faults) {
        assert.ok(fault.line >= 1 && fault.line <= lines + 1 && fault.column >= 1);
        assert.ok(fault.message !== "" && fault.hint !== "" && fault.example !== "", JSON.stringify(fault));
        assert.doesNotMatch(`${fault.message}${fault.hint}${fault.excerpt}`, /\p{Cc}|\u202e/u);
      }
    }),
    { numRuns: 1500 },
  );
});

for (const [name, text] of [
  ["brackets", "[".repeat(100_000)],
  ["dashes", "- ".repeat(60_000)],
  ["maps", "{a: ".repeat(40_000)],
  ["question marks", "? ".repeat(60_000)],
] as const) {
  void test(`a hundred thousand ${name} are refused by depth, in one fault`, () => {
    const [fault, second] = faultsOf(text);
    assert.match(fault?.message ?? "", new RegExp(`deeper than ${maxDepth}`));
    assert.equal(second, undefined);
  });
}

void test("more nodes than the bound are refused before they are compared with each other", () => {
  const text = Array.from({ length: maxNodes }, (_, index) => `k${index}: 1\n`).join("");
  assert.match(faultsOf(text)[0]?.message ?? "", /more than/);
  assert.match(faultsOf("---\n".repeat(50_000))[0]?.message ?? "", /more than/);
});

void test("bytes that are not UTF-8 are refused", () => {
  const parsed = parsePolicy(Uint8Array.of(0xff, 0xfe, 0), "f");
  assert.equal(parsed.ok ? "" : parsed.faults[0]?.message, "the file is not UTF-8 text");
});

void test("__proto__ is a key like any other: unknown", () => {
  assert.match(faultsOf("version: 1\n__proto__: { mode: audit }\n")[0]?.message ?? "", /__proto__/);
  assert.match(faultsOf("version: 1\ntools: { __proto__: { status: allowed } }\n")[0]?.message ?? "", /__proto__/);
});

void test("what may be a secret is not shown", () => {
  const text =
    'version: 1\ncredentials:\n  a:\n    from: { env: "sk-ant-api03-AbCdEfGh0123456789xyz" }\n    to: { host: a.example, header: x }\n';
  assert.doesNotMatch(renderFaults(faultsOf(text)), /AbCdEfGh0123456789/);
});

void test("control and direction-changing characters of a file never reach the terminal", () => {
  const shown = renderFaults(faultsOf('version: 1\nmode: "a\\e[31m\u202eb"\n"\u001b]0;x\u0007": 1\n'));
  for (const char of ["\u001b", "\u0007", "\u202e"]) assert.ok(!shown.includes(char));
});

void test("a fault is shown with its line, a caret under it, a hint and an example", () => {
  assert.equal(
    renderFaults(faultsOf("version: 1\nnetwork:\n  alow: []\n")),
    [
      'postern: policy.yaml:3:3: `network` has no key "alow"',
      "    3 |   alow: []",
      "      |   ^^^^",
      "postern: hint: did you mean `allow`?",
      "",
      "    network:",
      "      allow:",
      "        - host: api.example.com",
      "",
    ].join("\n"),
  );
});

void test("every example that a fault gives is itself valid", () => {
  const folder = new URL("../../vectors/policy/malformed/", import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
    const parsed = parsePolicy(readFileSync(new URL(file, folder)), file);
    for (const fault of parsed.ok ? [] : parsed.faults) {
      const example = fault.example.includes("version:") ? fault.example : `version: 1\n${fault.example}`;
      if (/^(?:why|upstream):/.test(fault.example)) continue;
      assert.deepEqual(faultsOf(example), [], `${file}: ${fault.example}`);
    }
  }
});
