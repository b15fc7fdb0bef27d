// What a recognised tool is told of the caller's settings: by name only, and nothing that holds a secret.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import { Secret } from "../domain/secret.ts";
import type { Notice } from "./request.ts";
import { passSettings } from "./settings.ts";

const host = parseHost("api.example.com");
assert.ok(host !== undefined);
const to = { host, header: "authorization", paths: undefined };
const credential = { id: "vendor", secret: new Secret("sk-real"), placeholder: "p", variable: "KEY", to };

function pass(environment: Readonly<Record<string, string>>, names = ["BASE_URL", "MODEL"]) {
  const told: Notice[] = [];
  return { passed: passSettings(names, { environment, tell: (notice) => told.push(notice) }, [credential]), told };
}

test("what the profile names comes inside as it is, and nothing else", () => {
  const environment = { BASE_URL: "https://llm.example.com/v1", MODEL: "m", KEY: "sk-real", OTHER: "x" };
  assert.deepEqual(pass(environment), { passed: { BASE_URL: "https://llm.example.com/v1", MODEL: "m" }, told: [] });
  assert.deepEqual(pass({ MODEL: "m" }).passed, { MODEL: "m" });
});

test("a value that holds a secret stays outside, and that is said without it", () => {
  for (const BASE_URL of [
    "https://me:sk-other@llm.example.com/v1",
    "https://me@llm.example.com",
    "https://x/?k=sk-real",
  ]) {
    const { passed, told } = pass({ BASE_URL, MODEL: "m" });
    assert.deepEqual(passed, { MODEL: "m" });
    assert.match(
      JSON.stringify(told),
      /BASE_URL is not passed on: it holds (?:a user or password|the credential vendor)/,
    );
    assert.doesNotMatch(JSON.stringify(told), /sk-/);
  }
});
