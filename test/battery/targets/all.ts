// The targets of a run by name: ours and the control always, a rival where it can be installed, else why not.

import { existsSync, readFileSync } from "node:fs";
import { findRivals, type Rivals } from "../../../bench/rivals.ts";
import { codexTarget } from "./codex.ts";
import { none } from "./none.ts";
import { posternTarget } from "./postern.ts";
import { srtTarget } from "./srt.ts";
import type { Target } from "./target.ts";

const own = new URL("../../../package.json", import.meta.url);

export const targetNames = ["postern", "postern-staged", "srt", "srt-strict", "codex", "codex-strict", "none"] as const;
export type TargetName = (typeof targetNames)[number];

/** Outside every home, so that an ordinary user can run what root installed. */
const cache = "/var/tmp/postern-battery-rivals";

export interface Targets {
  readonly targets: readonly Target[];
  readonly missing: readonly string[];
}

export async function findTargets(wanted: readonly TargetName[]): Promise<Targets> {
  const version = (JSON.parse(readFileSync(own, "utf8")) as { version: string }).version;
  const rivals = wanted.some((name) => /^(?:srt|codex)/.test(name)) ? await findRivals(true, cache) : undefined;
  const found = wanted.map((name) => [name, open(name, version, rivals)] as const);
  return {
    targets: found.flatMap(([, target]) => target ?? []),
    missing: [
      ...found.filter(([, target]) => target === undefined).map(([name]) => `${name}: not here`),
      ...(rivals?.missing ?? []),
    ],
  };
}

function open(name: TargetName, version: string, rivals: Rivals | undefined): Target | undefined {
  if (name === "none") return none;
  if (name === "postern") return posternTarget("live", version);
  if (name === "postern-staged") return posternTarget("staged", version);
  const kind = name.endsWith("strict") ? "strict" : "default";
  const [pack, file] = name.startsWith("srt")
    ? (["@anthropic-ai/sandbox-runtime", "dist/cli.js"] as const)
    : (["@openai/codex", "bin/codex.js"] as const);
  const entry = rivals?.entry(pack, file);
  if (entry === undefined || !existsSync(entry)) return undefined;
  const of = rivals?.versions[pack] ?? "";
  return name.startsWith("srt") ? srtTarget(kind, entry, of) : codexTarget(kind, entry, of);
}
