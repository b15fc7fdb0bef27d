// The layers' `outer` → what each name means: the organisation's, else the user's. A repository's never counts: what is started
// outside to get inside is not its to say.

import { dirname, resolve } from "node:path";
import { isPast } from "./day.ts";
import { avoid, enrol, type Joining, renew } from "./joining.ts";
import type { Layer } from "./layers.ts";
import type { OuterRule } from "./policy.ts";
import { absolute } from "./way.ts";

const precedence: readonly Layer["kind"][] = ["organisation", "user", "repository"];

export function joinOuter(joining: Joining): Readonly<Record<string, OuterRule>> {
  const { granting, sources } = joining;
  const found: Record<string, OuterRule> = {};
  for (const layer of precedence.flatMap((kind) => granting.filter((one) => one.kind === kind)))
    for (const [name, written] of Object.entries(layer.parsed.value.outer ?? {})) {
      const path = ["outer", name];
      const no = objectTo(layer, written.until, { known: found[name] !== undefined, now: sources.now });
      if (no !== undefined) {
        avoid(joining, layer, { path, ...no });
        continue;
      }
      const { enter, terminal = enter, door, workspace, node = "node" } = written;
      const host = absolute(door.host, dirname(resolve(layer.parsed.file)), sources.home);
      found[name] = { rule: enrol(joining, layer, path), enter, terminal, door: { ...door, host }, workspace, node };
    }
  return found;
}

/** Why it does not count. */
function objectTo(
  { kind }: Layer,
  until: string | undefined,
  { known, now }: { readonly known: boolean; readonly now: Date },
) {
  if (kind === "repository") {
    const message = "would say what is started outside, which no repository may";
    return { message, hint: "say it in your own policy" };
  }
  if (known) return { message: "gives way to the organisation's of that name", hint: "give yours another name" };
  return isPast(until, now) ? { message: `ended: the last day was ${until}`, hint: renew } : undefined;
}
