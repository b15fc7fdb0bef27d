import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { labellingOf } from "./labels.ts";
import { home, ids, policyOf, read, root, workspace } from "./rehearsal.ts";

const labelsOf = (rules: Parameters<typeof labellingOf>[0], path: string): string[] =>
  labellingOf(rules)(path).map(({ label }) => label);

void test("every layer's labels count, an untrusted repository's too, and a file has all that mean it", async () => {
  const policy = await policyOf({
    organisation: { labels: { restricted: ["src/pricing/**"], secret: ["*.pem"] } },
    user: { labels: { restricted: ["docs/plans/**"] } },
    repository: { labels: { mine: ["src/**"], restricted: ["src/pay.ts"] } },
  });
  assert.deepEqual(
    policy.labels?.map(({ rule }) => rule),
    [
      "organisation:labels.restricted",
      "organisation:labels.secret",
      "user:labels.restricted",
      "repository:labels.mine",
      "repository:labels.restricted",
    ],
  );
  const rules = policy.labels ?? [];
  assert.deepEqual(labelsOf(rules, "src/pricing/deep/a.ts"), ["restricted", "mine"]);
  assert.deepEqual(labelsOf(rules, "SRC/Pricing/a.ts"), ["restricted", "mine"], "as some file system takes it");
  assert.deepEqual(labelsOf(rules, "deep/down/key.pem"), ["secret"]);
  assert.deepEqual(labelsOf(rules, "docs/plans/x"), ["restricted"]);
  assert.deepEqual(labelsOf(rules, "src/pay.ts"), ["mine", "restricted"]);
  assert.deepEqual(labelsOf(rules, "docs/other"), []);
  assert.deepEqual([policy.unenforced, policy.requested, policy.voided], [[], [], []]);
});

void test("protected trees are a person's and the organisation's to name; a repository's never count, trusted or not", async () => {
  const tree = [{ path: "~/work/secret", label: "restricted" }];
  const policy = await policyOf({
    organisation: { protected: [{ path: "/srv/pricing" }] },
    user: { protected: [...tree, { path: "near", until: "2020-01-31" }] },
  });
  assert.deepEqual(policy.protected, [
    { rule: "organisation:protected[0]", path: "/srv/pricing", label: "protected", everywhere: true },
    { rule: "user:protected[0]", path: join(home, "work/secret"), label: "restricted", everywhere: false },
  ]);
  assert.deepEqual(ids(policy.voided), ["user:protected[1]"]);
  const beside = await policyOf({ user: { protected: [{ path: "near" }] } });
  assert.equal(beside.protected?.[0]?.path, join(home, ".config/near"), "from the file's own directory");
  const untrusted = await policyOf({ repository: { protected: tree } });
  assert.deepEqual([untrusted.protected, ids(untrusted.requested)], [undefined, ["repository:protected[0]"]]);
  const trusted = await policyOf({ repository: { protected: tree } }, { trusted: () => true });
  assert.deepEqual([trusted.protected, ids(trusted.voided)], [undefined, ["repository:protected[0]"]]);
  const override = join(workspace, "postern.yaml");
  const named = await policyOf({ repository: { protected: tree } }, { override, trusted: () => true });
  assert.equal(named.protected, undefined, "nor by a flag that names the repository's file");
});

void test("what is written wrong is told with its place and what was meant", async () => {
  for (const [layer, message, hint] of [
    [{ labels: { restricted: ["/etc/**"] } }, /"\/etc\/\*\*" is absolute/, /read from the workspace/],
    [{ labels: { restricted: "src" } }, /`labels\.restricted` is a list/, /put it in brackets/],
    [{ labels: { Restricted: ["src"] } }, /"Restricted" is not a name/, /lower case/],
    [
      { labels: Object.fromEntries(["a", "b"].map((name) => [name, Array(101).fill("src")])) },
      /more than 200 globs/,
      /./,
    ],
    [{ protected: ["~/work"] }, /`protected\[0\]` is a map of keys/, /./],
    [{ protected: [{ path: "~/work/*" }] }, /is a glob where one path is meant/, /name the directory/],
    [{ protected: [{ label: "x" }] }, /`protected\[0\]\.path` is missing/, /directory/],
  ] as const) {
    const outcome = await read({ user: layer });
    const [fault] = outcome.ok ? assert.fail(JSON.stringify(layer)) : outcome.faults;
    assert.match(fault?.message ?? "", message);
    assert.match(fault?.hint ?? "", hint);
    assert.ok(fault?.file.startsWith(root) && fault.line > 0);
  }
});
