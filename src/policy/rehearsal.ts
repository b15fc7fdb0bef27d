// For this room's tests: layers written to a directory of their own, and read.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { stringify } from "yaml";
import type { Policy } from "./policy.ts";
import { type PolicyOutcome, type PolicySources, readPolicy } from "./read.ts";

export const root = mkdtempSync(join(tmpdir(), "policy-"));
after(() => rmSync(root, { recursive: true }));
export const workspace = join(root, "project");
export const home = join(root, "home");
mkdirSync(workspace);
mkdirSync(join(home, ".config"), { recursive: true });
export const files = {
  organisation: join(root, "organisation.yaml"),
  user: join(home, ".config/policy.yaml"),
  repository: join(workspace, "postern.yaml"),
};
export type Layers = Partial<Record<keyof typeof files, unknown>>;

/** Reads what lies there now. */
export async function readAsIs(sources: Partial<PolicySources> = {}): Promise<PolicyOutcome> {
  const none = { override: undefined, mode: undefined, edits: undefined, profile: undefined };
  const rest = { workspace, home, guarded: [], trusted: () => false, now: new Date("2026-06-01T12:00:00Z") };
  return readPolicy({ ...files, ...none, ...rest, ...sources });
}

/** Writes the layers, leaves the others absent, reads. */
export async function read(layers: Layers, sources: Partial<PolicySources> = {}): Promise<PolicyOutcome> {
  for (const kind of ["organisation", "user", "repository"] as const) {
    const layer = layers[kind];
    rmSync(files[kind], { force: true, recursive: true });
    if (typeof layer === "object") writeFileSync(files[kind], stringify({ version: 1, ...layer }));
  }
  return readAsIs(sources);
}

export async function policyOf(layers: Layers, sources: Partial<PolicySources> = {}): Promise<Policy> {
  const outcome = await read(layers, sources);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.policy;
}

export const hostsOf = (policy: Policy): string[] =>
  policy.network.map(({ id, host }) => `${id} ${host.kind === "exact" ? host.name : `*${host.suffix}`}`);
export const allow = (...hosts: string[]) => ({ network: { allow: hosts.map((host) => ({ host })) } });
export const ids = (notices: readonly { readonly id: string }[]): string[] => notices.map(({ id }) => id);
