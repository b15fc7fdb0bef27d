// Of masked and hidden files: what is a secret is known, what only is a setting is not.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { veiledValues } from "./veiled-values.ts";

const files: Readonly<Record<string, string>> = {
  ".env":
    "DB_PASSWORD='correct horse battery'\nREGION=eu-west-1a-production\nDATABASE=postgres://app:s3cr%20et-word@db.example/x\nSINCE=2026-01-01T00:00:00Z\n",
  "app.yaml":
    "service:\n  api_key: 1234abcd5678\n  url: https://api.example.com/v1/things\n  mode: production-cluster-7\n",
  "app.json": '{"list":["Qx7Lr2Tz0bWm4Yc1Kp9s","plain-words-with-1"],"types":"application/json; charset=utf-8"}',
};

test("masked: by name, form, address and chance; hidden: the same, also in a directory that is hidden whole; no link is followed", () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "veiled-"));
  const at = (name: string): string => join(directory.path, name);
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  mkdirSync(at("secrets/deep"), { recursive: true });
  writeFileSync(
    at("secrets/deep/credentials"),
    "[default]\naws_secret_access_key = abcdEFGH1234ijklMNOP\nregion = eu-central-1\n",
  );
  writeFileSync(at("outside"), "token=never-to-be-read-1\n");
  symlinkSync(at("outside"), at("secrets/link"));
  const masked = Object.keys(files).map((name) => ({ path: at(name), glob: name, text: "" }));
  const hidden = [{ path: at("secrets"), glob: "secrets", directory: true }];
  assert.deepEqual(
    veiledValues({ masked, hidden }).map(({ label, value }) => [label, value]),
    [
      ["masked .env", "correct horse battery"],
      ["masked .env", "s3cr et-word"],
      ["masked .env", "s3cr%20et-word"],
      ["masked app.yaml", "1234abcd5678"],
      ["masked app.json", "Qx7Lr2Tz0bWm4Yc1Kp9s"],
      ["hidden credentials", "abcdEFGH1234ijklMNOP"],
    ],
  );
});
