// The layers' `commands` → the prefixes that are asked about and those that are refused, each with its rule's id. They
// only narrow, so every layer's count, an untrusted repository's too.

import { enrol, type Joining } from "./joining.ts";
import type { Policy } from "./policy.ts";

export function joinCommands(joining: Joining): Policy["commands"] {
  const rules = (kind: "ask" | "deny") =>
    joining.layers.flatMap((layer) =>
      (layer.parsed.value.commands?.[kind] ?? []).map((prefix, index) => ({
        rule: enrol(joining, layer, ["commands", kind, index]),
        prefix,
      })),
    );
  return { ask: rules("ask"), deny: rules("deny") };
}
