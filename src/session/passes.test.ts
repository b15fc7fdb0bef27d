// What servers hand out for large files: kept apart from the tool, put in at its own place, looked for everywhere else, and never a way for
// a credential of the policy to another place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import type { Credential } from "../domain/reach.ts";
import { Secret } from "../domain/secret.ts";
import { bind, splice } from "../gateway/requests/credentials.ts";
import { matchesHome } from "./gate.ts";
import { openPasses, passId } from "./passes.ts";

const host = parseHost("git.example") ?? assert.fail();
const other = parseHost("other.example") ?? assert.fail();
const real = "real-password-0123456789";
const forge: Credential = {
  id: "forge",
  secret: new Secret(real),
  placeholder: "postern00112233445566778899",
  variable: undefined,
  to: { host, header: "authorization", paths: ["/team/**"], basic: { user: "jane" } },
};
const pair = `Basic ${Buffer.from(`jane:${real}`).toString("base64")}`;

function answer(value: string, path = "/team/one.git/o/1", at: string = host, name = "Authorization"): Buffer {
  const download = { href: `https://${at}${path}`, header: { [name]: value } };
  return Buffer.from(JSON.stringify({ objects: [{ oid: "1", size: 1, actions: { download } }] }));
}

function headerOf(taken: Buffer | string): string {
  const told = JSON.parse(taken.toString()) as {
    objects: [{ actions: { download: { header: Record<string, string> } } }];
  };
  return Object.values(told.objects[0].actions.download.header)[0] ?? "";
}

test("a token: a placeholder in its place, the real one at its own path alone, and sought everywhere", () => {
  const passes = openPasses([forge], []);
  const handed = headerOf(passes.take(answer("RemoteAuth the-server's-token-0123"), host));
  assert.match(handed, /^RemoteAuth postern[0-9a-f]{48}$/);
  const { credentials } = passes;
  const to = (path: string, at = host) => {
    const asked = {
      destination: { scheme: "https", host: at, port: 443 } as const,
      path,
      headers: ["Authorization", handed],
    };
    const bound = bind({ credentials, logins: [], matchesPath: matchesHome }, asked);
    return bound.foreign === undefined ? splice(asked.headers, bound)[1] : "foreign";
  };
  assert.equal(to("/team/one.git/o/1"), "RemoteAuth the-server's-token-0123");
  assert.deepEqual(
    [to("/team/one.git/o/2"), to("/elsewhere"), to("/team/one.git/o/1", other)],
    ["foreign", handed, handed],
  );
  const found = passes.seekers.seek({ kind: "body", bytes: Buffer.from("x the-server's-token-0123 y") });
  assert.deepEqual(
    found.map(({ label, what }) => [label, what]),
    [[passId, "credential"]],
  );
  const again = headerOf(passes.take(answer("RemoteAuth the-server's-token-0123", "/team/one.git/o/2"), host));
  assert.deepEqual([again, credentials.length], [handed, 2], "one value is one pass");
  assert.equal(
    typeof passes.take(answer("RemoteAuth the-server's-token-0123", "/x", other), host),
    "string",
    "of one host",
  );
});

test("the policy's own credential, handed back: kept for its own places, refused for any other", () => {
  const take = (...words: Parameters<typeof answer>) => openPasses([forge], []).take(answer(...words), host);
  assert.match(headerOf(take(pair)), /^Basic postern[0-9a-f]{48}$/);
  for (const refused of [
    take(pair, "/elsewhere"),
    take(pair, "/team/%2e%2e/x"),
    take(pair, "/team/one.git/o/1", other),
    take(pair, "/team/one.git/o/1", host, "X-Token"),
    take(`Bearer ${real}`, "/x", other),
  ])
    assert.match(String(refused), /^it hands out a credential that is another place's/);
});

test("a place where the policy puts a credential in takes none from another server, be it anybody's own", () => {
  const vendor = parseHost("api.example") ?? assert.fail();
  const login = { login: { places: [{ host: vendor, header: "x-api-key", paths: ["/v1/**"] }] } };
  const keep = { revision: () => "", secrets: () => [], marks: {} };
  const logins = [{ id: "me", keep, ...login }] as unknown as Parameters<typeof openPasses>[1];
  const passes = openPasses([forge], logins);
  const key = "the-attacker's-own-key-0123";
  const take = (from: typeof host, path: string, at: string, name: string) =>
    typeof passes.take(answer(key, path, at, name), from);
  assert.equal(take(other, "/v1/messages", vendor, "X-Api-Key"), "string", "a login's");
  assert.equal(take(other, "/team/one.git/o/1", host, "Authorization"), "string", "a credential's");
  const lent = (path: string) => {
    const told = { href: `https://${vendor}${path}`, header: { "X-Api-Key": key } };
    return typeof passes.takeLent(Buffer.from(JSON.stringify(told)), { host: other, operation: "download" });
  };
  assert.deepEqual([lent("/"), lent("/v1")], ["string", "string"], "all below it");
  assert.equal(passes.credentials.length, 1);
  assert.equal(take(vendor, "/v1/messages", vendor, "X-Api-Key"), "object", "its own server may");
  assert.equal(take(vendor, "/v2", vendor, "X-Api-Key"), "object");
  const unbound = openPasses([forge], logins);
  assert.equal(typeof unbound.take(answer(key, "/v2/x", vendor, "X-Api-Key"), other), "object", "no place of a login");
  assert.equal(typeof unbound.take(answer(key, "/o/1", vendor, "X-Other"), other), "object");
});

test("a value of one host, within a longer one or written otherwise: for no other", () => {
  const passes = openPasses([], []);
  const secret = "the-server's-token-0123";
  assert.equal(typeof passes.take(answer(`Bearer ${secret}`), host), "object");
  for (const value of [
    `Bearer ${secret}`,
    secret,
    `token="${secret}"`,
    `Bearer x${secret}y`,
    `Basic ${Buffer.from(`x:${secret}`).toString("base64")}`,
    `Bearer ${Buffer.from(secret).toString("hex")}`,
  ])
    assert.equal(typeof passes.take(answer(value, "/x", other), host), "string", value);
});

test("lent to fetch with, over ssh: it sends nothing; lent to send with, it does", () => {
  const passes = openPasses([], []);
  const told = { href: `https://${host}/lfs`, header: { Authorization: "RemoteAuth the-server's-token-0123" } };
  const use = (operation: "download" | "upload", method: string, body = "") => {
    const taken = passes.takeLent(Buffer.from(JSON.stringify(told)), { host, operation });
    const { header } = JSON.parse(taken.toString()) as { header: Record<string, string> };
    const asked = { path: "/lfs/objects/batch", headers: ["Authorization", header["Authorization"] ?? ""] };
    const destination = { scheme: "https", host, port: 443 } as const;
    const { used } = bind(
      { credentials: passes.credentials, logins: [], matchesPath: matchesHome },
      { ...asked, destination },
    );
    assert.equal(used.length, 1);
    return passes.objection({ used, method, ...asked, body: Buffer.from(body) }) === undefined;
  };
  const upload = '{"operation":"upload"}';
  assert.deepEqual([use("download", "GET"), use("download", "POST", '{"operation":"download"}')], [true, true]);
  assert.deepEqual([use("download", "PUT"), use("download", "POST", upload)], [false, false]);
  assert.deepEqual([use("upload", "PUT"), use("upload", "POST", upload)], [true, true]);
  assert.deepEqual([use("download", "PUT"), passes.credentials.length], [false, 2], "one value, lent for both");
});

test("not more than is kept: the oldest go, and are no longer put in", () => {
  const passes = openPasses([forge], []);
  const first = headerOf(passes.take(answer("Bearer token-number-0000"), host));
  for (let at = 1; at < 200; at += 1) passes.take(answer(`Bearer token-number-${at}000`), host);
  assert.equal(passes.credentials.length, 129);
  assert.equal(passes.credentials[0], forge);
  assert.equal(
    passes.credentials.some(({ placeholder }) => first.endsWith(placeholder)),
    false,
  );
});

test("not more places than are kept, of all values together", () => {
  const passes = openPasses([], []);
  for (const value of ["the-first-token-0123", "the-second-token-0123", "the-third-token-0123"])
    for (let at = 0; at < 2000; at += 1) passes.take(answer(`Bearer ${value}`, `/o/${at}`), host);
  assert.deepEqual(
    passes.credentials.map(({ to }) => to.paths?.length),
    [96, 2000, 2000],
  );
});
