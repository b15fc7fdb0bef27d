// What a recognised tool is told of the caller's settings: by name only, and nothing that holds a secret.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import { Secret } from "../domain/secret.ts";
import { seekKnown } from "../inspection/known.ts";
import type { Notice } from "./request.ts";
import { passSettings } from "./settings.ts";

const host = parseHost("api.example.com");
assert.ok(host !== undefined);
const to = { host, header: "authorization", paths: undefined };
const credential = { id: "vendor", secret: new Secret("sk-real-value"), placeholder: "p", variable: "KEY", to };

function pass(environment: Readonly<Record<string, string>>, names = ["BASE_URL", "MODEL"]) {
  const told: Notice[] = [];
  const caller = { environment, tell: (notice: Notice) => void told.push(notice) };
  const seek = seekKnown([credential, { id: "login", secret: new Secret("access-token-of-a-login") }]);
  return { passed: passSettings(names, caller, { credentials: [credential], seekers: { seek } }), told };
}

test("what the profile names comes inside as it is, and nothing else", () => {
  const environment = { BASE_URL: "https://llm.example.com/v1", MODEL: "m", KEY: "sk-real-value", OTHER: "x" };
  assert.deepEqual(pass(environment), { passed: { BASE_URL: "https://llm.example.com/v1", MODEL: "m" }, told: [] });
  assert.deepEqual(pass({ MODEL: "m" }).passed, { MODEL: "m" });
});

test("a value that holds a secret stays outside, and that is said without it", () => {
  for (const BASE_URL of [
    "https://me:sk-other@llm.example.com/v1",
    "https://me@llm.example.com",
    "https://x/?k=sk-real-value",
    "https://x/?k=%73k-real-value",
    `https://x/${Buffer.from("sk-real-value").toString("base64url")}`,
    "https://x/access-token-of-a-login",
  ]) {
    const { passed, told } = pass({ BASE_URL, MODEL: "m" });
    assert.deepEqual(passed, { MODEL: "m" });
    assert.match(
      JSON.stringify(told),
      /BASE_URL is not passed on: it holds (?:a user or password|the credential (?:vendor|login))/,
    );
    assert.doesNotMatch(JSON.stringify(told), /sk-/);
  }
});
