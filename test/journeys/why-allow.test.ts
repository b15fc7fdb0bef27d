// `postern why` and `postern allow`, as typed: the answer of the judge that judges, and what else a person needs to know.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openStage } from "./fault-stage.ts";

const cases: readonly [what: string, words: readonly string[], first: string, says: RegExp][] = [
  [
    "a tool's own host",
    ["api.anthropic.com"],
    "api.anthropic.com: refused",
    /allowed to .*\bpi\b.*: postern why --tool /,
  ],
  [
    "under the tool",
    ["--tool", "pi", "api.anthropic.com"],
    "api.anthropic.com: allowed",
    /to narrow that, in your own policy, which replaces the default:\n {2}network:/,
  ],
  ["nobody's host", ["a.example"], "a.example: refused", /- \{ host: "a\.example" \}\n$/],
  [
    "a URL of a tool's",
    ["POST https://api.anthropic.com/v1/messages"],
    "POST https://api.anthropic.com/v1/messages: refused",
    /postern why --tool \S+ 'POST https:/,
  ],
];

for (const [title, words, first, says] of cases) {
  test(`why: ${title}`, async () => {
    await using stage = await openStage();
    const { code, output, errors } = await stage.ask(["why", ...words]);
    assert.deepEqual([code, output.split("\n")[0]], [0, first], errors);
    assert.match(output, says);
  });
}

test("why: what is there as a file is no host, and nonsense is neither", async () => {
  await using stage = await openStage();
  const file = await stage.ask(["why", "run.sh"]);
  assert.deepEqual([file.code, file.output.split("\n")[0]], [0, `${stage.work}/run.sh: writable`]);
  const nonsense = await stage.ask(["why", "???"]);
  assert.equal(nonsense.code, 2);
  assert.match(nonsense.errors, /^postern: "\?\?\?" is no host, URL or path\npostern: hint: /);
});

test("allow: a policy that is kept elsewhere stays there, and the link to it stays a link", async () => {
  await using stage = await openStage();
  const [link, kept] = [join(stage.home, ".config/postern/policy.yaml"), join(stage.base, "dotfiles.yaml")];
  mkdirSync(dirname(link), { recursive: true });
  writeFileSync(kept, "version: 1 # mine\n");
  symlinkSync(kept, link);
  const { code, errors } = await stage.ask(["allow", "a.example"]);
  assert.equal(code, 0, errors);
  assert.equal(readlinkSync(link), kept);
  assert.match(readFileSync(kept, "utf8"), /^version: 1 # mine\n.*a\.example/s);
});
