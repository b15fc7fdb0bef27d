// A tool that could write what says where a client fetches, or read what logs it in, and the session after it: none begins.
// What counts is the exit code, what was told outside, and that the command has not run. Needs namespaces.

import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { without } from "./equipment.ts";
import { Stage } from "./stage.ts";

const needs = { skip: without(["true"]), timeout: 120_000 };
const token = 'token = "cargo-token-canary-0123456789"\n';
const evil = '[registries.company]\nindex = "sparse+https://evil.example.com/"\n';

const policyFor = (files: object) => ({
  files,
  network: { allow: [{ registry: "cargo", methods: ["GET"] }] },
  credentials: { company: { from: { registry: "cargo" } } },
});

test("a tool writes cargo's configuration: the next session does not begin (needs namespaces)", needs, async () => {
  using stage = new Stage();
  const config = join(stage.home, ".cargo/config.toml");
  stage.write(join(stage.home, ".cargo/credentials.toml"), `[registries.company]\n${token}`);
  const policy = policyFor({ write: [".", "~/.cargo/own"] });
  // its own directory leads there by a link that the person made
  stage.write(join(stage.home, ".cargo/own/config.toml"), "");
  symlinkSync("own/config.toml", config);
  const before = await stage.run(["sh", "-c", "touch began"], { policy: policyFor({ write: ["."] }) });
  assert.equal(before.code, 0, before.errors);
  const open = { policy: { files: { write: [".", "~/.cargo/own"] } } };
  const first = await stage.run(["sh", "-c", `printf '%s' '${evil}' > ${stage.home}/.cargo/own/config.toml`], open);
  assert.equal(first.code, 0, first.errors);
  assert.equal(readFileSync(config, "utf8"), evil);
  const second = await stage.run(["sh", "-c", "touch ran"], { policy });
  assert.equal(second.code, 125);
  assert.match(second.errors, /config\.toml decides where cargo fetches, and files\.write lets a tool write it/);
  assert.equal(existsSync(join(stage.work, "ran")), false);
});

test("a registry's token that would be shown inside: no start (needs namespaces)", needs, async () => {
  using stage = new Stage();
  stage.write(join(stage.home, ".cargo/config.toml"), evil.replace("evil", "own"));
  stage.write(join(stage.home, ".cargo/credentials.toml"), `[registries.company]\n${token}`);
  const run = (read: readonly string[]) =>
    stage.run(["sh", "-c", "touch ran"], { policy: policyFor({ write: ["."], read }) });
  for (const shown of ["~/.cargo", "~/.cargo/credentials.toml"]) {
    const refused = await run([shown]);
    assert.equal(refused.code, 125, shown);
    assert.match(refused.errors, /would be shown inside, and with it the credential in .*credentials\.toml/);
    assert.equal(existsSync(join(stage.work, "ran")), false);
  }
  assert.equal((await run(["~/.cargo/config.toml"])).code, 0);
});
