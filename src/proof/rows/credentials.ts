// Credentials: the placeholder is what is inside. The real values are looked for, in every form that is known, in what the
// processes inside had and in what was written there; none is printed or copied.

import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sayMissing } from "../../domain/session.ts";
import type { SigningRule } from "../../policy/policy.ts";
import { absent, coveredBy, type Evidence, judge, type Row } from "../row.ts";

export function credentialRows(evidence: Evidence): Row[] {
  const { policy, prepared } = evidence;
  const found = leaks(evidence);
  const held = prepared.credentials.map(({ id, variable }) => ({ id, variable }));
  const logins = prepared.logins.map(({ login }) => ({ id: login.id, variable: undefined }));
  const signed = policy.signing === undefined ? [] : [signing(evidence, policy.signing)];
  const rows = [...held, ...logins].flatMap(({ id, variable }): Row[] => {
    const grant = [...policy.credentials, ...policy.logins].find((each) => each.id === id);
    const rule = grant?.rule ?? "default";
    const place = policy.origins[rule];
    const leaked = found.has(id) ? "its real value is inside" : undefined;
    const by = `a placeholder${variable === undefined ? "" : ` in ${variable}`}; the real value nowhere`;
    const tried = `find ${id} inside`;
    const row = { area: "credentials", rule, place, tried } as const;
    if (evidence.missing.includes("files"))
      return [{ ...row, outcome: "open", by: reachable }, ...source(evidence, id)];
    const told: Row =
      leaked === undefined ? { ...row, outcome: "held", by } : { ...row, outcome: "broken", by: leaked };
    return [told, ...source(evidence, id)];
  });
  return [...rows, ...signed];
}

/** A placeholder is all it is handed, but where the real one comes from is open to it. */
const reachable = `${sayMissing(["files"])} is missing here: it is handed a placeholder, and can read what the person can`;

function signing({ policy }: Evidence, { rule, use }: SigningRule): Row {
  const by = use === "ask" ? "each is asked about" : "each commit and tag it asks for; the key is outside";
  return {
    area: "credentials",
    rule,
    place: policy.origins[rule],
    tried: "have commits signed",
    outcome: "granted",
    by,
  };
}

/** The file it comes from is none that could be read. */
function source(evidence: Evidence, id: string): Row[] {
  const { policy, loot, scratch } = evidence;
  const grant = policy.credentials.find((each) => each.id === id);
  if (grant === undefined || !("file" in grant.from)) return [];
  const { file } = grant.from;
  const read = loot(`credential:${id}`) === createHmac("sha256", scratch.mark).update(readFileSync(file)).digest("hex");
  const row = judge(evidence, {
    ...{ area: "credentials", id: `credential:${id}`, rule: grant.rule, tried: `read the file ${id} comes from` },
    landed: read ? "it was read" : undefined,
    stopped: absent,
    let: coveredBy(policy, file, ["read", "write"]),
  });
  return [row];
}

/** Credentials whose real value is in the environment or the files of what ran inside. */
function leaks({ prepared, glimpses, inside, prepared: { state, session } }: Evidence): ReadonlySet<string> {
  const { seek } = prepared.seekers;
  const home = state.home(session.tool.name, session.workspace);
  const texts = [
    ...glimpses.flatMap(({ environment }) => (environment === undefined ? [] : [environment])),
    ...[home, inside].flatMap(textsIn),
  ];
  const found = texts.flatMap((text) => seek({ kind: "body", bytes: Buffer.from(text, "latin1") }));
  return new Set(found.filter(({ what }) => what === "credential").map(({ label }) => label));
}

/** Of the proof's own making: few and short. */
function textsIn(root: string): string[] {
  const names = readdirSync(root, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}
