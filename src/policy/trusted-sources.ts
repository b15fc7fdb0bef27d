// The layers' `trusted-sources` → which hosts' replies and which dependencies are not counted as come from outside. It takes marks away,
// so it is never a repository's to say.

import { type HostPattern, parseHostPattern } from "./host-pattern.ts";
import { avoid, enrol, type Joining } from "./joining.ts";

export interface TrustedSources {
  readonly hosts: readonly { readonly rule: string; readonly pattern: HostPattern }[];
  /** From the workspace, and likewise from each other directory of `files.write`. */
  readonly files: readonly { readonly rule: string; readonly glob: string }[];
}

/** Undefined where no layer says anything of it. */
export function joinTrusted(joining: Joining): TrustedSources | undefined {
  const speaking = joining.granting.filter(({ parsed }) => parsed.value["trusted-sources"] !== undefined);
  const own = speaking.filter((layer) => layer.kind !== "repository");
  for (const layer of speaking)
    if (layer.kind === "repository")
      avoid(joining, layer, {
        path: ["trusted-sources"],
        message: "would take marks off what comes from outside, which no repository may",
        hint: "say it in your own policy",
      });
  if (own.length === 0) return undefined;
  return {
    hosts: own.flatMap((layer) =>
      (layer.parsed.value["trusted-sources"]?.hosts ?? []).flatMap((text, index) => {
        const parsed = parseHostPattern(text);
        const rule = enrol(joining, layer, ["trusted-sources", "hosts", index]);
        return parsed.ok ? [{ rule, pattern: parsed.pattern }] : [];
      }),
    ),
    files: own.flatMap((layer) =>
      (layer.parsed.value["trusted-sources"]?.files ?? []).map((glob, index) => ({
        rule: enrol(joining, layer, ["trusted-sources", "files", index]),
        glob,
      })),
    ),
  };
}
