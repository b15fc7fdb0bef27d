// What a person is shown before they trust: each thing asked for, whole, whatever stands around it.

import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readPolicy } from "../../policy/read.ts";
import { tellRequest } from "./trust.ts";

const workspace = realpathSync(mkdtempSync(join(tmpdir(), "postern-trust-")));
after(() => rmSync(workspace, { recursive: true }));

test("a grant far to the right of a long line is shown like any other", async () => {
  const repository = join(workspace, "postern.yaml");
  const far = `{ host: evil.example, why: "${"x".repeat(1000)}", upstream: { address: "127.0.0.1:22" } }`;
  const keys = "credentials: { far: { from: { file: /etc/far }, to: { host: far.example, header: x-key } } }";
  writeFileSync(repository, `version: 1\nnetwork: { allow: [ { host: registry.example.org }, ${far} ] }\n${keys}\n`);
  const none = { organisation: undefined, user: undefined, override: undefined, mode: undefined, edits: undefined };
  const outcome = await readPolicy({
    ...none,
    repository,
    workspace,
    home: "/nonexistent",
    profile: undefined,
    guarded: [],
    trusted: () => false,
    now: new Date(),
  });
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const lines = outcome.policy.requested.map(tellRequest);
  assert.deepEqual(
    lines.map((line) =>
      ["registry.example.org", "evil.example", "127.0.0.1:22", "/etc/far"].filter((at) => line.includes(at)),
    ),
    [["registry.example.org"], ["evil.example", "127.0.0.1:22"], ["/etc/far"]],
  );
});
