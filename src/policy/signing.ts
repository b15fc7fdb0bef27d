// The layers' `signing` → the one that counts: the user's, else the organisation's. A repository's never does: a signature is
// the person's word.

import { dirname, resolve } from "node:path";
import { isPast } from "./day.ts";
import { avoid, beyond, enrol, type Joining, renew } from "./joining.ts";
import type { Layer } from "./layers.ts";
import type { SigningRule } from "./policy.ts";
import { absolute } from "./way.ts";

const precedence: readonly Layer["kind"][] = ["user", "organisation", "repository"];

export function joinSigning(joining: Joining): SigningRule | undefined {
  const { ceiling, granting, sources } = joining;
  for (const layer of precedence.flatMap((kind) => granting.filter((one) => one.kind === kind))) {
    const { signing } = layer.parsed.value;
    if (signing === undefined) continue;
    const path = ["signing"];
    if (layer.kind === "repository") {
      const message = "would sign with your own key, which no repository may ask for";
      avoid(joining, layer, { path, message, hint: "grant it in your own policy" });
    } else if (isPast(signing.until, sources.now)) {
      avoid(joining, layer, { path, message: `ended: the last day was ${signing.until}`, hint: renew });
    } else if (ceiling.ssh !== undefined) avoid(joining, layer, { path, message: ceiling.ssh, hint: beyond });
    else {
      const key = absolute(signing.key, dirname(resolve(layer.parsed.file)), sources.home);
      return { rule: enrol(joining, layer, path), key, use: signing.use ?? "allow" };
    }
  }
  return undefined;
}
