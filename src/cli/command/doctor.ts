// `postern doctor`: can a boundary be built here, and for each thing missing the exact remedy.

import { diagnose } from "../../boundary/bare/diagnose.ts";
import type { Check } from "../../boundary/contract.ts";
import { Fault } from "../../domain/fault.ts";
import { explained, sayMissing } from "../../domain/session.ts";
import { readPolicy } from "../../policy/read.ts";
import { countLabelled, sayLabelled } from "../../session/sources/counting.ts";
import { objectToProtected } from "../../session/sources/protected.ts";
import { describeState, openState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { lookAround } from "../around.ts";
import { readCaller } from "../caller.ts";
import { columnsOfOutput, paint, print, warn } from "../speech.ts";
import { align, hang } from "../table.ts";

export interface DoctorFlags {
  readonly prove: boolean;
  readonly policy?: string;
  readonly outer?: string;
  readonly json: boolean;
}

export async function doctor(options: DoctorFlags): Promise<number> {
  if (options.prove) return (await import("./prove.ts")).proveHere(options);
  if (options.outer !== undefined) return (await import("./doctor-outer.ts")).doctorOf(options.outer, options);
  if (options.policy !== undefined) {
    warn("--policy says under which policy to prove", "postern doctor --prove --policy FILE");
    return 2;
  }
  const checks = [...(await diagnose()), checkState(), ...(await checkLabels())];
  const ok = checks.every((check) => check.ok);
  if (options.json) {
    for (const check of checks) print(JSON.stringify(check));
    return ok ? 0 : 1;
  }
  const starts = align(
    [{ title: "" }, { title: "" }, { title: "" }],
    checks.map((check) => [stateOf(check), check.name, "·"]),
    false,
  );
  for (const [at, { seen }] of checks.entries())
    for (const line of hang(starts[at]?.slice(0, -1) ?? "", seen, columnsOfOutput())) print(line);
  const remedies = checks.flatMap((check) => (check.remedy === undefined ? [] : [check.remedy]));
  if (remedies.length > 0) print("");
  for (const remedy of new Set(remedies)) print(`  ${remedy}`);
  print(`\n${sayWhole(checks)}`);
  return ok ? 0 : 1;
}

function stateOf({ ok, remedy }: Check): string {
  if (!ok) return paint.red("missing");
  return remedy === undefined ? "ok" : "lacking";
}

function sayWhole(checks: readonly Check[]): string {
  const failed = checks.filter((check) => !check.ok);
  const lesser = failed.every((check) => check.lesser !== undefined) ? failed[0]?.lesser : undefined;
  if (lesser !== undefined) {
    const missing = failed.find((check) => check.lesser === lesser)?.missing ?? [];
    const grade = lesser === "record-only" ? "record-only (not a boundary)" : `a boundary of grade ${lesser}`;
    const lines = missing.map((word) => `  without ${explained[word].what}: ${explained[word].leaves}`);
    return `${grade} can be had here, without: ${sayMissing(missing)}
${lines.join("\n")}
it counts only where the organisation's policy accepts that grade; what is above mends it`;
  }
  if (failed.length > 0) return "no boundary can be built here; what is above mends it";
  const lacking = checks.filter((check) => stateOf(check) === "lacking").map(({ name }) => name);
  const without = lacking.length === 0 ? "" : `, without: ${lacking.join(", ")}`;
  return `a boundary of grade full can be built here${without}`;
}

function checkState(): Check {
  const caller = readCaller();
  const { directory } = describeState(stateDirectory(caller.environment, caller.home));
  try {
    openState(directory);
    return { name: "state directory", ok: true, seen: directory, remedy: undefined };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { name: "state directory", ok: false, seen: error.message, remedy: error.hint };
  }
}

/** What the policy's labels mean here, where it has any; a policy that cannot be read is no matter of walls. */
async function checkLabels(): Promise<Check[]> {
  const outcome = await readPolicy(lookAround({}).sources);
  if (!outcome.ok || (outcome.policy.labels ?? outcome.policy.protected) === undefined) return [];
  const wrong = objectToProtected(outcome.policy);
  if (wrong !== undefined) return [{ name: "labels", ok: false, seen: wrong.message, remedy: wrong.hint }];
  const seen = sayLabelled(await countLabelled(outcome.policy));
  return [{ name: "labels", ok: true, seen, remedy: undefined }];
}
