import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rootCertificates } from "node:tls";
import { Fault } from "../domain/fault.ts";
import { readAuthorities } from "./authorities.ts";

const directory = mkdtempSync(join(tmpdir(), "postern-authorities-"));
after(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

test("certificates of the environment and the policy, each once, and nothing else of the files", () => {
  const [one = "", two = ""] = rootCertificates;
  const first = file("one.pem", `# a comment\n${one}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`);
  const both = file("both.pem", `${one}\n${two}\n`);
  const found = readAuthorities({ NODE_EXTRA_CA_CERTS: first, SSL_CERT_FILE: both }, [both]);
  assert.ok(!(found instanceof Fault));
  const print = (pem: string) => new X509Certificate(pem).fingerprint256;
  assert.deepEqual(found.map(print), [one, two].map(print));
  assert.deepEqual(readAuthorities({ SSL_CERT_FILE: "" }), []);
});

test("what is missing, empty or broken is said now", () => {
  const broken = file("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  for (const path of ["/nonexistent", directory, file("none.pem", "text"), broken]) {
    assert.ok(readAuthorities({}, [path]) instanceof Fault, path);
  }
});
