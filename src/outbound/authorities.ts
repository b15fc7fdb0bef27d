// Authorities a person or organisation trusts beyond the system's: from NODE_EXTRA_CA_CERTS, SSL_CERT_FILE and the policy.
// Leaves: a list of PEM certificates, each read by the TLS library, so that a broken one is said here and not at the first
// connection. Nothing else of a file is taken: no keys.

import { X509Certificate } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { Fault } from "../domain/fault.ts";
import { limits } from "./limits.ts";

export type AuthorityFault = Fault<"authority">;

/** `policy`: absolute paths. Each certificate once, in the order in which they were named. */
export function readAuthorities(
  environment: Readonly<Record<string, string | undefined>>,
  policy: readonly string[] = [],
): readonly string[] | AuthorityFault {
  const named = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].map((name) => environment[name]);
  const files = [...named, ...policy].filter((file) => file !== undefined && file !== "");
  const found = new Set<string>();
  for (const file of new Set(files)) {
    const certificates = file === undefined ? [] : readCertificates(file);
    if (certificates instanceof Fault) return certificates;
    for (const certificate of certificates) found.add(certificate);
  }
  return [...found];
}

function readCertificates(file: string): readonly string[] | AuthorityFault {
  const text = readText(file);
  if (text === undefined) return refuse(file, "cannot be read");
  return splitAuthorities(text, file);
}

/** PEM text → one certificate each; `place` names it in messages. */
export function splitAuthorities(text: string, place: string): readonly string[] | AuthorityFault {
  const blocks =
    text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g) ??
    [];
  if (blocks.length === 0) return refuse(place, "are none");
  if (blocks.length > limits.authorities) return refuse(place, "are too many");
  const certificates = blocks.map(parseCertificate);
  const good = certificates.filter((each) => each !== undefined);
  return good.length === certificates.length ? good : refuse(place, "hold one that cannot be read");
}

function refuse(place: string, why: string): AuthorityFault {
  const hint = "it must be PEM: BEGIN CERTIFICATE";
  return new Fault({ code: "authority", message: `the authorities in ${place} ${why}`, hint });
}

function parseCertificate(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).toString();
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > limits.authorityBytes) return undefined;
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString("utf8", 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
