import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openPlaceholders } from "./placeholder.ts";

const pi = { tool: "pi", workspace: "/w" };

function openFolder() {
  const path = mkdtempSync(join(tmpdir(), "postern-placeholder-"));
  return { path, file: join(path, "seed"), [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test("the same for one tool in one workspace, another for any other tool, workspace, credential and state", () => {
  using folder = openFolder();
  using other = openFolder();
  const first = openPlaceholders(folder.file, pi)("anthropic", "sk-ant-api03-");
  assert.match(first, /^sk-ant-api03-postern[0-9a-f]{48}$/);
  assert.equal(openPlaceholders(folder.file, pi)("anthropic", "sk-ant-api03-"), first);
  const others = [
    openPlaceholders(folder.file, { ...pi, tool: "codex" })("anthropic", "sk-ant-api03-"),
    openPlaceholders(folder.file, { ...pi, workspace: "/v" })("anthropic", "sk-ant-api03-"),
    openPlaceholders(folder.file, pi)("openai", "sk-ant-api03-"),
    openPlaceholders(other.file, pi)("anthropic", "sk-ant-api03-"),
  ];
  assert.equal(new Set([first, ...others]).size, 5);
});

test("the seed is its owner's alone, and nothing else is left beside it", () => {
  using folder = openFolder();
  openPlaceholders(folder.file, pi)("x", "");
  assert.equal(statSync(folder.file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder.path), ["seed"]);
});

test("a seed that is damaged or cannot be read is a fault, never a placeholder", () => {
  using folder = openFolder();
  for (const text of ["", "0", "g".repeat(64), `${"0".repeat(64)}\n`]) {
    writeFileSync(folder.file, text);
    assert.throws(() => openPlaceholders(folder.file, pi)("x", ""), { code: "placeholders" });
  }
  rmSync(folder.file);
  assert.throws(() => openPlaceholders(join(folder.path, "nowhere", "seed"), pi)("x", ""), { code: "placeholders" });
});
