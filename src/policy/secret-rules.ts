// The layers' `secret-rules` → files of rules by which secrets are found, beside the product's own. They only find more; but the files lie
// outside of the boundary, so none is a repository's to name.

import { dirname, resolve } from "node:path";
import { avoid, enrol, type Joining } from "./joining.ts";
import { absolute } from "./way.ts";

export interface SecretRulesFile {
  /** `user:secret-rules[0]`. */
  readonly rule: string;
  /** Absolute. */
  readonly path: string;
}

export function joinSecretRules(joining: Joining): readonly SecretRulesFile[] {
  return joining.granting.flatMap((layer) =>
    (layer.parsed.value["secret-rules"] ?? []).flatMap((path, index) => {
      if (layer.kind === "repository") {
        const message = "would have other files of this machine read, which no repository may";
        avoid(joining, layer, { path: ["secret-rules", index], message, hint: "say it in your own policy" });
        return [];
      }
      const rule = enrol(joining, layer, ["secret-rules", index]);
      return [{ rule, path: absolute(path, dirname(resolve(layer.parsed.file)), joining.sources.home) }];
    }),
  );
}
