import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { home, ids, policyOf, read, root } from "./rehearsal.ts";

void test("files of a person's and the organisation's count, from their own directory; a repository's never do, trusted or not", async () => {
  const policy = await policyOf({
    organisation: { "secret-rules": ["acme.toml"] },
    user: { "secret-rules": ["~/own.yaml", "./more.yaml"] },
  });
  assert.deepEqual(policy.secretRules, [
    { rule: "organisation:secret-rules[0]", path: join(root, "acme.toml") },
    { rule: "user:secret-rules[0]", path: join(home, "own.yaml") },
    { rule: "user:secret-rules[1]", path: join(home, ".config/more.yaml") },
  ]);
  assert.deepEqual(policy.unenforced, []);
  assert.ok((policy.origins["user:secret-rules[1]"]?.line ?? 0) > 1);
  const own = { "secret-rules": ["/etc/passwd"] };
  const untrusted = await policyOf({ repository: own });
  assert.deepEqual([untrusted.secretRules, ids(untrusted.requested)], [undefined, ["repository:secret-rules[0]"]]);
  const trusted = await policyOf({ repository: own }, { trusted: () => true });
  assert.deepEqual([trusted.secretRules, ids(trusted.voided)], [undefined, ["repository:secret-rules[0]"]]);
});

void test("a list of paths, and not more of them than anybody writes", async () => {
  for (const wrong of ["acme.toml", [7], Array.from({ length: 17 }, (_, at) => `${at}.toml`)]) {
    const outcome = await read({ user: { "secret-rules": wrong } });
    assert.ok(!outcome.ok);
    assert.match(outcome.faults[0]?.key ?? "", /^secret-rules/);
  }
});
