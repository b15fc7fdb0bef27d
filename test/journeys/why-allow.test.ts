// `postern why` and `postern allow`, as typed: the answer of the judge that judges, and what else a person needs to know.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openStage, readLog } from "./fault-stage.ts";

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
  assert.match(nonsense.errors, /^postern: "\?\?\?" is no host, URL, path, command or entry\npostern: hint: /);
});

test("why: an entry of the record is told as it was decided, and as it would be now", async () => {
  await using stage = await openStage();
  await stage.ask(["run", "--", "curl", "-s", "https://refused.test/a/b?key=1"]);
  const [refusal] = await readLog(stage, ["--kind", "refusal"]);
  const index = String(refusal?.index);
  const asked = await stage.ask(["why", index]);
  assert.equal(asked.code, 0, asked.errors);
  assert.match(
    asked.output,
    new RegExp(`^entry ${index}, .*, ${refusal?.session}: refusal\n {2}what {4}GET refused\\.test/a/b`),
  );
  assert.match(asked.output, /\n {2}verdict refuse by default\n/);
  assert.match(asked.output, /\nnow:\nGET https:\/\/refused\.test\/a\/b: refused\n/);
  // the line it gives changes it, and it says so
  assert.equal((await stage.ask(["allow", "refused.test"])).code, 0);
  const after = await stage.ask(["why", index]);
  assert.match(after.output, /verdict refuse by default\n[\s\S]*\nnow:\nGET .*: allowed\n/);
  const lines = (await stage.ask(["why", "--json", index])).output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual([lines[0].verdict, lines[1].answer], ["refuse", "allowed"]);
  const none = await stage.ask(["why", "9999"]);
  assert.equal(none.code, 1);
  assert.match(none.errors, /there is no entry 9999/);
});

test("allow: a URL is granted as narrowly as it was typed, and the loopback is not", async () => {
  await using stage = await openStage();
  const added = await stage.ask(["allow", "https://a.test:8443/v1/x", "--methods", "post", "--until", "2999-01-31"]);
  assert.equal(added.code, 0, added.errors);
  const answers = {
    "POST https://a.test:8443/v1/x": "allowed",
    "GET https://a.test:8443/v1/x": "refused",
    "POST https://a.test/v1/x": "refused",
  };
  for (const [what, answer] of Object.entries(answers))
    assert.equal((await stage.ask(["why", what])).output.split("\n")[0], `${what}: ${answer}`);
  assert.match(
    (await stage.ask(["allow", "https://a.test:8443/v1/x", "--methods", "post", "--until", "2999-01-31"])).output,
    /already/,
  );
  const refused = await stage.ask(["allow", "localhost"]);
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /is the tool's own/);
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
