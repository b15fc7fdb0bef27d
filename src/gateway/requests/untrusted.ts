// What of a request was found to have come from outside: counted for the leaf by kind, and sealed with its sources.

import type { Counts } from "../../domain/entry.ts";
import type { Untrusted } from "../../domain/inspection.ts";

export function countUntrusted(untrusted: Untrusted | undefined): Counts {
  if (untrusted === undefined || untrusted.spans === 0) return {};
  const { dependency, mcp, network } = untrusted.counts;
  return {
    "findings-untrusted": untrusted.spans,
    ...(dependency > 0 ? { "untrusted-dependency": dependency } : {}),
    ...(mcp > 0 ? { "untrusted-mcp": mcp } : {}),
    ...(network > 0 ? { "untrusted-network": network } : {}),
  };
}

export function sealUntrusted(untrusted: Untrusted | undefined): object {
  if (untrusted === undefined || untrusted.spans === 0) return {};
  const { found, missed, whole } = untrusted;
  return { untrusted: { found, missed, whole } };
}
