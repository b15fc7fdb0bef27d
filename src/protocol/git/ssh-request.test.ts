// What git wants of ssh, read from the words it starts it with: its own forms, and nothing that could be anything else.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseSshRequest } from "./ssh-request.ts";

const fetch = "git-upload-pack 'team/one.git'";

test("git's own words", () => {
  const plain = {
    user: undefined,
    port: undefined,
    service: "git-upload-pack",
    repository: "team/one.git",
    version: undefined,
  };
  assert.deepEqual(parseSshRequest(["git.example", fetch], undefined), { ...plain, host: "git.example" });
  const words = ["-o", "SendEnv=GIT_PROTOCOL", "-4", "-p", "2222", "git@GIT.example", "git-receive-pack '/srv/a b'"];
  assert.equal(typeof parseSshRequest(words, "version=2"), "string", "a blank is in no forge's paths");
  assert.deepEqual(parseSshRequest([...words.slice(0, -1), "git-receive-pack '/srv/a'"], "version=2"), {
    host: "git.example",
    user: "git",
    port: 2222,
    service: "git-receive-pack",
    repository: "/srv/a",
    version: "version=2",
  });
  const odd = parseSshRequest(["git.example", fetch], "version=2\nX=1");
  assert.ok(typeof odd !== "string" && odd.version === undefined);
});

const strange: readonly (readonly string[])[] = [
  [],
  ["git.example"],
  ["git.example", ""],
  ["git.example", "id"],
  ["git.example", "git-upload-pack"],
  ["git.example", "git-upload-pack team/one.git"],
  ["git.example", "git-upload-pack ''"],
  ["git.example", `${fetch} `],
  ["git.example", `${fetch}\n`],
  ["git.example", `${fetch};id`],
  ["git.example", "git-upload-pack 'a'\\''b'"],
  ["git.example", "git-upload-pack 'a$(id)'"],
  ["git.example", "git-upload-pack '-x'"],
  ["git.example", "git-upload-archive 'a'"],
  ["git.example", "git-lfs-authenticate 'a'"],
  ["git.example", `git-upload-pack '${"a".repeat(1025)}'`],
  ["git.example", fetch, "x"],
  ["-oProxyCommand=id", fetch],
  ["-o", "ProxyCommand=id", "git.example", fetch],
  ["-o", "git.example", fetch],
  ["-p", "0", "git.example", fetch],
  ["-p", "65536", "git.example", fetch],
  ["-p", "22x", "git.example", fetch],
  ["-p"],
  ["--", "git.example", fetch],
  ["-T", "git.example", fetch],
  ["@git.example", fetch],
  ["-l@git.example", fetch],
  ["-oProxyCommand=id@git.example", fetch],
  ["git@-oProxyCommand=id", fetch],
  ["git@git.example/x", fetch],
  ["a b@git.example", fetch],
  [`${"a".repeat(65)}@git.example`, fetch],
];

for (const words of strange)
  test(`refused: ${JSON.stringify(words).slice(0, 80)}`, () =>
    assert.equal(typeof parseSshRequest(words, undefined), "string"));

test("whatever the words, what is read can be neither an option nor another command", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "-o",
      "-p",
      "22",
      "-4",
      "SendEnv=GIT_PROTOCOL",
      "git.example",
      "git@git.example",
      fetch,
      "git-receive-pack '/x'",
    ),
    fc.string().map((path) => `git-upload-pack '${path}'`),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), fc.option(fc.string(), { nil: undefined }), (words, version) => {
      const read = parseSshRequest(words, version);
      if (typeof read === "string") return;
      const { host, user = "git", repository } = read;
      for (const text of [host, user, repository]) assert.match(text, /^[^-\s'"`$\\;&|<>()][^\s'"`$\\;&|<>()]*$/);
    }),
    { numRuns: 5000 },
  );
});

test("large files: what git-lfs asks for, and nothing near it", () => {
  const read = (asked: string) => parseSshRequest(["-p", "22", "git@git.example", asked], undefined);
  for (const operation of ["download", "upload"] as const) {
    const request = read(`git-lfs-authenticate team/one.git ${operation}`);
    assert.ok(typeof request !== "string");
    assert.deepEqual(
      [request.service, request.repository, request.operation],
      ["git-lfs-authenticate", "team/one.git", operation],
    );
  }
  for (const asked of [
    "git-lfs-transfer team/one.git download",
    "git-lfs-authenticate team/one.git",
    "git-lfs-authenticate team/one.git both",
    "git-lfs-authenticate 'team/one.git' upload",
    "git-lfs-authenticate -x upload",
    "git-lfs-authenticate $(id) upload",
    "git-lfs-authenticate a upload; id",
    "git-lfs-authenticate a b upload",
    "git-upload-pack team/one.git upload",
    "git-receive-pack 'a' upload",
  ])
    assert.equal(typeof read(asked), "string", asked);
});
