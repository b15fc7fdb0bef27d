// Which values of an environment are secrets: by what their names say, by their form, and the password of an address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { knownValues } from "./known-values.ts";

const values = (environment: Readonly<Record<string, string>>): readonly string[] =>
  knownValues(environment, []).map(({ value }) => value);

test("what a name says is a secret is one; a place, a word and what is short is none", () => {
  assert.deepEqual(
    values({
      API_KEY: "abcdefgh1",
      DB_PASSWORD: "correct horse",
      npm_config__auth: "bm90aGluZzpoZXJl",
      SSH_AUTH_SOCK: "/run/user/1000/agent",
      TOKEN_URL: "https://example.org/token",
      PIN_TOKEN: "1234",
      EDITOR: "vim-with-a-long-name",
      KEYBOARD: "some-long-value",
      AUTH0_DOMAIN: "acme.eu.auth0.example",
      AUTH0_CLIENT_ID: "q8Zr1xwEP0aBcD",
      KEY_VAULT_NAME: "acme-vault-production",
    }),
    ["abcdefgh1", "correct horse", "bm90aGluZzpoZXJl"],
  );
});

test("the password of an address, as it is written and meant", () => {
  assert.deepEqual(values({ DATABASE: "postgres://app:s3cr%20et-word@db.example/x" }), [
    "s3cr et-word",
    "s3cr%20et-word",
  ]);
});

test("a form that is published is one under any name, and each value is known once", () => {
  const key = "AKIAIOSFODNN7EXAMPLA";
  const found = values({ SOMETHING: `x ${key} y`, OTHER: key, AWS_ACCESS_KEY_ID: key });
  assert.deepEqual(found, [key]);
});
