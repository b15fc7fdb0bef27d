// What a request says around its body: a value that is known is found in its target, in fields that hold no credentials of their own and in every trailer;
// where credentials belong none is; no name that holds one is told; bounded, and the same each time.

import assert from "node:assert/strict";
import { openOpener } from "../../../src/inspection/open/opener.ts";
import { openFinding } from "../../../src/session/inspecting/finding.ts";
import { openHeads } from "../../../src/session/inspecting/heads.ts";
import { openNames } from "../../../src/session/inspecting/names.ts";
import { latin1, type Target } from "../target.ts";

const value = "kv-9fQ2xfQ2xLr7Tz0bWW";
const word = "postgres";
const { seek } = openFinding(
  {
    known: [
      { label: "environment KV_TOKEN", value },
      { label: "environment DB_PASSWORD", value: word },
    ],
  },
  (text) => text,
  openOpener(() => undefined),
);
const open = () => openHeads(seek, openNames(seek));
const heads = open();

/** By second eye: fields in which nobody expects a credential, and those in which everybody does. */
const plainly = new Set(["x-debug", "user-agent", "referer", "idempotency-key", "x-request-id"]);
const credentials = new Set(["authorization", "cookie", "x-api-key", "private-token"]);
const most = 50;

const fieldsOf = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => {
    const at = line.indexOf(":");
    return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
  });

function checkFields(what: "header" | "trailer", fields: readonly string[], paths: ReadonlySet<string>): void {
  for (const [at, text] of fields.entries()) {
    const name = (at % 2 === 0 ? "" : (fields[at - 1] ?? "")).toLowerCase();
    if (at % 2 === 0 || !text.includes(value)) continue;
    if (what === "trailer" || plainly.has(name))
      assert.ok(
        [...paths].some((path) => path.startsWith("(")),
        name,
      );
    if (plainly.has(name)) assert.ok(paths.has(`(${what} ${name})`), `${what} ${name}`);
  }
}

function check(bytes: Buffer): string {
  const [headLines = "", trailerLines = ""] = bytes.toString("latin1").split("\n\n", 2);
  const [target = "", ...lines] = headLines.split("\n");
  const head = { method: "GET", target, headers: fieldsOf(lines) };
  const trailers = trailerLines === "" ? undefined : fieldsOf(trailerLines.split("\n"));
  const found = heads.look(head, trailers);
  assert.deepEqual(heads.look(head, trailers), found, "looked at again it is something else");
  assert.deepEqual(open().look(head, trailers), found, "what was seen before changes what is seen");
  assert.ok(found.length <= most);
  const paths = new Set(found.map(({ path }) => path));
  for (const { path, from, to, kind } of found) {
    assert.match(path, /^\((?:target|a field that is no name|(?:header|trailer) )/);
    assert.ok(!path.includes(value) && from >= 0 && from < to && kind === "secret");
  }
  const read = Buffer.from(target, "latin1").toString("utf8");
  if (target.includes(value)) {
    const at = read.indexOf(value);
    assert.ok(found.some(({ path, from, to }) => path === "(target)" && from === at && to === at + value.length));
  }
  if (found.length < most) {
    checkFields("header", head.headers, paths);
    checkFields("trailer", trailers ?? [], paths);
  }
  for (const name of credentials) assert.ok(!paths.has(`(header ${name})`), `${name} is where one belongs`);
  return [...paths].map((path) => path.slice(0, 24)).join();
}

export const target: Target = {
  seeds: [
    latin1(`/a/${value}/b?q=1`),
    latin1(`/a?token=${value}&x=y\nX-Debug: a ${value}\nAuthorization: ${value}`),
    latin1(
      `/\nUser-Agent:agent (${Buffer.from(value).toString("base64")})\nCookie:a=${value}\n\nX-Sum:${value}\nX-Auth:1`,
    ),
    latin1(`/postgres/latest?u=postgres\nX-${value}:1\nX-Request-Id:${Buffer.from(value).toString("hex")}`),
    Buffer.from(`/é/${value}?%6b%76`),
  ],
  words: [
    value,
    word,
    value.slice(0, 9),
    Buffer.from(value).toString("base64url"),
    encodeURIComponent(`${value} `),
    "?token=",
    "&sig=",
    "&",
    "?",
    "=",
    "\nX-Debug:",
    "\nCookie:",
    "\nIdempotency-Key:",
    "\n\n",
    "%41",
    "\xc3\xa9",
  ],
  longest: 1500,
  run: check,
};
