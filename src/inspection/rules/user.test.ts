import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../../domain/fault.ts";
import { maxPatternLength, maxUserRules } from "./limits.ts";
import { openRules } from "./seek.ts";
import { readUserRules } from "./user.ts";

const toml = `
[[rules]]
id = "acme-token"
description = "ACME's token"
pattern = 'acme_([0-9a-f]{16})'
keywords = ["ACME_"]
entropy = 2
group = 0

[[rules]]
id = "ticket"
pattern = 'SEC-\\d{4}'
`;
const yaml = `
rules:
  - id: acme-token
    description: ACME's token
    pattern: acme_([0-9a-f]{16})
    keywords: [ACME_]
    entropy: 2
    group: 0
  - id: ticket
    pattern: SEC-\\d{4}
`;

test("the same rules in TOML and in YAML find the same", () => {
  const text = "see SEC-1234: acme_0123456789abcdef and acme_0000000000000000";
  for (const rules of [readUserRules(toml, "toml"), readUserRules(yaml, "yaml")]) {
    assert.deepEqual(
      openRules([], rules)(text).map(({ rule, from, to, sure }) => [rule, text.slice(from, to), sure]),
      [
        ["ticket", "SEC-1234", "format"],
        ["acme-token", "acme_0123456789abcdef", "format"],
      ],
    );
    assert.deepEqual(
      rules.map(({ what, keywords }) => [what, keywords]),
      [
        ["ACME's token", ["acme_"]],
        ["", []],
      ],
    );
  }
});

function fault(text: string, form: "toml" | "yaml"): string {
  try {
    readUserRules(text, form);
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === "rules-unreadable");
    return error.message;
  }
  assert.fail("was read");
}

const one = (rest: string) => `rules:\n  - id: r\n    ${rest}\n`;
const wrongs: readonly [text: string, message: RegExp][] = [
  ["rules:\n  - pattern: a\n", /^line 2: has no id of/],
  ["rules:\n  - id: a b\n", /^line 2: has no id of/],
  [one("keywords: [ab]"), /^line 2: rule "r": has no pattern$/],
  [one("pattern: (a"), /^line 3: rule "r": pattern: /],
  [one("pattern: (a)\\1"), /^line 3: rule "r": pattern: /],
  [one("pattern: a*"), /^line 3: rule "r": pattern: matches nothing at all/],
  [one(`pattern: ${"a".repeat(maxPatternLength + 1)}`), /^line 3: rule "r": pattern: longer than/],
  [one("pattern: ((a{100}){9}b{900}c{900}){9}"), /^line 3: rule "r": pattern: /],
  [one(`pattern: "${"[a-z]{900}".repeat(30)}"`), /^line 3: rule "r": pattern: too large/],
  [one("pattern: a\n    keywords: [a]"), /^line 2: rule "r": a keyword is not of 2/],
  [one("pattern: a\n    entropy: 9"), /^line 2: rule "r": entropy is not between/],
  [one("pattern: a\n    group: 1"), /^line 2: rule "r": group 1 is none of its 0 groups$/],
  [one("pattern: a\n    severity: high"), /^line 2: rule "r": 'severity' is not understood$/],
  [one("pattern: 7"), /^line 2: rule "r": 'pattern' is not text$/],
  ["rules:\n  - id: r\n    pattern: a\n  - id: r\n    pattern: b\n", /^line 4: rule "r": the id was given already$/],
  ["other: 1\n", /^line 1: 'other' is not understood$/],
  ["rules: [}", /^line 1: /],
  [`rules:\n${"  - {id: a, pattern: b}\n".repeat(maxUserRules + 1)}`, /^line 1: more than 1000 rules$/],
  [
    "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c]\nrules: [*d,*d,*d,*d,*d]\n",
    /^line 1: Excessive alias count/,
  ],
];
for (const [text, message] of wrongs)
  test(`a fault that names rule and line: ${message.source}`, () => assert.match(fault(text, "yaml"), message));

test("hostile files end in rules or a fault", () => {
  const piece = fc.constantFrom(
    "rules:\n",
    "  - id: a\n",
    "    pattern: a\n",
    "[[rules]]\n",
    "id='a'\n",
    "&a ",
    "*a ",
    "!!js ",
    "{",
    "- ",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }),
      fc.constantFrom("toml", "yaml"),
      (pieces, form) => {
        try {
          readUserRules(pieces.join(""), form);
        } catch (error) {
          assert.ok(error instanceof Fault, String(error));
        }
      },
    ),
    { numRuns: 500 },
  );
});
