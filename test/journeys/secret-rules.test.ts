// A real session under a policy that names rules of one's own: they hold, the record says which file they were, and what cannot be read begins
// no session.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { demo } from "../../src/vendor/demo.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const text = "rules:\n  - id: acme-token\n    pattern: acme_([0-9a-f]{32})\n";
const secret = "0123456789abcdef0f1e2d3c4b5a6978";
const body = JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: `acme_${secret}` }] });

test("real boundary: rules of one's own hold", { skip: withoutCurl, timeout: 120_000 }, async () => {
  using stage = new Stage({ files: { "ask.json": body } });
  const tls = issueForLoopback(vendorNames);
  await using vendor = await openVendor({ script: demo.script, key: "k", tls });
  const upstream = { address: vendor.address, ca: stage.write("ca.pem", tls.ca) };
  const file = stage.write("acme.yaml", text);
  const policy = (path: string) => ({
    network: { allow: [{ host: demo.host, methods: ["POST"], paths: ["/v1/messages**"], upstream }] },
    "secret-rules": [path],
  });
  const ask = [
    "sh",
    "-c",
    `curl -s -H 'x-api-key: k' -H 'content-type: application/json' --data-binary @ask.json https://${demo.host}/v1/messages`,
  ];

  const none = await stage.run(ask, { policy: policy("not-there.yaml") });
  assert.deepEqual([none.code, vendor.requests.length], [125, 0]);
  assert.match(none.errors, /:\d+: secret-rules names \S+not-there\.yaml, which is not there/);
  const wrong = await stage.run(ask, {
    policy: policy(stage.write("wrong.yaml", `${text}  - id: b\n    pattern: "a("\n`)),
  });
  assert.deepEqual([wrong.code, vendor.requests.length], [125, 0]);
  assert.match(wrong.errors, /wrong\.yaml, which cannot be read as rules: .*line 5.*/s);

  const ran = await stage.run(ask, { policy: policy(file) });
  assert.equal(ran.code, 0, ran.errors);
  assert.match(
    String(vendor.requests.at(-1)?.body),
    /"content":"acme_PSTN_ACME_TOKEN_[A-Z2-7]{16}"/,
    ran.output + ran.errors,
  );
  const start = (await stage.log()).findLast(({ kind }) => kind === "session.start");
  const sha256 = createHash("sha256").update(text).digest("hex");
  const [told] =
    ((start?.sealed ?? {}) as { "secret-rules"?: { path: string; sha256: string; count: number }[] })["secret-rules"] ??
    [];
  assert.deepEqual([told?.sha256, told?.count, told?.path.endsWith("acme.yaml")], [sha256, 1, true]);
});
