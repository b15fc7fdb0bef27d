// Answers of git-lfs: no value of a header that could be a credential's comes through, whatever stands around it.

import assert from "node:assert/strict";
import { isBatch, isFetch, replaceHanded, replaceLent } from "../../../src/protocol/git/large-files.ts";
import { latin1, type Target } from "../target.ts";

/** Every text in it. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** Headers that a client would send with what it fetches or sends. */
function headersOf(answer: unknown): [name: string, value: string][] {
  if (typeof answer !== "object" || answer === null) return [];
  return Object.entries(answer).flatMap(([name, value]: [string, unknown]) =>
    name === "header" && typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, text]: [string, unknown]) =>
          typeof text === "string" ? [[key, text] as [string, string]] : [],
        )
      : headersOf(value),
  );
}

function checkAnswer(bytes: Buffer, lent: boolean): string {
  const values: string[] = [];
  const keep = ({ value, host, path }: { value: string; host: string; path: string }): string => {
    assert.match(host, /^[0-9a-z._:-]+$/);
    assert.ok(path.startsWith("/"), path);
    values.push(value);
    return `placeholder-${values.length}`;
  };
  const told = lent ? replaceLent(bytes, true, keep) : replaceHanded(bytes, keep);
  if (typeof told === "string") return told;
  const answer: unknown = JSON.parse(told.toString());
  for (const [name, value] of headersOf((answer as { objects?: unknown }).objects ?? (lent ? answer : {})))
    if (/auth|token|cookie/i.test(name)) assert.match(value, /^placeholder-/, "a credential came through");
  assert.ok(textsOf(answer).length < 100_000);
  return `kept ${Math.min(3, values.length)}`;
}

function check(bytes: Buffer): string {
  const [how = 0] = bytes;
  const body = bytes.subarray(1);
  if (how % 3 < 2) return checkAnswer(body, how % 3 === 1);
  const path = `/r.git/info/lfs/objects/batch${body.subarray(0, 12).toString("latin1")}`;
  const fetches = isFetch({ method: "POST", path, headers: [], body });
  if (fetches) {
    const asked = JSON.parse(body.toString("utf8")) as { operation?: unknown };
    assert.equal(asked.operation, "download");
    assert.ok(isBatch({ method: "POST", path }));
  }
  return `asks ${fetches} ${isBatch({ method: "post", path })}`;
}

const action = {
  href: "https://a.example/o/1",
  header: { Authorization: "Bearer a-real-token", "X-Plain": "b" },
  expires_in: 60,
};
const json = (how: number, value: unknown): Buffer =>
  Buffer.concat([Buffer.from([how]), Buffer.from(JSON.stringify(value))]);
export const target: Target = {
  seeds: [
    json(0, { transfer: "basic", objects: [{ oid: "a", size: 1, actions: { download: action, verify: action } }] }),
    json(0, {
      objects: [
        { oid: "a", _links: { upload: action } },
        { oid: "b", error: { code: 404 } },
      ],
    }),
    json(1, action),
    json(2, { operation: "download", objects: [] }),
    latin1('\x02{"operation":"upload"}'),
  ],
  words: [
    '"header":{"Authorization":"Basic eDp5"},',
    '"actions":',
    '"_links":',
    '"operation":"download",',
    "https://",
    "http://",
    "null",
    "[]",
    "{}",
    '"__proto__":',
    "\\u0061",
    '"objects":[',
    "[[[[[[[[[[[[[[[[[[",
    "]]]]]]]]]]]]]]]]]]",
  ],
  run: check,
};
