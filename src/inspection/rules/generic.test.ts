import assert from "node:assert/strict";
import { test } from "node:test";
import { openRandom } from "./examples/random.ts";
import { isAssignedSecret, isPassword } from "./generic.ts";

test("what people assign to names of secrets and is none", () => {
  for (const text of [
    "Base64URLString",
    "rfc8693#section-2.1",
    "X_AWS_EC2_METADATA_TOKEN_TTL",
    "config.auth.secret2",
    "getSecretValueV2",
    "session.user.accessToken1",
    "sha256-abcdefghij0123",
    "../secrets/token1.txt",
    "justwordsandnothingelse",
    "20261127200000123",
    "process.env.TOKEN_V2",
    "user_password_hash_v2",
  ])
    assert.equal(isAssignedSecret(text), false, text);
});

test("what is random is one, of any usual alphabet: nearly always", () => {
  const random = openRandom(6);
  for (const [template, least] of [
    ["{A24}", 0.95],
    ["{A40}", 0.98],
    ["{h32}", 0.98],
    ["{a32}", 0.8],
    ["{b44}", 0.9],
    ["{u43}", 0.9],
  ] as const) {
    const count = Array.from({ length: 500 }, () => isAssignedSecret(random.fill(template))).filter(Boolean).length;
    assert.ok(count >= least * 500, `${template}: ${count} of 500`);
  }
});

test("the words for a password are none", () => {
  for (const text of [
    "password",
    "pass",
    "secret123",
    "postgres",
    "test-1",
    "P@ssw0rd",
    "%s",
    "[password]",
    "#{pw}",
    "{self.password}",
  ])
    assert.equal(isPassword(text), false, text);
  for (const text of ["hunter2!rabbit", "s3cr3tButReal", "q8Zk21LmPw"]) assert.equal(isPassword(text), true, text);
});
