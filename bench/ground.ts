// What a measurement stands on: a directory that servers of other users can read, certificates in it, and the upstream's port. Gone
// when the stack is.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueForLoopback } from "../src/gateway/authority/loopback.ts";
import { freePort } from "./process.ts";

/** The host that every tool of a measurement asks. */
export const name = "api.anthropic.com";

export interface Ground {
  readonly folder: string;
  readonly upstream: number;
  readonly files: { readonly ca: string; readonly cert: string; readonly key: string; readonly both: string };
}

export async function openGround(stack: AsyncDisposableStack): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), "postern-bench-"));
  // squid and nginx give up root
  chmodSync(folder, 0o755);
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, upstream: await freePort(), files: writeCertificates(folder) };
}

function writeCertificates(folder: string): Ground["files"] {
  const issued = issueForLoopback([name, "127.0.0.1"]);
  const files = { ca: "ca.pem", cert: "cert.pem", key: "key.pem", both: "both.pem" };
  const texts = { ca: issued.ca, cert: issued.cert, key: issued.key, both: issued.key + issued.cert };
  const written = Object.entries(files).map(([kind, file]) => {
    const path = join(folder, file);
    writeFileSync(path, texts[kind as keyof typeof texts], { mode: 0o644 });
    return [kind, path];
  });
  return Object.fromEntries(written) as Ground["files"];
}
