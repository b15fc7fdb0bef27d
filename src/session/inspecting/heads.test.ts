// A head: secrets in targets and headers are found, in codings too; what agents and package managers put there every day is none.

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Seen } from "../../inspection/inspect.ts";
import { openOpener } from "../../inspection/open/opener.ts";
import { positives } from "../../inspection/rules/examples/positives.ts";
import { readRules } from "../../inspection/rules/file.ts";
import { ownRules } from "../../inspection/rules/own.ts";
import { openFinding } from "./finding.ts";
import { openHeads, withHead } from "./heads.ts";
import { openNames } from "./names.ts";

const made = positives(11, ownRules.length).find(({ rule }) => rule === "github-personal-token");
const token = made?.text.slice(made.from, made.to) ?? assert.fail("no such rule");
const value = "kv-9fQ2xfQ2xLr7Tz0bWW";
const known = [
  { label: "environment KV_TOKEN", value },
  { label: "environment DB_PASSWORD", value: "postgres" },
  { label: "environment WORDS", value: "correcthorsebattery" },
  { label: "environment ODD", value: "pässwörd of häuser" },
];
const { seek } = openFinding(
  { known },
  (text) => text,
  openOpener(() => undefined),
);
const heads = openHeads(seek, openNames(seek));

const look = (target: string, ...headers: string[]) =>
  heads.look({ method: "GET", target, headers }).map(({ label, path }) => [label, path]);

test("in a path, a query, a header, plainly, escaped and in base64", () => {
  const escaped = [...value].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");
  const coded = Buffer.from(`x=${value}`).toString("base64url");
  for (const target of [`/a/${value}/b`, `/a?q=${value}`, `/a?token=${value}`, `/${escaped}`, `/a?b=${coded}`])
    assert.ok(
      look(target).some(([, path]) => path === "(target)"),
      target,
    );
  assert.equal(look(`/a/${token}`)[0]?.[1], "(target)");
  assert.equal(look(`/a?q=${token}&b=1`).length, 1);
  for (const [name, text] of [
    ["X-Debug", value],
    ["User-Agent", `agent/1.0 (${token})`],
    ["Referer", `https://example.com/?q=${value}`],
    ["Idempotency-Key", value],
    ["X-Request-Id", Buffer.from(value).toString("hex")],
  ] as const)
    assert.equal(look("/", name, text)[0]?.[1], `(header ${name.toLowerCase()})`, name);
});

test("where it stands, once; also at the beginning of a path that is named like a capability", () => {
  const target = `/a?x=1&q=${token}&b=1`;
  const [found, ...more] = heads.look({ method: "GET", target, headers: [] });
  assert.deepEqual([target.slice(found?.from, found?.to), more], [token, []]);
  assert.equal(look(`/a?q=${value}`).length, 1);
  assert.equal(look(`/a-token=${token}`).length, 1);
  assert.equal(look("/correcthorsebattery/a").length, 1, "letters alone, where they are long");
  const wire = Buffer.from("pässwörd of häuser").toString("latin1");
  assert.deepEqual(
    look(`/${wire}`, "X-Debug", wire).map(([, path]) => path),
    ["(target)", "(header x-debug)"],
  );
});

test("a guess, other kinds than secrets, and a short word in another coding: by what is seen of them", () => {
  const say = (seen: Partial<Seen>) => {
    const seek = (): Seen[] => [{ kind: "secret", label: "l", from: 0, to: 4, ...seen }];
    const none = openNames(() => []);
    return openHeads(seek, none).look({ method: "GET", target: "/", headers: ["X", "word"] }).length > 0;
  };
  assert.deepEqual(
    [
      say({ sure: "generic" }),
      say({ kind: "personal" }),
      say({ kind: "covert" }),
      say({ sure: "known" }),
      say({ sure: "known", within: ["hex"] }),
      say({ sure: "format" }),
    ],
    [false, false, false, false, true, true],
  );
});

test("what is sought is bounded, and what is remembered", () => {
  let asked = 0;
  const counted = openHeads(
    () => {
      asked += 1;
      return [];
    },
    openNames(() => []),
  );
  const ask = (target: string): number => {
    const before = asked;
    counted.look({ method: "GET", target, headers: [] });
    return asked - before;
  };
  assert.ok(ask(`/${Array.from({ length: 5_000 }, (_, at) => `&p${at}=1`).join("")}`) <= 1_002);
  assert.deepEqual([ask("/short"), ask("/short")], [1, 0]);
  const long = `/${"a".repeat(2_000)}`;
  assert.deepEqual([ask(long), ask(long)], [2, 2], "the whole and its one part");
  for (let at = 0; at < 5_001; at += 1) ask(`/${at}`);
  assert.equal(ask("/short"), 1, "it was forgotten");
});

test("a header's name that holds one is not told", () => {
  assert.deepEqual(look("/", `X-${value}`, value)[0]?.[1], "(a field that is no name)");
  assert.equal(look("/", `X-Token-${value}`, "1").length, 1, "nor is one named like a credential left out");
  assert.deepEqual(look("/", `X-${value}`, "1"), [["environment KV_TOKEN", "(a field that is no name)"]]);
});

test("trailers, whatever they are called", () => {
  const behind = (...trailers: string[]) =>
    heads.look({ method: "POST", target: "/", headers: [] }, trailers).map(({ path }) => path);
  assert.deepEqual(behind("X-Checksum", value), ["(trailer x-checksum)"]);
  assert.deepEqual(behind("X-Auth-Token", token), ["(trailer x-auth-token)"]);
  assert.deepEqual(behind("X-Checksum", randomBytes(32).toString("hex")), []);
});

test("what belongs there, and what is everybody's, is none", () => {
  const presigned =
    "/o.bin?X-Amz-Credential=AKIAIOSFODNN7EXAMPLA%2F20261128%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=";
  const jwt = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url")}.${Buffer.from('{"sub":"1234567890","exp":1}').toString("base64url")}.${randomBytes(32).toString("base64url")}`;
  for (const target of [
    "/v1/messages?beta=true",
    "/postgres/latest",
    "/v1beta/models/gemini-3:streamGenerateContent?alt=sse",
    `/sessions/${randomUUID()}/events?cursor=${randomBytes(24).toString("base64url")}`,
    `/repo/git-upload-pack?service=${randomBytes(20).toString("hex")}`,
    `${presigned}${randomBytes(32).toString("hex")}`,
    `/o.bin?AWSAccessKeyId=AKIAIOSFODNN7QWERTY2&Expires=1900000000&Signature=${encodeURIComponent(randomBytes(20).toString("base64"))}`,
    `/release.tgz?sp=r&sig=${encodeURIComponent(randomBytes(32).toString("base64"))}&jwt=${jwt}`,
  ])
    assert.deepEqual(look(target), [], target);
  const headers = [
    ["Authorization", `Bearer ${token}`],
    ["X-Api-Key", value],
    ["PRIVATE-TOKEN", token],
    ["Cookie", `session=${token}`],
    ["User-Agent", "claude-cli/2.1.328 (external, cli)"],
    ["X-Stainless-Runtime-Version", "v24.21.0"],
    ["x-request-id", randomUUID()],
    ["session_id", randomUUID()],
    ["traceparent", `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`],
    ["If-None-Match", `"${randomBytes(20).toString("hex")}"`],
    ["Sec-WebSocket-Key", randomBytes(16).toString("base64")],
    ["x-client-data", randomBytes(40).toString("base64")],
  ] as const;
  for (const [name, text] of headers) assert.deepEqual(look("/", name, text), [], name);
});

test("random identifiers, hundreds of them: none", () => {
  const id = fc.oneof(
    fc.uuid(),
    fc.uint8Array({ minLength: 8, maxLength: 48 }).map((octets) => Buffer.from(octets).toString("base64url")),
    fc.uint8Array({ minLength: 8, maxLength: 48 }).map((octets) => Buffer.from(octets).toString("hex")),
  );
  fc.assert(
    fc.property(id, (text) => {
      assert.deepEqual(look(`/things/${text}?after=${text}`, "X-Session-Id", text), []);
    }),
    { numRuns: 500 },
  );
});

test("behind more parameters than are looked into one by one", () => {
  for (const count of [998, 999, 1_000, 1_001, 5_000])
    assert.equal(look(`/a?${"&".repeat(count)}q=${token}`).length, 1, String(count));
  assert.deepEqual(look(`/a?${"b=1&".repeat(5_000)}c=2`), []);
});

test("the name of whoever is asked is known to them", () => {
  assert.deepEqual(look("/", "Host", `${value}.example.com`), []);
  assert.equal(look("/", "X-Host", `${value}.example.com`).length, 1);
});

test("what was not looked into is told, and refused where a rule gave up", () => {
  const words = Array.from({ length: 510 }, (_, at) => Buffer.from(`word number ${at} of it`).toString("base64"));
  const coded = heads.look({ method: "GET", target: "/", headers: ["X-Debug", words.join(" ")] });
  assert.deepEqual(
    coded.map(({ kind, label }) => [kind, label]),
    [["closed", "codings"]],
  );
  assert.equal(withHead(undefined, coded), undefined);
  const rule = "rules: [{ id: acme, pattern: 'acme_[0-9a-z]{6,40}', entropy: 3 }]";
  const more = readRules({ form: "yaml", text: rule });
  const finding = openFinding(
    { known, more },
    String,
    openOpener(() => undefined),
  );
  const own = openHeads(finding.seek, openNames(finding.seek));
  const text = `${"acme_000000.".repeat(1_001)}acme_8f3kq0zx7v`;
  for (const head of [
    { method: "GET", target: `/?q=${text}`, headers: [] },
    { method: "GET", target: "/", headers: ["X-Debug", text] },
  ]) {
    const [first] = own.look(head);
    assert.deepEqual([first?.kind, first?.label, first?.cut], ["closed", "acme", "secret"]);
    assert.match(withHead(undefined, own.look(head))?.impossible ?? "", /not looked for/);
  }
});

test("what is not acted on hides nothing that is", () => {
  const words = Array.from({ length: 510 }, (_, at) => Buffer.from(`word number ${at} of it`).toString("base64"));
  const closed = Array.from({ length: 60 }, (_, at) => [`X-${at}`, `${at} ${words.join(" ")}`]).flat();
  const found = heads.look({ method: "GET", target: "/", headers: [...closed, "X-Debug", token] });
  assert.equal(found.length, 50);
  assert.equal(found[0]?.label, "github-personal-token");
});

test("any head: no throw, bounded", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary-ascii" }),
      fc.array(fc.string({ maxLength: 30 }), { maxLength: 7 }),
      (target, headers) => {
        assert.ok(heads.look({ method: "GET", target: `/${target}`, headers }).length <= 50);
      },
    ),
  );
  const many = Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? `x-${at}` : `${value}${at}`));
  assert.equal(heads.look({ method: "GET", target: "/", headers: many }).length, 50);
});
