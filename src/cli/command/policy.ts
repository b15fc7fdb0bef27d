// `postern policy check|init|schema`: is what is written valid, a first policy, and the schema for editors.

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Notice } from "../../policy/fault.ts";
import { initialPolicy } from "../../policy/initial.ts";
import type { Policy } from "../../policy/policy.ts";
import { profileNamed, profiles } from "../../policy/profile.ts";
import { type PolicyOutcome, readPolicy } from "../../policy/read.ts";
import { renderFaults } from "../../policy/render.ts";
import { jsonSchema } from "../../policy/schema.ts";
import { userFile } from "../../session/policy-places.ts";
import { lookAround } from "../around.ts";
import { readCaller } from "../caller.ts";
import { print, say, warn } from "../speech.ts";
import { align, plural, show } from "../table.ts";
import { replace } from "./allow.ts";

export async function check(file: string | undefined, options: { readonly json: boolean }): Promise<number> {
  if (file !== undefined) return checkFile(resolve(file), options.json);
  const outcome = await readPolicy(lookAround({}).sources);
  if (!outcome.ok) return complainOf(outcome.faults, options.json);
  if (options.json) print(JSON.stringify(outcome.policy));
  else describe(outcome.policy);
  return 0;
}

async function checkFile(file: string, json: boolean): Promise<number> {
  if (!existsSync(file)) {
    warn(`there is no ${file}`, "postern policy init writes a first policy");
    return 1;
  }
  const outcome = await readAlone(file);
  if (!outcome.ok) return complainOf(outcome.faults, json);
  print(json ? JSON.stringify({ file, valid: true }) : `${file} is valid`);
  return 0;
}

/** As what it can only be: a repository's by its name, an organisation's by its limits, else a person's. */
async function readAlone(file: string): Promise<PolicyOutcome> {
  const { home } = readCaller();
  const nowhere = { organisation: undefined, user: undefined, repository: undefined, override: undefined };
  const rest = { mode: undefined, edits: undefined, profile: undefined, guarded: [], trusted: () => false };
  const alone = { ...nowhere, ...rest, home, now: new Date(), workspace: "/nonexistent" };
  if (basename(file) === "postern.yaml") return readPolicy({ ...alone, repository: file, workspace: dirname(file) });
  const outcome = await readPolicy({ ...alone, override: file });
  const limits = !outcome.ok && outcome.faults.some(({ key }) => key === "limits");
  return limits ? readPolicy({ ...alone, organisation: file }) : outcome;
}

function complainOf(faults: Parameters<typeof renderFaults>[0], json: boolean): number {
  if (json) for (const fault of faults) print(JSON.stringify(fault));
  else say(renderFaults(faults).trimEnd());
  return 1;
}

function describe(policy: Policy): void {
  const layers = policy.layers.map((layer) => [layer.kind, show(layer.path, 100)]);
  for (const line of align([{ title: "" }, { title: "" }], layers, false)) print(line);
  if (layers.length === 0) print("no policy file: a recognised tool reaches its provider, anything else its workspace");
  print(
    `mode ${policy.mode}, edits ${policy.edits}, least grade ${policy.require}, ${plural(new Set(policy.network.map(({ id }) => id)).size, "network grant")}, ${plural(policy.credentials.length + policy.logins.length, "credential")}`,
  );
  listNotices("asked for by a repository, granted by nobody", policy.requested, "postern trust");
  listNotices("granted, but void", policy.voided);
  for (const { key, file, line, column } of policy.unenforced)
    warn(`${file}:${line}:${column}: ${key} is valid and not enforced yet: run refuses it in enforce`);
}

function listNotices(title: string, notices: readonly Notice[], hint?: string): void {
  if (notices.length === 0) return;
  say("");
  for (const notice of notices) warn(`${title}: ${show(notice.id, 80)}: ${show(notice.message, 200)}`);
  if (hint !== undefined) say(`postern: hint: ${hint}`);
}

export async function init(options: { readonly repository: boolean; readonly tool?: string }): Promise<number> {
  const profile = options.tool === undefined ? undefined : profileNamed(options.tool);
  if (options.tool !== undefined && profile === undefined) {
    warn(`there is no profile "${show(options.tool, 40)}"`, `one of ${profiles.map((one) => one.name).join(", ")}`);
    return 2;
  }
  const file = options.repository ? join(lookAround({}).workspace, "postern.yaml") : userFile(readCaller());
  if (existsSync(file)) {
    warn(`${file} is there already`, `edit it, then: postern policy check`);
    return 1;
  }
  replace(file, initialPolicy(profile));
  print(`${file} written; next: postern policy check`);
  return 0;
}

export async function schema(): Promise<number> {
  print(JSON.stringify(jsonSchema(), undefined, 2));
  return 0;
}
