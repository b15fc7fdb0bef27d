// Of a login the real token is nowhere at home in what a tool sends; its placeholder is at home with those who give tokens out
// and those who take them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import type { Disclosure } from "../domain/disclosure.ts";
import type { Finding } from "../domain/finding.ts";
import type { LoginGrant } from "../policy/policy.ts";
import { leakOf } from "./leaks.ts";

const host = (text: string) => parseHost(text) ?? assert.fail();
const login: LoginGrant = {
  id: "me",
  rule: "user:credentials.me",
  tool: "t",
  of: "inside",
  endpoint: { host: host("login.example"), paths: ["/token"] },
  places: [{ host: host("api.example"), header: "authorization", paths: ["/v1/*"] }],
  authorise: [],
  prefixes: {},
  file: { path: "", access: [], refresh: [], keep: [] },
};
const known = { credentials: [], logins: [login] };

const leak = (what: Finding["what"], to: string, place: Finding["place"], scheme: "http" | "https" = "https") => {
  const finding: Finding = { kind: "secret", label: "me", place, encoding: "plain", what };
  const disclosure: Disclosure = {
    destination: { scheme, host: host(to), port: 443 },
    method: "POST",
    path: "/v1/a",
    findings: [finding],
    unreadable: undefined,
  };
  return leakOf(disclosure, known, what);
};

test("a real token leaks wherever it stands, also where the gate would have put it", () => {
  const found = leak("credential", "api.example", { kind: "header", name: "Authorization" });
  assert.deepEqual(found, {
    rule: "user:credentials.me",
    reason: "the real value of credential me stands in header authorization; it has only login.example, api.example",
  });
  assert.ok(leak("credential", "login.example", { kind: "body", offset: 3 }));
  assert.ok(leak("credential", "other.example", { kind: "target" }));
});

test("a placeholder is at home with its own hosts, encrypted, and strays anywhere else", () => {
  for (const to of ["api.example", "login.example"]) {
    assert.equal(leak("placeholder", to, { kind: "body", offset: 0 }), undefined);
    assert.ok(leak("placeholder", to, { kind: "body", offset: 0 }, "http"));
  }
  assert.ok(leak("placeholder", "other.example", { kind: "header", name: "authorization" }));
});
