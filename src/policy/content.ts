// The layers' `personal-data` and `covert` → what holds of content: of each kind the strictest word. They only narrow, so every
// layer's count, an untrusted repository's too; but a repository's cannot make less of what nobody else speaks of.

import { type ContentRules, type PersonalKind, personalActions, personalKinds } from "../domain/content-rules.ts";
import { enrol, type Joining } from "./joining.ts";
import type { Layer } from "./layers.ts";

/** Undefined where no layer says anything of it. */
export function joinContent(joining: Joining): ContentRules | undefined {
  const personal = Object.fromEntries(
    personalKinds.flatMap((kind) => {
      const said = joinKind(joining, kind);
      return said === undefined ? [] : [[kind, said]];
    }),
  );
  const maxBits = leastBits(joining);
  const normalising = joining.layers.find(({ parsed }) => parsed.value.covert?.normalise === true);
  if (Object.keys(personal).length === 0 && maxBits === undefined && normalising === undefined) return undefined;
  return {
    personal,
    ...(maxBits === undefined ? {} : { maxBits }),
    ...(normalising === undefined ? {} : { normalise: { rule: enrol(joining, normalising, ["covert", "normalise"]) } }),
  };
}

const strictness = (action: (typeof personalActions)[number]): number => personalActions.indexOf(action);

function joinKind(joining: Joining, kind: PersonalKind): ContentRules["personal"][PersonalKind] {
  const said = joining.layers.flatMap((layer) => {
    const words = layer.parsed.value["personal-data"];
    const own = words?.[kind] === undefined ? "default" : kind;
    const action = words?.[own];
    return action === undefined || (layer.kind === "repository" && action === "off") ? [] : [{ layer, own, action }];
  });
  const [strictest] = said.toSorted((a, b) => strictness(b.action) - strictness(a.action));
  if (strictest === undefined) return undefined;
  const { layer, own, action } = strictest;
  return { action, rule: enrol(joining, layer, ["personal-data", own]) };
}

function leastBits(joining: Joining): ContentRules["maxBits"] {
  const bitsOf = ({ parsed }: Layer): number => parsed.value.covert?.["max-bits"] ?? Number.POSITIVE_INFINITY;
  const [least] = joining.layers.toSorted((a, b) => bitsOf(a) - bitsOf(b));
  if (least === undefined || bitsOf(least) === Number.POSITIVE_INFINITY) return undefined;
  return { bits: bitsOf(least), rule: enrol(joining, least, ["covert", "max-bits"]) };
}
