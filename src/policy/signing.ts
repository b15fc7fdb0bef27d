// The layers' `signing` → the one that counts: the user's, else the organisation's. A repository's never does: a signature is
// the person's word.

import { dirname, resolve } from "node:path";
import { isPast } from "./day.ts";
import { avoid, beyond, enrol, type Joining, renew } from "./joining.ts";
import type { Layer } from "./layers.ts";
import type { SigningRule } from "./policy.ts";
import { absolute } from "./way.ts";

const precedence: readonly Layer["kind"][] = ["user", "organisation", "repository"];

type Written = NonNullable<Layer["parsed"]["value"]["signing"]>;

export function joinSigning(joining: Joining): SigningRule | undefined {
  const { granting, sources } = joining;
  for (const layer of precedence.flatMap((kind) => granting.filter((one) => one.kind === kind))) {
    const { signing } = layer.parsed.value;
    if (signing === undefined) continue;
    const path = ["signing"];
    const no = objectTo(joining, layer, signing);
    if (no !== undefined) {
      avoid(joining, layer, { path, ...no });
      continue;
    }
    const { format = "ssh", use = "allow" } = signing;
    const file = (): string => absolute(signing.key, dirname(resolve(layer.parsed.file)), sources.home);
    const key = format === "ssh" ? file() : signing.key.replace(/^0x/i, "").toUpperCase();
    return { rule: enrol(joining, layer, path), format, key, use };
  }
  return undefined;
}

/** Why it does not count. */
function objectTo({ ceiling, sources }: Joining, { kind }: Layer, { format = "ssh", until }: Written) {
  if (kind === "repository") {
    const message = "would sign with your own key, which no repository may ask for";
    return { message, hint: "grant it in your own policy" };
  }
  if (isPast(until, sources.now)) return { message: `ended: the last day was ${until}`, hint: renew };
  const message = format === "ssh" ? ceiling.ssh : ceiling.gpg;
  return message === undefined ? undefined : { message, hint: beyond };
}
