import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, policyOf, read } from "./rehearsal.ts";

void test("hosts and files of a person's and the organisation's count; a repository's never do, trusted or not", async () => {
  const policy = await policyOf({
    organisation: { "trusted-sources": { hosts: ["*.example.org"] } },
    user: { "trusted-sources": { hosts: ["docs.example.net"], files: ["vendor/ours/**"] } },
  });
  assert.deepEqual(policy.trusted, {
    hosts: [
      { rule: "organisation:trusted-sources.hosts[0]", pattern: { kind: "suffix", suffix: ".example.org" } },
      { rule: "user:trusted-sources.hosts[0]", pattern: { kind: "exact", name: "docs.example.net" } },
    ],
    files: [{ rule: "user:trusted-sources.files[0]", glob: "vendor/ours/**" }],
  });
  assert.deepEqual(policy.unenforced, []);
  const own = { "trusted-sources": { hosts: ["evil.example"] } };
  const untrusted = await policyOf({ repository: own });
  assert.deepEqual([untrusted.trusted, ids(untrusted.requested)], [undefined, ["repository:trusted-sources.hosts"]]);
  const trusted = await policyOf({ repository: own }, { trusted: () => true });
  assert.deepEqual([trusted.trusted, ids(trusted.voided)], [undefined, ["repository:trusted-sources"]]);
  const wrong = await read({ user: { "trusted-sources": ["docs.example.org"] } });
  assert.match(wrong.ok ? "" : (wrong.faults[0]?.message ?? ""), /`trusted-sources` is a map of keys/);
});
