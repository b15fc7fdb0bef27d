// What may be sealed of attacker-controlled text: bounded, and without a real credential in it.

import type { Attribution } from "../domain/exchange.ts";
import type { Seek } from "../domain/finding.ts";
import { limits } from "./limits.ts";

/** The text, or a note in its place where a real credential stands in it. */
export function conceal(seek: Seek, text: string): string {
  if (holdsCredential(seek, text)) return "[holds a credential]";
  return text.length <= limits.text ? text : `${text.slice(0, limits.text)}…`;
}

export function holdsCredential(seek: Seek, text: string): boolean {
  return seek({ kind: "target", text }).some((finding) => finding.what === "credential");
}

export type SealedProcess = { readonly pid: number; readonly executable: string } | "gone";

/** Asks once; a failure to find the process is `gone` too. */
export async function sealAttribution(attribute: () => Promise<Attribution>): Promise<SealedProcess> {
  try {
    return sealProcess(await attribute());
  } catch {
    return "gone";
  }
}

export function sealProcess(attribution: Attribution): SealedProcess {
  return attribution.kind === "gone" ? "gone" : { pid: attribution.pid, executable: attribution.executable };
}
