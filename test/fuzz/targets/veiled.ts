// What is withheld of files: what a plain reader finds in them under a telling name is known, whatever stands around it; each is told once, by the
// file's name alone, and lies in what was read.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shortest } from "../../../src/inspection/forms.ts";
import { maskFile } from "../../../src/review/veil/mask/mask.ts";
import { veiledValues } from "../../../src/session/inspecting/veiled-values.ts";
import { latin1, type Target } from "../target.ts";

const directory = mkdtempSync(join(tmpdir(), "postern-fuzz-veiled-"));
const names = [".env", "a.json", "a.yaml", "a.toml", "a.ini", "a.properties", "credentials"] as const;

/** Of a JSON value: every text under a name that says what it is. */
function* secretsIn(value: unknown, name = ""): Generator<string> {
  if (typeof value === "string" && /^(?:password|api_key|token)$/.test(name)) yield value;
  if (typeof value !== "object" || value === null) return;
  for (const [inner, each] of Object.entries(value)) yield* secretsIn(each, Array.isArray(value) ? "" : inner);
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  if (typeof value === "object" && value !== null) for (const each of Object.values(value)) yield* textsIn(each);
}

/** No path, no address, and neither too short nor too long. */
const isSought = (text: string): boolean => text.length >= shortest && text.length <= 1_000 && !/^\/|:\/\//.test(text);

function checkJson(text: string, found: readonly string[]): void {
  const value: unknown = JSON.parse(text);
  for (const secret of secretsIn(value))
    if (isSought(secret)) assert.ok(found.includes(secret), `${secret} is not known`);
  const all = [...textsIn(value)];
  for (const one of found)
    assert.ok(
      text.includes(one) ||
        all.some((each) => each.includes(one) || each.includes(encodeURIComponent(one)) || each.includes("%")),
      `${one} stands nowhere`,
    );
}

/** Lines that nothing quotes and nothing goes on behind. */
function checkLines(text: string, found: readonly string[]): void {
  if (/[^\n -~]|["'`\\]/.test(text)) return;
  for (const { 1: secret = "" } of text.matchAll(/^(?:export )?[A-Z]*PASSWORD=([A-Za-z0-9]{12,40})$/gm))
    assert.ok(found.includes(secret), `${secret} is not known`);
}

function check(bytes: Buffer): string {
  const name = names[(bytes[0] ?? 0) % names.length] ?? ".env";
  const content = bytes.subarray(1);
  const path = join(directory, name);
  writeFileSync(path, content);
  const told = veiledValues({ masked: [{ path, glob: name, text: "" }], hidden: [] });
  const found = told.map(({ value }) => value);
  assert.equal(new Set(found).size, found.length);
  for (const { label, value } of told) {
    assert.equal(label, `masked ${name}`);
    assert.ok(value.length > 0 && value.length <= 100_000);
  }
  const text = content.toString();
  const isRead = maskFile(name, content) !== undefined && !text.includes("postern-masked-");
  if (isRead && name === "a.json" && text.trim() !== "") checkJson(text, found);
  if (isRead && name === ".env") checkLines(text, found);
  return `${name} ${isRead} ${Math.min(found.length, 3)}`;
}

const seed = (at: number, text: string): Buffer => latin1(String.fromCharCode(at) + text);
export const target: Target = {
  seeds: [
    seed(
      0,
      "export DB_PASSWORD='correct horse battery'\nPASSWORD=abcdefgh1234\nURL=postgres://a:s3cr%20et-word@b/c\n# why\n",
    ),
    seed(1, '{"password":"correct \\"horse\\"","list":[{"token":"abc-def-ghi"},"Qx7Lr2Tz0bWm4Yc1Kp9s"],"n":1}'),
    seed(2, "a:\n  api_key: 1234abcd5678\n  b: |\n    token: never\n  password: 'it''s secret 1'\n"),
    seed(3, '[a]\npassword = "correct horse"\nb = [1, 2]\n'),
    seed(4, "[a]\npassword = correct horse ; b\n"),
    seed(5, "password=correct \\\n horse\n"),
    seed(6, "[default]\naws_secret_access_key = abcdEFGH1234ijklMNOP\n"),
  ],
  words: [
    '"password":"',
    '","',
    "\nPASSWORD=",
    "abcdefgh1234",
    "password: ",
    "token = ",
    "://a:b%",
    "%41",
    "\n",
    '"""',
    "'",
    '\\"',
    "[[a]]\n",
    "|\n  ",
    "&a ",
    "__proto__",
    "postern-masked-1",
    "\0",
    "\xff",
  ],
  longest: 600,
  run: check,
  close: async () => rmSync(directory, { recursive: true, force: true }),
};
