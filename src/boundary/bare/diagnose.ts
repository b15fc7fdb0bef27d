// What the whole boundary lacks here, as its own diagnosis tells; and where that is namespaces, or what is done in them, that a tool
// can be run without them all the same, which is no boundary.

import type { Check, Diagnose } from "../contract.ts";
import { diagnose as diagnoseWhole } from "../linux/diagnose.ts";
import { staysSo } from "./lasting.ts";
import { bareMissing } from "./missing.ts";

export const diagnose: Diagnose = async () => (await diagnoseWhole()).map(sayLesser);

function sayLesser(check: Check): Check {
  return check.ok || !isOfTheKernel(check) ? check : { ...check, lesser: "record-only", missing: bareMissing };
}

/** A program that is missing is installed; settings are named as sysctl(8) does. */
function isOfTheKernel({ name, seen }: Check): boolean {
  if (/^(?:user|kernel)\./.test(name)) return true;
  return (name === "user namespaces" || name.startsWith("redirect")) && staysSo(seen);
}
