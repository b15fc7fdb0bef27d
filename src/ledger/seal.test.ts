import assert from "node:assert/strict";
import { createHmac, createSecretKey, hash, hkdfSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { seal, unseal } from "./seal.ts";

const kid = "entries.p-0000000000000000.2026-11";
const kek = createSecretKey(randomBytes(32));

void test("what was sealed is opened, whatever it is, and never twice the same", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (plain) => {
      const [one, two] = [seal(plain, kid, kek), seal(plain, kid, kek)];
      assert.deepEqual(unseal(one, kek), Buffer.from(plain));
      assert.equal(one.ct, hash("sha256", one.body));
      assert.notEqual(one.ct, two.ct);
      assert.notEqual(one.pt, two.pt);
    }),
  );
});

void test("any change, another key or another key id opens nothing", () => {
  const sealed = seal(Buffer.from("content"), kid, kek);
  const flip = (bytes: Buffer, at: number): Buffer =>
    Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
  for (const at of sealed.body.keys()) assert.equal(unseal({ ...sealed, body: flip(sealed.body, at) }, kek), undefined);
  for (const at of sealed.key.keys()) assert.equal(unseal({ ...sealed, key: flip(sealed.key, at) }, kek), undefined);
  assert.equal(unseal({ ...sealed, pt: "00".repeat(32) }, kek), undefined);
  assert.equal(unseal({ ...sealed, kid: "bodies.p-0000000000000000.2026-11" }, kek), undefined);
  assert.equal(unseal(sealed, createSecretKey(randomBytes(32))), undefined);
  assert.equal(unseal({ ...sealed, body: Buffer.alloc(0), key: Buffer.alloc(0) }, kek), undefined);
});

void test("the plaintext's commitment is HMAC under HKDF(key, commit)", (t) => {
  // the part's own key is taken from what the wrapping hands back
  const sealed = seal(Buffer.from("content"), kid, kek);
  const { createDecipheriv } = process.getBuiltinModule("node:crypto");
  const unwrap = createDecipheriv("aes-256-gcm", kek, sealed.key.subarray(0, 12));
  unwrap.setAAD(Buffer.from(kid)).setAuthTag(sealed.key.subarray(-16));
  const dek = Buffer.concat([unwrap.update(sealed.key.subarray(12, -16)), unwrap.final()]);
  const key = Buffer.from(hkdfSync("sha256", dek, "", "commit", 32));
  assert.equal(sealed.pt, createHmac("sha256", key).update("content").digest("hex"));
  t.diagnostic("against node's own hkdfSync");
});
