// The host's login shown inside: placeholders alone, and no way by which a tool that owns its home leads our hand elsewhere.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Grants } from "../../vendor/oauth/grants.ts";
import { Scene, type ServerFor } from "./rehearsal.ts";
import { seedLogin } from "./seed.ts";

const giving =
  (jwt: boolean): ServerFor<Grants> =>
  (prefixes, clock) =>
    new Grants({ lifetime: 3600, jwt, prefixes, interval: 5, slower: 5, claims: {}, clock });

function stand() {
  const scene = new Scene("claude-code", "host", giving(false));
  const given = scene.server.logIn();
  scene.writeHost(given);
  const { keep } = scene.open();
  const home = join(scene.base, "private");
  const seed = () => seedLogin({ grant: scene.grant, keep, from: scene.file, home });
  return { scene, keep, home, seed, file: join(home, ".claude/.credentials.json") };
}

test("the file inside has the tool's own form, placeholders, what the profile keeps, and nothing else of the host's", () => {
  const { scene, keep, seed, file } = stand();
  using _scene = scene;
  seed();
  const text = readFileSync(file, "utf8");
  const { claudeAiOauth: own, ...rest } = JSON.parse(text) as Record<string, Record<string, unknown>>;
  assert.deepEqual(Object.keys(rest), []);
  assert.deepEqual(Object.keys(own ?? {}).sort(), [
    "accessToken",
    "expiresAt",
    "refreshToken",
    "scopes",
    "subscriptionType",
  ]);
  assert.ok(String(own?.["accessToken"]).includes(keep.marks.access));
  assert.ok(!text.includes(scene.server.watermark) && !text.includes("another-secret"));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("a file with this login's placeholders stays as the tool has it", () => {
  const { scene, keep, seed, file } = stand();
  using _scene = scene;
  seed();
  const own = `{"mine": true, "x": "${keep.marks.access}"}`;
  writeFileSync(file, own);
  seed();
  assert.equal(readFileSync(file, "utf8"), own);
});

test("a link in the way is refused, a link in the file's place is replaced, and nothing is written where they lead", () => {
  const { scene, home, seed } = stand();
  using _scene = scene;
  const canary = join(scene.base, "canary");
  mkdirSync(canary);
  mkdirSync(home);
  symlinkSync(canary, join(home, ".claude"));
  assert.throws(seed, { code: "login-seed" });
  assert.ok(!existsSync(join(canary, ".credentials.json")));
  const other = stand();
  using _other = other.scene;
  mkdirSync(join(other.home, ".claude"), { recursive: true });
  writeFileSync(join(canary, "keep"), "untouched");
  symlinkSync(join(canary, "keep"), other.file);
  symlinkSync(join(canary, "keep"), join(other.home, ".claude/..credentials.json.postern"));
  assert.throws(other.seed, { code: "login-seed" });
  assert.equal(readFileSync(join(canary, "keep"), "utf8"), "untouched");
});
