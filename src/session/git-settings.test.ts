// What git inside is told: after what the environment holds already, and words of sh that give the placeholder to git alone
// for its own place.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import type { Credential } from "../domain/reach.ts";
import { Secret } from "../domain/secret.ts";
import { gitSettings, withGitSettings } from "./git-settings.ts";

const host = parseHost("git.example") ?? assert.fail();
const placeholder = "postern0123456789abcdef";
function credential(user?: string, paths?: readonly string[]): Credential {
  const to = { host, header: "authorization", paths, basic: { user } };
  return { id: "forge", secret: new Secret("the-real-value"), placeholder, variable: undefined, to };
}

test("settings come after those that are there; none leave it as it is", () => {
  const before = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "a.b", GIT_CONFIG_VALUE_0: "c", X: "y" };
  assert.deepEqual(withGitSettings(before, []), before);
  const after = withGitSettings(before, [["d.e", "f"]]);
  assert.deepEqual(after, { ...before, GIT_CONFIG_COUNT: "2", GIT_CONFIG_KEY_1: "d.e", GIT_CONFIG_VALUE_1: "f" });
});

test("the person's own helper is not asked for this place, and ours answers only who asks for it", () => {
  const other = ["credential.helper", "!f() { echo username=other; echo password=theirs; }; f"] as const;
  const settings = [other, ...gitSettings([credential("jane")], [])];
  const env = withGitSettings({ PATH: "/usr/bin:/bin", HOME: "/nonexistent", GIT_TERMINAL_PROMPT: "0" }, settings);
  const asked = (url: string) =>
    spawnSync("git", ["credential", "fill"], { env, input: `url=${url}\n\n`, encoding: "utf8" });
  assert.match(asked("https://git.example/a").stdout, new RegExp(`password=${placeholder}`));
  assert.match(asked("https://other.example/a").stdout, /password=theirs/);
  const helper = settings.at(-1)?.[1].slice(1) ?? "";
  const said = (action: string) =>
    spawnSync("sh", ["-c", `${helper} ${action}`], { input: "\n", encoding: "utf8" }).stdout;
  assert.deepEqual([said("get"), said("store"), said("erase")], [`username=jane\npassword=${placeholder}\n`, "", ""]);
});

const granted = [
  { host: { kind: "exact", name: host }, ports: [443, 8443], protocol: "http" },
  { host: { kind: "suffix", suffix: ".example" }, ports: [9443], protocol: "http" },
  { host: { kind: "exact", name: host }, ports: [22], protocol: "ssh" },
  { host: { kind: "suffix", suffix: ".other" }, ports: [7443], protocol: "http" },
] as const;

/** What git would have, asked for this place: its own git decides which helper that is. */
function fill(credentials: readonly Credential[], url: string, action = "fill"): string {
  const settings = gitSettings(credentials, granted);
  const env = withGitSettings({ PATH: "/usr/bin:/bin", HOME: "/nonexistent", GIT_TERMINAL_PROMPT: "0" }, settings);
  return spawnSync("git", ["credential", action], { env, input: `url=${url}\n\n`, encoding: "utf8" }).stdout;
}

test("git gets the placeholder for its place, with the policy's name, the URL's, or git's own", () => {
  const said = (user: string, path = "") =>
    `protocol=https\nhost=git.example\n${path}username=${user}\npassword=${placeholder}\n`;
  assert.equal(fill([credential("jane")], "https://git.example/a.git"), said("jane"));
  assert.equal(fill([credential()], "https://me@git.example/a.git"), said("me"));
  assert.equal(fill([credential()], "https://git.example/a.git"), said("git"));
  for (const port of [8443, 9443])
    assert.match(fill([credential("jane")], `https://git.example:${port}/a.git`), new RegExp(placeholder), `${port}`);
  for (const port of [22, 7443])
    assert.doesNotMatch(fill([credential("jane")], `https://git.example:${port}/a.git`), /postern/, `${port}`);
  const own = credential("jane", ["/team/**", "/exact.git/info/refs"]);
  for (const path of ["team/one.git", "team/deep/er.git", "exact.git/info/refs"])
    assert.equal(fill([own], `https://git.example/${path}`), said("jane"), path);
  for (const url of [
    "https://git.example/other.git",
    "https://git.example/teams/x",
    "https://other.example/team/x",
    "http://git.example/team/x",
  ])
    assert.doesNotMatch(fill([own], url), /password=/, url);
  assert.equal(fill([credential("jane")], "https://git.example/", "approve"), "");
  assert.equal(gitSettings([{ ...credential(), to: { host, header: "x-a", paths: undefined } }], []).length, 0);
});
