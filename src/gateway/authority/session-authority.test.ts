import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { connect, TLSSocket } from "node:tls";
import fc from "fast-check";
import { host, once } from "../rehearsal.ts";
import { integer, oid, time } from "./der.ts";
import { createAuthority } from "./session-authority.ts";

/** Two ends of one wire. */
function wire(): [Duplex, Duplex] {
  const ends: Duplex[] = [0, 1].map(
    (side) =>
      new Duplex({
        read: () => undefined,
        write: (chunk: Buffer, _, done) => {
          ends[1 - side]?.push(chunk);
          done();
        },
      }),
  );
  const [one, other] = ends;
  assert.ok(one !== undefined && other !== undefined);
  return [one, other];
}

async function leafFor(name: string, options: { readonly clock?: () => number } = {}) {
  const authority = createAuthority(options.clock);
  const [inside, outside] = wire();
  const server = new TLSSocket(inside, { isServer: true, secureContext: authority.issue(host(name)) });
  server.on("error", () => undefined);
  const client = connect({ socket: outside, ca: authority.pem, host: name, checkServerIdentity: () => undefined });
  await once(client, "secureConnect");
  const raw = client.getPeerCertificate().raw;
  client.destroy();
  return {
    authority: new X509Certificate(authority.pem),
    leaf: new X509Certificate(raw),
    authorized: client.authorized,
  };
}

const hosts = [
  "api.vendor.example",
  "a".repeat(63),
  `${"a".repeat(60)}.${"b".repeat(60)}.example`,
  "xn--bcher-kva.example",
];
const literals = ["93.184.216.34", "::1", "2606:2800:220:1::1", "2001:db8::ffff:1.2.3.4"];

for (const name of [...hosts, ...literals]) {
  test(`the runtime's own reader agrees on the leaf for ${name.slice(0, 30)}`, async () => {
    const { authority, leaf, authorized } = await leafFor(name);
    assert.ok(authorized);
    assert.ok(leaf.verify(authority.publicKey) && leaf.checkIssued(authority));
    assert.ok(authority.ca && !leaf.ca);
    assert.equal(literals.includes(name) ? leaf.checkIP(name) : leaf.checkHost(name), name);
    assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
    assert.equal(leaf.checkHost("other.example"), undefined);
    const life = Date.parse(leaf.validTo) - Date.parse(leaf.validFrom);
    assert.ok(
      life <= 7 * 86_400_000 && Date.parse(leaf.validFrom) < Date.now() && Date.parse(leaf.validTo) > Date.now(),
    );
  });
}

test("two sessions share nothing: neither believes the other", async () => {
  const [one, other] = [createAuthority(), createAuthority()];
  assert.notEqual(one.pem, other.pem);
  const { leaf } = await leafFor("a.example");
  assert.ok(!leaf.verify(new X509Certificate(other.pem).publicKey));
});

test("a leaf is kept, renewed before it ends, and the oldest gives way", () => {
  let now = Date.now();
  const authority = createAuthority(() => now);
  const first = authority.issue(host("a.example"));
  assert.equal(authority.issue(host("a.example")), first);
  now += 40 * 3_600_000;
  const second = authority.issue(host("a.example"));
  assert.notEqual(second, first);
  for (let count = 0; count < 1024; count += 1) authority.issue(host(`n${count}.example`));
  assert.notEqual(authority.issue(host("a.example")), second);
});

const openssl = spawnSync("openssl", ["version"]).status === 0;
test("openssl verifies the chain and reads every field (needs openssl)", {
  skip: openssl ? false : "openssl is not installed",
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), "postern-x509-"));
  try {
    const { authority, leaf } = await leafFor("api.vendor.example");
    writeFileSync(join(directory, "ca.pem"), authority.toString());
    writeFileSync(join(directory, "leaf.pem"), leaf.toString());
    const run = (...args: string[]) => spawnSync("openssl", args, { cwd: directory, encoding: "utf8" });
    const verified = run(
      "verify",
      "-x509_strict",
      "-purpose",
      "sslserver",
      "-verify_hostname",
      "api.vendor.example",
      "-CAfile",
      "ca.pem",
      "leaf.pem",
    );
    assert.equal(verified.stdout, "leaf.pem: OK\n", verified.stderr);
    const wrong = run("verify", "-verify_hostname", "other.example", "-CAfile", "ca.pem", "leaf.pem");
    assert.notEqual(wrong.status, 0);
    const text = run("x509", "-in", "leaf.pem", "-noout", "-text").stdout;
    for (const expected of [
      "TLS Web Server Authentication",
      "DNS:api.vendor.example",
      "Digital Signature",
      "CA:FALSE",
      "prime256v1",
    ]) {
      assert.ok(text.includes(expected), expected);
    }
    const ca = run("x509", "-in", "ca.pem", "-noout", "-text").stdout;
    for (const expected of ["CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign"])
      assert.ok(ca.includes(expected), expected);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("numbers are minimal and positive", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
      const content = integer(Buffer.from(bytes)).subarray(2);
      assert.ok((content[0] ?? 0) < 0x80);
      assert.ok(content.length === 1 || content[0] !== 0 || (content[1] ?? 0) >= 0x80);
      assert.equal(BigInt(`0x${content.toString("hex")}`), BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
    }),
  );
});

test("identifiers and times as the standards write them", () => {
  assert.equal(oid("1.2.840.10045.4.3.2").toString("hex"), "06082a8648ce3d040302");
  assert.equal(time(Date.UTC(2049, 11, 31)).toString("latin1"), "\x17\x0d491231000000Z");
  assert.equal(time(Date.UTC(2050, 0, 1)).toString("latin1"), "\x18\x0f20500101000000Z");
});
