// The layers' `tools` → how a tool stands today: the strictest word of all layers counts, a repository's ban too.

import { isPast, parseDay } from "./day.ts";
import { avoid, enrol, type Joining, renew } from "./joining.ts";
import type { Policy, ToolRule } from "./policy.ts";

export function joinTools(joining: Joining): Policy["tools"] {
  const rules = new Map<string, ToolRule[]>();
  for (const layer of joining.layers) {
    for (const [name, entry] of Object.entries(layer.parsed.value.tools ?? {})) {
      const path = ["tools", name];
      if (isPast(entry.until, joining.sources.now)) {
        avoid(joining, layer, {
          path: [...path, "until"],
          message: `ended: the last day was ${entry.until}`,
          hint: renew,
        });
        continue;
      }
      const rule: ToolRule = {
        rule: enrol(joining, layer, path),
        status: entry.status,
        warnFrom: moment(entry["warn-from"]),
        from: moment(entry.from),
        why: entry.why,
      };
      rules.set(name, [...(rules.get(name) ?? []), rule]);
    }
  }
  return Object.fromEntries(rules);
}

function moment(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDay(text)?.getTime();
}

export type Standing =
  | { readonly kind: "allowed"; readonly rule: string | undefined }
  /** Still starts, with a warning; `from`: when it no longer will. */
  | { readonly kind: "warned"; readonly rule: string; readonly from: Date; readonly why: string | undefined }
  | { readonly kind: "banned"; readonly rule: string; readonly why: string | undefined };

/** How the tool of this name stands at `now`. */
export function standingOf(policy: Pick<Policy, "tools">, tool: string, now: Date): Standing {
  const rules = Object.hasOwn(policy.tools, tool) ? (policy.tools[tool] ?? []) : [];
  const bans = rules.filter((rule) => rule.status === "banned");
  const inForce = bans.find((rule) => rule.from === undefined || rule.from <= now.getTime());
  if (inForce !== undefined) return { kind: "banned", rule: inForce.rule, why: inForce.why };
  const coming = bans
    .filter((rule) => rule.warnFrom !== undefined && rule.warnFrom <= now.getTime())
    .sort((a, b) => (a.from ?? 0) - (b.from ?? 0))[0];
  if (coming?.from !== undefined)
    return { kind: "warned", rule: coming.rule, from: new Date(coming.from), why: coming.why };
  return { kind: "allowed", rule: rules[0]?.rule };
}
