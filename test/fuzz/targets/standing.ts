// What a placeholder stands for: written back into its file by whoever read it as JSON writes it, it is what stood in the file.

import assert from "node:assert/strict";
import type { Span } from "../../../src/domain/span.ts";
import { unescapeString } from "../../../src/inspection/open/open.ts";
import { openStanding } from "../../../src/session/inspecting/standing.ts";
import { latin1, type Target, wide } from "../target.ts";

const span = (role: Span["role"], text: string, kind: Span["kind"] = "text"): Span => ({
  role,
  kind,
  text,
  path: "",
  place: { from: 0, to: text.length, escaped: false },
  fixed: false,
});
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const everyEscaped = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");

/** Where it stands first; undefined: nowhere. */
function standsFor(where: Span, written: string): string | undefined {
  const from = where.text.indexOf(written);
  return from < 0 ? undefined : openStanding(where)(from, from + written.length);
}

type Case = (secret: string, file: string) => readonly [span: Span, written: string, stands: string];
/** A call's arguments; what a tool wraps around a text, and around JSON; JSON and a text as they were read. */
const cases: readonly Case[] = [
  (secret, file) => [span("call", JSON.stringify({ path: "a", content: file })), inJson(secret), secret],
  (secret, file) => [
    span("call", `{"content":"${inJson(file).replace(inJson(secret), everyEscaped(secret))}"}`),
    everyEscaped(secret),
    secret,
  ],
  (secret, file) => [
    span("result", ` ${JSON.stringify({ output: file, metadata: { exit_code: 0 } })}`),
    inJson(secret),
    secret,
  ],
  (secret, file) => {
    const read = JSON.stringify({ pw: file });
    return [span("result", JSON.stringify({ stdout: read })), inJson(inJson(secret)), inJson(secret)];
  },
  (secret, file) => [span("result", JSON.stringify({ pw: file, list: [secret] })), inJson(secret), inJson(secret)],
  (secret, file) => [span("result", `[access\n${file}`), secret, secret],
  (secret, file) => [span("call", JSON.stringify({ content: file }), "free"), inJson(secret), inJson(secret)],
  (secret, file) => [span("person", JSON.stringify({ output: file })), inJson(secret), inJson(secret)],
];

function checkAny(text: string): string {
  const [role = "", body = "", written = ""] = text.split("\x1e", 3);
  const roles = ["call", "result", "person"] as const;
  const stands = standsFor(span(roles[role.length % 3] ?? "call", body), written);
  assert.ok(stands === undefined || stands === written || stands === unescapeString(written));
  return `any ${stands === written}`;
}

function check(bytes: Buffer): string {
  const [how = 0] = bytes;
  const text = how % 2 === 0 ? bytes.toString("utf8", 1) : wide(bytes.subarray(1));
  const nth = (how >> 1) % (cases.length + 1);
  const one = cases[nth];
  if (one === undefined) return checkAny(text);
  const [secret = "", before = "", behind = ""] = text.split("\x1e", 3);
  if (secret.length < 4) return "no secret";
  const [where, written, stands] = one(secret, before + secret + behind);
  // JSON by chance, with such a member
  if (nth === 5 && isJson(where.text)) return "JSON";
  assert.equal(standsFor(where, written), stands, where.text);
  return `${nth} ${written === stands}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const said = 'correct "horse" \\ battery\n9\x1ea = \x1e\nb';
export const target: Target = {
  seeds: [
    ...Array.from({ length: cases.length + 1 }, (_, at) => Buffer.from(String.fromCharCode(at << 1) + said)),
    Buffer.concat([Buffer.of(1), Buffer.from(`\ud800a"${said}\udc00`, "utf16le")]),
    latin1('\x10a\x1e{"output":"a\\\\n"}\x1e\\\\n'),
  ],
  words: ["\\", '"', "\\n", "\\u0041", "\\\\", "\n", '{"output":"', "{", "[", "\x1e", "/", "\u00e2\u0080\u00a8"],
  longest: 400,
  run: check,
};
