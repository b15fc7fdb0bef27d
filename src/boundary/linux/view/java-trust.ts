// The session's trust as Java reads it: a key store in Sun's old format (JKS), which every Java since 1.2 knows by its first four
// octets whatever the file is called. Certificates alone, nothing secret; the password is the one everybody knows, and only
// makes tools that check a digest content. Enters: PEM, our own and the system's. sun.security.provider.JavaKeyStore.

import { createHash } from "node:crypto";

const magic = 0xfeed_feed;
const version = 2;
const trusted = 2;
const password = "changeit";

/** Where a distribution keeps the one store that its JDKs link to. */
export const javaPlaces = ["/etc/ssl/certs/java/cacerts", "/etc/pki/ca-trust/extracted/java/cacerts"] as const;

/** Below an installation: since Java 9, and before. */
export const javaStores = ["lib/security/cacerts", "jre/lib/security/cacerts"] as const;

/** What is no certificate is passed over. */
export function writeJavaTrust(pem: string): Buffer {
  const entries = certificatesIn(pem).map((certificate, index) => writeEntry(`postern-${index}`, certificate));
  const body = Buffer.concat([numbers(magic, version, entries.length), ...entries]);
  const salt = Buffer.from("Mighty Aphrodite", "latin1");
  const digest = createHash("sha1").update(bigEndian(password)).update(salt).update(body).digest();
  return Buffer.concat([body, digest]);
}

function certificatesIn(pem: string): readonly Buffer[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    const bytes = Buffer.from(block.replace(/-----[^-]+-----/g, ""), "base64");
    // a SEQUENCE; read by nobody here, so that a start does not wait for it
    return bytes[0] === 0x30 ? [bytes] : [];
  });
}

function writeEntry(alias: string, certificate: Buffer): Buffer {
  const created = Buffer.alloc(8);
  const parts = [numbers(trusted), text(alias), created, text("X.509"), numbers(certificate.length), certificate];
  return Buffer.concat(parts);
}

/** As java.io.DataOutput: length in two octets. ASCII alone. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

const bigEndian = (value: string): Buffer => Buffer.from(value, "utf16le").swap16();
