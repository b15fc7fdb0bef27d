import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { issueForLoopback } from "./loopback.ts";

void test("the certificate is the authority's, for exactly the names and the key given with it", () => {
  const issued = issueForLoopback(["api.anthropic.com", "localhost", "127.0.0.1"]);
  const [ca, leaf] = [new X509Certificate(issued.ca), new X509Certificate(issued.cert)];
  assert.ok(leaf.verify(ca.publicKey) && leaf.checkIssued(ca) && ca.verify(ca.publicKey));
  assert.ok(leaf.checkPrivateKey(createPrivateKey(issued.key)));
  assert.deepEqual([ca.ca, leaf.ca], [true, false]);
  assert.equal(leaf.subjectAltName, "DNS:api.anthropic.com, DNS:localhost, IP Address:127.0.0.1");
  assert.equal(leaf.checkHost("api.openai.com"), undefined);
  assert.equal(leaf.checkIP("127.0.0.1"), "127.0.0.1");
  assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  const days = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / 86_400_000;
  assert.equal(days, 31);
});

void test("property: any number of names is encoded so that it is read back", () => {
  const names = fc.array(fc.stringMatching(/^[a-z0-9]{1,20}\.test$/), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(names, (list) => {
      const leaf = new X509Certificate(issueForLoopback(list).cert);
      assert.equal(leaf.subjectAltName, list.map((name) => `DNS:${name}`).join(", "));
    }),
    { numRuns: 30 },
  );
});
