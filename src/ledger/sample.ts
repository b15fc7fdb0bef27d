// What the ledger's tests write with: a session, a state directory that ends with the test, a record of some entries.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDigest, parseSessionId } from "../domain/brand.ts";
import type { Session } from "../domain/session.ts";
import { type Draft, Writer } from "./writer.ts";

export function sampleSession(id = "s-00000001", changes: Partial<Session> = {}): Session {
  const [name, digest] = [parseSessionId(id), parseDigest("5e".repeat(32))];
  if (name === undefined || digest === undefined) throw new Error("not a session id");
  return {
    id: name,
    principal: { name: "alice-example", uid: 1000, host: "workstation-7" },
    tool: { name: "pi", recognised: true, version: "0.73.1", path: "/opt/pi/bin/pi", sha256: digest },
    mode: "enforce",
    edits: "live",
    grade: "full",
    headless: false,
    workspace: "/home/alice-example/atlas",
    policy: digest,
    build: digest,
    ...changes,
  };
}

export function sampleState(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "ledger-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function sampleDraft(sealed: object | undefined = { host: "api.example.com" }): Draft {
  const fields = {
    kind: "request",
    verdict: "allow",
    rule: "user:network.allow[0]",
    purpose: "inference",
    counts: { "bytes-out": 17, "findings-secret": 1 },
    time: "2026-11-20T09:51:20.123Z",
    mono: 1_234_567,
  };
  return { fields, sealed: sealed === undefined ? undefined : JSON.stringify(sealed) };
}

/** Writes `groups[i]` entries in the i-th transaction. */
export function writeSample(state: string, groups: readonly number[], session = sampleSession()): void {
  using writer = new Writer(state, session);
  for (const count of groups) {
    for (let each = 0; each < count; each += 1) writer.prepare(sampleDraft());
    writer.commit();
  }
}
