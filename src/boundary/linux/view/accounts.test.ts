import assert from "node:assert/strict";
import { test } from "node:test";
import { isIdentity, writeAccounts } from "./accounts.ts";

const dev = { uid: 1000, gid: 1000, name: "dev", home: "/home/dev", shell: "/bin/bash" };

test("accounts of the inside", () => {
  const files = writeAccounts(dev);
  assert.match(files["passwd"] ?? "", /^dev:x:1000:1000::\/home\/dev:\/bin\/bash$/m);
  assert.match(files["resolv.conf"] ?? "", /^nameserver 100\.64\.0\.53\n$/);
});

test("an identity is a plain user and cannot start another line", () => {
  assert.ok(isIdentity(dev));
  for (const wrong of [
    { uid: 0 },
    { gid: 0 },
    { uid: 1.5 },
    { uid: 65_534 },
    { name: "a:b" },
    { name: "" },
    { home: "/a\nroot:x:0:0" },
    { shell: "sh" },
    { home: "/a:b" },
  ]) {
    assert.ok(!isIdentity({ ...dev, ...wrong }), JSON.stringify(wrong));
  }
});
