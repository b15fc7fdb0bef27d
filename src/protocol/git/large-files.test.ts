// A batch of git-lfs: which request is one, and what becomes of the headers its answer hands out.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Handed } from "../../domain/pass.ts";
import { isBatch, isFetch, replaceHanded, replaceLent } from "./large-files.ts";

const href = "https://git.example/team/one.git/info/lfs/objects/o/1?sig=x";

function replace(answer: unknown, kept: string | null = "KEPT") {
  const handed: Handed[] = [];
  const taken = replaceHanded(Buffer.from(JSON.stringify(answer)), (one) => {
    handed.push(one);
    return kept ?? undefined;
  });
  return { handed, said: typeof taken === "string" ? taken : (JSON.parse(taken.toString()) as unknown) };
}

const batch = (action: object) => ({
  transfer: "basic",
  objects: [{ oid: "1", size: 2, actions: { download: action } }],
});

test("a batch is asked for by POST at its own path, however a server might read that, in whatever type", () => {
  const asked = (path: string, method = "POST") => isBatch({ method, path });
  for (const end of [
    "batch",
    "batch/",
    "batch//",
    "batch/.",
    "batch.json",
    "%62atch",
    "%2562atch",
    "Batch",
    "batch;a=1",
    "batch%20",
    "./batch",
  ])
    assert.equal(asked(`/a.git/info/lfs/objects/${end}`), true, end);
  assert.equal(asked("/objects%2fbatch"), true);
  assert.equal(asked("/a.git/info/lfs/objects/batch", "post"), true);
  assert.equal(asked("/a.git/info/lfs/objects/batch", "GET"), false);
  for (const path of ["/objects/batch/x", "/objects/batches", "/batch", "/x-objects/batch"])
    assert.equal(asked(path), false, path);
});

test("a fetch: GET or HEAD, or a batch that asks for downloads, whoever reads it", () => {
  const is = (method: string, body = "", path = "/a.git/info/lfs/objects/batch", headers: readonly string[] = []) =>
    isFetch({ method, path, headers, body: Buffer.from(body) });
  const objects = '"objects":[{"oid":"1","size":2}]';
  const download = `{"operation":"download",${objects}}`;
  assert.deepEqual([is("GET"), is("HEAD"), is("POST", download)], [true, true, true]);
  for (const method of ["PUT", "PATCH", "DELETE", "get", "POST"]) assert.equal(is(method), false, method);
  assert.equal(is("POST", download, "/a.git/info/lfs/locks"), false);
  assert.equal(is("POST", download, undefined, ["X-HTTP-Method-Override", "PUT"]), false);
  assert.equal(isFetch({ method: "POST", path: "/objects/batch", headers: [], body: undefined }), false);
  for (const body of [
    `{"operation":"upload",${objects}}`,
    `{${objects}}`,
    `{"operation":"upload","operation":"download"}`,
    `{"operation":"download","Operation":"upload"}`,
    `{"operation":"download","\\u006fperation":"upload"}`,
    `[${download}]`,
    "operation=download",
  ])
    assert.equal(is("POST", body), false, body);
});

test("what is a credential's is replaced, with its place; everything else stays", () => {
  const header = { Authorization: "Basic abc", "X-Api-Token": "t", Accept: "x/y", "x-amz-content-sha256": "z" };
  const { handed, said } = replace(batch({ href, header, expires_in: 3600 }));
  const place = { host: "git.example", path: "/team/one.git/info/lfs/objects/o/1" };
  assert.deepEqual(handed, [
    { ...place, header: "authorization", value: "Basic abc", fetches: true },
    { ...place, header: "x-api-token", value: "t", fetches: true },
  ]);
  const replaced = { ...header, Authorization: "KEPT", "X-Api-Token": "KEPT" };
  assert.deepEqual(said, batch({ href, header: replaced, expires_in: 3600 }));
  for (const answer of [
    { message: "no" },
    { objects: [] },
    batch({ href }),
    { objects: [{ oid: "1", error: { code: 404 } }] },
  ])
    assert.deepEqual(replace(answer), { handed: [], said: answer });
});

test("nothing is left for a reader that takes other names than ours for the same", () => {
  const header = { Authorization: "Basic abc" };
  const replaced = { Authorization: "KEPT" };
  const told = (object: object) => (replace({ objects: [object] }).said as { objects: object[] }).objects[0];
  const action = { href, header };
  // git-lfs looks into `_links` for what `actions` does not have
  const both = { actions: { verify: action }, _links: { download: action } };
  assert.deepEqual(told(both), {
    actions: { verify: { href, header: replaced } },
    _links: { download: { href, header: replaced } },
  });
  assert.deepEqual(told({ oid: "1", actions: null, _links: { upload: action } }), {
    oid: "1",
    actions: null,
    _links: { upload: { href, header: replaced } },
  });
  // and its reader of JSON takes names in any case
  assert.deepEqual(told({ Actions: { download: action }, actions: { download: { href, Header: header } } }), {
    actions: { download: { href } },
  });
  // nor is one where a single value belongs
  const odd = { oid: { header }, size: [header], authenticated: header, error: { code: 404, message: header } };
  assert.deepEqual(told({ ...odd, actions: { download: { href, expires_in: { header } } } }), {
    actions: { download: { href } },
    error: { code: 404 },
  });
  assert.deepEqual(replace({ transfer: { header }, message: [header], objects: [] }).said, { objects: [] });
  assert.deepEqual(replace({ Objects: [{ actions: { download: action } }], message: "m" }).said, { message: "m" });
});

test("what cannot be read or kept is not passed on", () => {
  const header = { Authorization: "Basic abc" };
  for (const answer of [
    "text",
    [],
    { objects: {} },
    { objects: ["x"] },
    { objects: [{ actions: { download: "x" } }] },
    { objects: [{ actions: [] }] },
    { objects: Array.from({ length: 1001 }, () => ({})) },
    batch({ href, header: "x" }),
    batch({ href, header: { Authorization: 1 } }),
    batch({ href, header: { "Authorization\r\nX": "x" } }),
    batch({ href, header: { Authorization: "a\r\nb" } }),
    batch({ href, header: { Authorization: "" } }),
    ...["http://git.example/x", "https://me:pw@git.example/x", "/x", "https://git.example/*", "", undefined].map((to) =>
      batch({ href: to, header }),
    ),
  ])
    assert.equal(typeof replace(answer).said, "string", JSON.stringify(answer).slice(0, 200));
  assert.equal(typeof replaceHanded(Buffer.from("{"), () => "x"), "string");
  assert.match(String(replace(batch({ href, header }), null).said), /another place's/);
});

test("nested deeper than any answer is: refused as a value, also over ssh", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const whole = (levels: number) => Buffer.from(`{"href":"${href}","expires_in":${nested(levels)}}`);
  const lent = (answer: Buffer) => replaceLent(answer, true, () => "x");
  for (const replaced of [lent, (answer: Buffer) => replaceHanded(answer, () => "x")]) {
    for (const levels of [16, 8000, 200_000]) assert.equal(typeof replaced(whole(levels)), "string");
    assert.ok(Buffer.isBuffer(replaced(whole(15))));
  }
});

test("whatever the server says: no throw, and no value of an authorization passes", () => {
  const value = "Basic c2VjcmV0LW9mLXRoZS1zZXJ2ZXI=";
  const part = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue(),
      tie("action"),
      fc.array(tie("any"), { maxLength: 3 }),
      tie("object"),
    ),
    action: fc.record(
      {
        href: fc.oneof(fc.constant(href), fc.string()),
        header: fc.constantFrom({ Authorization: value }, { authorization: value, x: 1 }, null),
      },
      { requiredKeys: [] },
    ),
    object: fc.dictionary(fc.constantFrom("objects", "actions", "_links", "download", "header"), tie("any")),
  }));
  fc.assert(
    fc.property(fc.array(part.action, { maxLength: 4 }), part.any, (actions, more) => {
      const objects = actions.map((action) => ({ oid: "1", actions: { upload: action } }));
      const taken = replaceHanded(Buffer.from(JSON.stringify({ objects, more: null })), () => "KEPT");
      if (typeof taken !== "string") assert.equal(taken.includes(value), false);
      replaceHanded(Buffer.from(JSON.stringify(more)), () => "KEPT");
    }),
    { numRuns: 2000 },
  );
});

test("what is lent over ssh: for its place and all below it, and nothing else of the answer", () => {
  const handed: Handed[] = [];
  const take = (answer: unknown) =>
    replaceLent(Buffer.from(JSON.stringify(answer)), true, (one) => {
      handed.push(one);
      return "KEPT";
    });
  const place = "https://git.example/team/one.git/info/lfs";
  const rest = { expires_in: 3600, expires_at: "2030-01-01T00:00:00Z" };
  const told = take({ href: `${place}/`, header: { Authorization: "RemoteAuth abc" }, ...rest, token: "secret" });
  assert.deepEqual(JSON.parse(told.toString()), { href: `${place}/`, header: { Authorization: "KEPT" }, ...rest });
  const below = { host: "git.example", path: "/team/one.git/info/lfs/**", header: "authorization" };
  assert.deepEqual(handed, [{ ...below, value: "RemoteAuth abc", fetches: true }]);
  for (const answer of [
    "x",
    [],
    {},
    { href: 1 },
    { href: "/x", header: { Authorization: "a" } },
    { href: place, header: [] },
  ])
    assert.equal(typeof take(answer), "string", JSON.stringify(answer));
  assert.equal(typeof replaceLent(Buffer.from("Welcome!"), false, () => "x"), "string");
});
