// What the policy refuses to let leave, of what was found: personal data of a kind, and more text that does not show than it allows.

import type { ContentRules, PersonalKind } from "../../domain/content-rules.ts";
import type { ContentRefusal } from "../../domain/inspection.ts";
import type { SpanFinding } from "../../inspection/inspect.ts";

export function refusalsOf(
  findings: readonly SpanFinding[],
  rules: ContentRules | undefined,
): readonly ContentRefusal[] {
  if (rules === undefined) return [];
  const kinds = new Set(findings.flatMap(({ seen }) => (seen.kind === "personal" ? [seen.label] : [])));
  const personal = [...kinds].flatMap((kind) => {
    const said = rules.personal[kind as PersonalKind];
    return said?.action === "refuse" ? [{ rule: said.rule, reason: `it holds personal data: ${kind}` }] : [];
  });
  return [...personal, ...hidden(findings, rules)];
}

/** Where what does not show is taken out, only what stays counts; what is only mixed like chance does not. */
function hidden(findings: readonly SpanFinding[], { maxBits, normalise }: ContentRules): readonly ContentRefusal[] {
  if (maxBits === undefined) return [];
  const bits = findings
    .filter(({ seen }) => seen.kind === "covert" && seen.label !== "opaque")
    .filter(({ seen }) => normalise === undefined || seen.within !== undefined || seen.estimate === true)
    .reduce((sum, { seen }) => sum + (seen.bits ?? 0), 0);
  if (bits <= maxBits.bits) return [];
  const reason = `it can carry ${bits} bits in text that does not show, and ${maxBits.bits} are allowed`;
  return [{ rule: maxBits.rule, reason }];
}
