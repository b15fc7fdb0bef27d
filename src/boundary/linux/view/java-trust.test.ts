import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../../gateway/authority/loopback.ts";
import { writeJavaTrust } from "./java-trust.ts";

const authorities = [issueForLoopback(["a.example"]).ca, issueForLoopback(["b.example"]).ca];
const withoutKeytool = spawnSync("keytool", ["-help"]).status === 0 ? false : "no keytool here";

test("each certificate stands in it, whole; the digest is over all of it", () => {
  const store = writeJavaTrust(`# a comment\n${authorities.join("\n")}junk`);
  assert.deepEqual([store.readUInt32BE(0), store.readUInt32BE(4), store.readUInt32BE(8)], [0xfeedfeed, 2, 2]);
  for (const pem of authorities) assert.ok(store.includes(new X509Certificate(pem).raw));
  const key = Buffer.concat([Buffer.from("changeit", "utf16le").swap16(), Buffer.from("Mighty Aphrodite")]);
  const [body, digest] = [store.subarray(0, -20), store.subarray(-20)];
  assert.deepEqual(createHash("sha1").update(key).update(body).digest(), digest);
});

test("nothing in it is a store all the same", () => {
  for (const pem of ["", "junk", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"])
    assert.equal(writeJavaTrust(pem).readUInt32BE(8), 0);
});

test("keytool reads it and finds both (needs keytool)", { skip: withoutKeytool }, () => {
  const directory = mkdtempSync(join(tmpdir(), "postern-java-"));
  try {
    const place = join(directory, "cacerts");
    writeFileSync(place, writeJavaTrust(authorities.join("\n")));
    const told = execFileSync("keytool", ["-list", "-rfc", "-keystore", place, "-storepass", "changeit"]).toString();
    const plain = (pem: string) => pem.replaceAll(/\s/g, "");
    for (const pem of authorities) assert.ok(plain(told).includes(plain(pem)));
    writeFileSync(place, writeJavaTrust(authorities.join("\n")).fill(1, 40, 41));
    const spoiled = spawnSync("keytool", ["-list", "-keystore", place, "-storepass", "changeit"]);
    assert.notEqual(spoiled.status, 0, "keytool checks the digest, so the one above was right");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
