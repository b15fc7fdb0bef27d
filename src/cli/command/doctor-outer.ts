// `postern doctor --outer NAME`: is the door its only way out, and what it is without.

import { resolve } from "node:path";
import type { Check } from "../../boundary/contract.ts";
import { diagnoseOuter } from "../../boundary/outer/diagnose.ts";
import { explained, sayMissing } from "../../domain/session.ts";
import { readPolicy } from "../../policy/read.ts";
import { renderFaults } from "../../policy/render.ts";
import { objectToEntering, placeNamed } from "../../session/outer.ts";
import { policySources } from "../../session/policy-places.ts";
import { openState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { findWorkspace } from "../../session/workspace.ts";
import { readCaller } from "../caller.ts";
import { print, say, warn } from "../speech.ts";
import type { DoctorFlags } from "./doctor.ts";

/** 2: no such place. */
export async function doctorOf(name: string, { policy, json }: DoctorFlags): Promise<number> {
  const caller = readCaller();
  const workspace = findWorkspace(caller.directory, caller.home);
  const state = openState(stateDirectory(caller.environment, caller.home));
  const override = policy === undefined ? undefined : resolve(policy);
  const outcome = await readPolicy(
    policySources({ ...caller, policy: override }, { workspace, state, profile: undefined }),
  );
  if (!outcome.ok) {
    say(renderFaults(outcome.faults).trimEnd());
    return 1;
  }
  const place = placeNamed(name, outcome.policy, { environment: caller.environment, workspace });
  if (place === undefined) {
    warn(`no policy says what ${name} is`, "`outer` in your own policy or the organisation's");
    return 2;
  }
  const objection = objectToEntering(place, outcome.policy.files.write);
  if (objection !== undefined) {
    warn(objection.message, objection.hint);
    return 1;
  }
  const checks = await diagnoseOuter(place, caller.uid);
  const ok = checks.every((check) => check.ok);
  if (json) for (const check of checks) print(JSON.stringify(check));
  else tell(name, checks, outcome.policy.acceptGrades.includes("outer"));
  return ok ? 0 : 1;
}

function tell(name: string, checks: readonly Check[], accepted: boolean): void {
  for (const { ok, name: what, seen } of checks) print(`${ok ? "ok     " : "missing"}  ${what} · ${seen}`);
  for (const { remedy } of checks) if (remedy !== undefined) print(`\n  ${remedy}`);
  if (!checks.every(({ ok }) => ok)) {
    print(`\nno boundary of grade outer can be had in ${name}`);
    return;
  }
  const missing = checks.flatMap((check) => check.missing ?? []);
  print(`\na boundary of grade outer can be had in ${name}, without: ${sayMissing(missing)}`);
  for (const word of missing) print(`  without ${explained[word].what}: ${explained[word].leaves}`);
  print(
    accepted
      ? "the organisation's policy accepts that grade"
      : "it counts only where the organisation's policy accepts that grade, and this one does not",
  );
}
