// What a profile brings inside, tried with a program of a known tool's name: its settings, read-only, and the caller's variables
// that say which model and which endpoint, but none that holds a secret. Read from the checkout, from outside.

import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Stage } from "./stage.ts";

const told = `#!/bin/sh
cat /etc/codex/config.toml > config
(echo x >> /etc/codex/config.toml) 2> /dev/null && echo writable >> config
env | sort > variables
`;

function place(stage: Stage, name: string): string {
  chmodSync(stage.write(`bin/${name}`, told), 0o755);
  return `${join(stage.base, "bin")}:/usr/bin:/bin`;
}

test("real boundary: Codex finds its own sandbox switched off, in a file it cannot write", async () => {
  using stage = new Stage();
  const ran = await stage.run(["codex"], { environment: { PATH: place(stage, "codex"), OPENAI_BASE_URL: "x" } });
  assert.equal(ran.summary?.tool.name, "codex", ran.errors);
  const config = readFileSync(join(stage.work, "config"), "utf8");
  assert.match(config, /^sandbox_mode = "danger-full-access"\n$/m);
  assert.doesNotMatch(config, /writable/);
  assert.doesNotMatch(readFileSync(join(stage.work, "variables"), "utf8"), /OPENAI_BASE_URL/);
});

test("real boundary: Claude Code leaves its mark away with a key, and keeps it without one", async () => {
  using stage = new Stage();
  for (const [environment, left] of [
    [{ ANTHROPIC_API_KEY: "sk-ant-api03-real" }, true],
    [{ OPENAI_API_KEY: "sk-real" }, false],
  ] as const) {
    await stage.run(["claude"], { environment: { ...environment, PATH: place(stage, "claude") } });
    const variables = readFileSync(join(stage.work, "variables"), "utf8");
    assert.match(variables, /^DISABLE_AUTOUPDATER=1$/m);
    assert.equal(/^CLAUDE_CODE_ATTRIBUTION_HEADER=0$/m.test(variables), left);
  }
});

test("real boundary: a model and an endpoint come inside, a password does not, and another tool gets neither", async () => {
  using stage = new Stage();
  const environment = {
    COPILOT_MODEL: "some-model",
    COPILOT_PROVIDER_BASE_URL: "https://me:hidden@llm.example.com/v1",
    COPILOT_PROVIDER_API_KEY: "sk-real",
  };
  const inside = (): string => readFileSync(join(stage.work, "variables"), "utf8");
  const ran = await stage.run(["copilot"], { environment: { ...environment, PATH: place(stage, "copilot") } });
  assert.match(ran.errors, /COPILOT_PROVIDER_BASE_URL is not passed on: it holds a user or password/);
  assert.match(inside(), /^COPILOT_MODEL=some-model$/m);
  assert.doesNotMatch(inside(), /hidden|sk-real|BASE_URL/);
  const good = { ...environment, COPILOT_PROVIDER_BASE_URL: "https://llm.example.com/v1" };
  await stage.run(["copilot"], { environment: { ...good, PATH: place(stage, "copilot") } });
  assert.match(inside(), /^COPILOT_PROVIDER_BASE_URL=https:\/\/llm\.example\.com\/v1$/m);
  await stage.run(["something"], { environment: { ...good, PATH: place(stage, "something") } });
  assert.doesNotMatch(inside(), /COPILOT/);
});
