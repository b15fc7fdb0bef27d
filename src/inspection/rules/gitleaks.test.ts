import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../../domain/fault.ts";
import { openRandom } from "./examples/random.ts";
import { type GitleaksRules, readGitleaks } from "./gitleaks.ts";
import { openRules } from "./seek.ts";

const published = new URL("../../../../shared/data/gitleaks.toml", import.meta.url);
const path = existsSync(published.pathname) ? published.pathname : undefined;
const skip = path === undefined ? `NEEDS ${published.pathname}: gitleaks' published rules are not there` : false;

function rule(more: string, rest = ""): string {
  return `[[rules]]\nid = "a"\nregex = '''tok_([a-z0-9]{8})'''\nkeywords = ["tok_"]\n${more}\n${rest}`;
}

function found(file: GitleaksRules, text: string): readonly string[] {
  return openRules([], file.rules)(text).map(({ from, to }) => text.slice(from, to));
}

function fault(text: string): string {
  try {
    readGitleaks(text);
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === "rules-unreadable");
    return error.message;
  }
  assert.fail("was read");
}

test("all 222 published rules load, and what says nothing of a text is told", { skip }, () => {
  const { rules, inapplicable } = readGitleaks(readFileSync(path ?? "", "utf8"));
  const apart = inapplicable.filter(({ rule: id }) => id !== undefined && !rules.some((one) => one.id === id));
  assert.equal(rules.length + apart.length, 222);
  assert.deepEqual(
    apart.map(({ rule: id }) => id),
    ["pkcs12-file"],
  );
  assert.deepEqual(
    inapplicable.map(({ rule: id, what }) => `${id ?? "the file"}: ${what.split(" ")[0]}`),
    [
      "the file: allowlist",
      "freemius-secret-key: path",
      "generic-api-key: allowlist",
      "github-app-token: allowlist",
      "github-pat: allowlist",
      "hashicorp-tf-password: path",
      "kubernetes-secret-yaml: path",
      "nuget-config-password: path",
      "pkcs12-file: path",
    ],
  );
});

test("published rules find what they are for, by keyword, entropy, group and allowlist", { skip }, () => {
  const file = readGitleaks(readFileSync(path ?? "", "utf8"));
  const random = openRandom(1);
  const seen = (text: string) => openRules([], file.rules)(text).map(({ rule: id }) => id);
  assert.deepEqual(seen(random.fill("x glptt-{h40} y")), ["gitlab-ptt"]);
  assert.deepEqual(seen(random.fill("AIRTABLE 'pat{A14}.{h64}'")), ["airtable-personnal-access-token"]);
  assert.deepEqual(seen(`AIza${"a".repeat(35)}`), []);
  assert.deepEqual(seen("AKIAIOSFODNN7EXAMPLE"), []);
  assert.ok(seen(random.fill("my_secret = '{A40}'")).includes("generic-api-key"));
});

test("keywords without regard to case, entropy above the bound, the group that is the secret", () => {
  const text = "TOK_aaaaaaaa tok_aaaaaaaa tok_a1b2c3d4";
  assert.deepEqual(found(readGitleaks(rule("")), text), ["aaaaaaaa", "a1b2c3d4"]);
  assert.deepEqual(found(readGitleaks(rule("entropy = 2.9")), text), ["a1b2c3d4"]);
  assert.deepEqual(found(readGitleaks(rule("secretGroup = 1")), text), ["aaaaaaaa", "a1b2c3d4"]);
  const whole = rule("").replace("([a-z0-9]{8})", "[a-z0-9]{8}");
  assert.deepEqual(found(readGitleaks(whole), text), ["tok_aaaaaaaa", "tok_a1b2c3d4"]);
  const second = rule("").replace("([a-z0-9]{8})", "(x)?([a-z0-9]{8})");
  assert.deepEqual(found(readGitleaks(second), text), ["aaaaaaaa", "a1b2c3d4"]);
});

const text = "first tok_a1b2c3d4 end\nother tok_e5f6g7h8 end";
const allowlists: readonly [what: string, list: string, kept: readonly string[]][] = [
  ["by the secret", "regexes = ['^a1']", ["e5f6g7h8"]],
  ["by the match", "regexTarget = 'match'\nregexes = ['tok_a1']", ["e5f6g7h8"]],
  ["by the line", "regexTarget = 'line'\nregexes = ['^other']", ["a1b2c3d4"]],
  ["by a word, whatever its case", "stopwords = ['B2C3']", ["e5f6g7h8"]],
  ["by either", "regexes = ['^e5']\nstopwords = ['b2c3']", []],
  ["by both", "condition = 'AND'\nregexes = ['^a1', '^e5']\nstopwords = ['b2c3']", ["e5f6g7h8"]],
  [
    "by both, one of them a path: nothing passes",
    "condition = 'AND'\nregexes = ['^a1']\npaths = ['x']",
    ["a1b2c3d4", "e5f6g7h8"],
  ],
  ["by either, one of them a path: the other holds", "regexes = ['^a1']\npaths = ['x']", ["e5f6g7h8"]],
  ["by a commit alone", "commits = ['abc']", ["a1b2c3d4", "e5f6g7h8"]],
];
for (const [what, list, kept] of allowlists)
  test(`allowlist ${what}`, () => {
    assert.deepEqual(found(readGitleaks(rule("", `[[rules.allowlists]]\n${list}`)), text), kept);
    assert.deepEqual(found(readGitleaks(rule("", `[rules.allowlist]\n${list}`)), text), kept);
    assert.deepEqual(found(readGitleaks(`[allowlist]\n${list}\n${rule("")}`), text), kept);
  });

test("an allowlist of the file for named rules alone", () => {
  const list = (id: string) => `[[allowlists]]\ntargetRules = ['${id}']\nregexes = ['^a1']\n`;
  assert.deepEqual(found(readGitleaks(list("a") + rule("")), text), ["e5f6g7h8"]);
  assert.deepEqual(found(readGitleaks(list("b") + rule("")), text), ["a1b2c3d4", "e5f6g7h8"]);
});

const wrongs: readonly [file: string, message: RegExp][] = [
  ["[[rules]]\nregex = 'a'", /^line 1: has no id$/],
  ["# one\n\n[[rules]]\nid = 'a'", /^line 3: rule "a": has neither regex nor path$/],
  ["[[rules]]\nid = 'a'\n\nregex = '(a'", /^line 4: rule "a": regex: .*missing closing \)/],
  ["[[rules]]\nid = 'a'\nregex = 'a(?=b)'", /^line 3: rule "a": regex: /],
  [rule("required = [{ id = 'b' }]"), /^line 1: rule "a": 'required' is not understood$/],
  [rule("secretGroup = 2"), /^line 1: rule "a": secretGroup 2 is none of its 1 groups$/],
  [rule("entropy = 'high'"), /^line 1: rule "a": 'entropy' is not a number$/],
  [rule("tags = 'x'"), /^line 1: rule "a": 'tags' is not a list$/],
  [rule("", rule("")), /^line 6: rule "a": the id stands in line 1 already$/],
  [
    rule("", "[[rules.allowlists]]\ncondition = 'XOR'\nregexes = ['a']"),
    /^line 1: rule "a": allowlist: condition 'XOR' is neither/,
  ],
  [
    rule("", "[[rules.allowlists]]\nregexTarget = 'file'\nregexes = ['a']"),
    /^line 1: rule "a": allowlist: regexTarget 'file' is none of/,
  ],
  [rule("", "[[rules.allowlists]]\nregexes = ['(']"), /^line 1: rule "a": allowlist: regex \(: /],
  [rule("", "[[rules.allowlists]]\nrepos = ['x']"), /^line 1: rule "a": 'repos' is not understood$/],
  ["[extend]\nuseDefault = true", /^line 1: 'extend' is not understood$/],
  ["a = \n", /^line 1: /],
  ["rules = 1", /^line 1: 'rules' is not a list$/],
];
for (const [file, message] of wrongs)
  test(`what cannot be honoured is a fault: ${message.source}`, () => assert.match(fault(file), message));

test("a line that looks like a table within a text of several lines is none", () => {
  const file = `[[rules]]\nid = "a"\ndescription = '''\n[[rules]]\n'''\nregex = "x"\n[[rules]]\nid = "b"`;
  assert.equal(fault(file), 'line 7: rule "b": has neither regex nor path');
});

test("hostile files end in rules or a fault", () => {
  const piece = fc.constantFrom(
    "[[rules]]\n",
    "id='a'\n",
    "regex='a'\n",
    "[allowlist]\n",
    "regexes=['a']\n",
    "'''",
    "entropy=1\n",
    "=",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), (pieces) => {
      try {
        readGitleaks(pieces.join(""));
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
  );
});
