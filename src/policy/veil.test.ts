import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkViewGlob } from "./glob.ts";
import { veilOf } from "./veil.ts";

const cases: readonly (readonly [glob: string, path: string, matches: boolean, directory?: boolean])[] = [
  [".env", ".env", true],
  [".env", "packages/a/.env", true],
  [".env", ".env.local", false],
  [".env", "x.env", false],
  ["./.env", ".env", true],
  ["./.env", "a/.env", false],
  [".env.*", ".env.local", true],
  [".env.*", "a/.env.local", true],
  ["*.pem", "keys/one.pem", true],
  ["*.pem", "one.pem/below", true],
  ["*.pem", "one.pemx", false],
  ["secrets/**", "secrets", false],
  ["secrets/**", "secrets", true, true],
  ["secrets/**", "secrets/a/b", true],
  ["secrets/**", "other/secrets/a", false],
  ["**/secrets/**", "other/secrets/a", true],
  ["**/secrets/**", "secrets/a", true],
  ["secrets/", "other/secrets/a", true],
  ["secrets/*", "secrets/a", true],
  ["secrets/*", "secrets/a/b", true],
  ["secrets/*", "secrets", false, true],
  ["config/**/key", "config/key", true],
  ["config/**/key", "config/a/b/key", true],
  ["config/**/key", "configkey", false],
  ["config/prod.yaml", "config/prod.yaml", true],
  ["config/prod.yaml", "a/config/prod.yaml", false],
  ["**", "anything/at/all", true],
  ["./**", "anything/at/all", true],
  ["./**", "anything", true],
  ["./src/**", "a/src/b", false],
  ["*", "anything", true],
  // names some file system takes for the same
  [".env", ".ENV", true],
  ["Secrets/**", "sEcrets/a", true],
  ["straße", "STRASSE", true],
  [".env", ".e\u200cnv", true],
  // git's own files are meant by none
  ["**", ".git/config", false],
  ["*", "vendor/.GIT/config", false],
];

for (const [glob, path, matches, directory = false] of cases)
  void test(`${glob} ${matches ? "means" : "does not mean"} ${path}${directory ? "/" : ""}`, () => {
    assert.equal(veilOf({ hide: [glob], mask: [] }).of(path, directory) !== undefined, matches);
  });

void test("what is hidden is not masked as well", () => {
  const veil = veilOf({ hide: ["secrets/**"], mask: ["*.json", ".env"] });
  assert.deepEqual(veil.of("secrets/a.json"), { kind: "hide", glob: "secrets/**" });
  assert.deepEqual(veil.of("a.json"), { kind: "mask", glob: "*.json" });
  assert.equal(veil.of("src/index.ts"), undefined);
});

void test("whether a glob means anything below a directory, by the names that lead there", () => {
  const below = (glob: string, path: string) => veilOf({ hide: [glob], mask: [] }).below(path);
  for (const glob of [".env", "*.pem", "**/.env", "secrets/", "*"])
    assert.equal(below(glob, "secrets"), undefined, glob);
  for (const glob of ["secrets/k", "./SECRETS/k", "*/k", "secrets/*/x"])
    assert.equal(below(glob, "secrets"), "named", glob);
  for (const glob of ["**/a/b", "secrets/**/k", "**/secrets/**/x"])
    assert.equal(below(glob, "secrets/a"), "crossed", glob);
  for (const glob of ["other/k", "secrets/**", "./.env", "secrets/k"])
    assert.equal(below(glob, "secrets/k"), undefined, glob);
});

void test("a glob that could mean git's own directory, or no file, is refused", () => {
  for (const glob of [
    "secrets//key",
    "secrets/./key",
    "secrets/.",
    " .env",
    "*.pem ",
    ".git/config",
    "a/.GIT/**",
    "key?",
    "./",
    "../x",
    "/etc",
    "a[b]",
    "!x",
  ])
    assert.notEqual(checkViewGlob(glob), undefined, glob);
  for (const glob of [".env", ".env.*", "secrets/**", "**", ".github/x", ".gitlab-ci.yml"])
    assert.equal(checkViewGlob(glob), undefined, glob);
});

void test("whatever lies below what is meant is meant", () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9._-]{1,8}$/).filter((text) => !/^(?:\.+|\.?git.*)$/i.test(text));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.array(name, { maxLength: 3 }), (names, below) => {
      const path = names.join("/");
      const veil = veilOf({ hide: [path], mask: [] });
      assert.ok(veil.of([path, ...below].join("/")));
      assert.ok(veilOf({ hide: [`${path}/**`], mask: [] }).of([path, "x", ...below].join("/")));
      assert.ok(veilOf({ hide: [names.at(-1) ?? ""], mask: [] }).of(["a", path, ...below].join("/")));
    }),
  );
});

void test("a path made to be slow is no slower than stars times its length", () => {
  const veil = veilOf({ hide: ["*a*a*a*a*a*a*a*b"], mask: [] });
  assert.equal(veil.of(`b${"a".repeat(4_000)}`), undefined);
});
