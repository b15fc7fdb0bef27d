// `postern doctor`: can a boundary be built here, and for each thing missing the exact remedy.

import type { Check } from "../../boundary/contract.ts";
import { diagnose } from "../../boundary/linux/diagnose.ts";
import { Fault } from "../../domain/fault.ts";
import { describeState, openState, stateDirectory } from "../../session/state.ts";
import { readCaller } from "../caller.ts";
import { paint, print } from "../speech.ts";
import { align } from "../table.ts";

export async function doctor(options: { readonly json: boolean }): Promise<number> {
  const checks = [...(await diagnose()), checkState()];
  const ok = checks.every((check) => check.ok);
  if (options.json) {
    for (const check of checks) print(JSON.stringify(check));
    return ok ? 0 : 1;
  }
  const rows = checks.map((check) => [check.ok ? "ok" : paint.red("missing"), check.name, check.seen]);
  for (const line of align([{ title: "" }, { title: "" }, { title: "" }], rows, false)) print(line);
  const remedies = checks.flatMap((check) => (check.remedy === undefined ? [] : [check.remedy]));
  if (remedies.length > 0) print("");
  for (const remedy of new Set(remedies)) print(`  ${remedy}`);
  print(
    ok ? "\na boundary of grade full can be built here" : "\nno boundary can be built here; what is above mends it",
  );
  return ok ? 0 : 1;
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
