// The layers' `labels` and `protected` → which files are called what. Labels only say more of a file, so every layer's globs count,
// an untrusted repository's too, and a file has all that mean it. Other trees of this machine are never a repository's to name: they
// are read outside the boundary, and whether something of them was found would tell it what is there.

import { dirname, resolve } from "node:path";
import { isPast } from "./day.ts";
import { avoid, enrol, type Joining, renew } from "./joining.ts";
import { veilOf } from "./veil.ts";
import { absolute } from "./way.ts";

export interface LabelRule {
  /** `user:labels.restricted`. */
  readonly rule: string;
  readonly label: string;
  /** From the workspace, and likewise from each other directory of `files.write`. */
  readonly globs: readonly string[];
}

/** A tree of this machine whose files are known, whoever shows it. */
export interface ProtectedRule {
  /** `user:protected[0]`. */
  readonly rule: string;
  /** Absolute. */
  readonly path: string;
  readonly label: string;
  /** The organisation's: a path that is not on this machine protects nothing here. */
  readonly everywhere: boolean;
}

export function joinLabels(joining: Joining): readonly LabelRule[] {
  return joining.layers.flatMap((layer) =>
    Object.entries(layer.parsed.value.labels ?? {}).map(([label, globs]) => ({
      rule: enrol(joining, layer, ["labels", label]),
      label,
      globs,
    })),
  );
}

export function joinProtected(joining: Joining): readonly ProtectedRule[] {
  const { granting, sources } = joining;
  return granting.flatMap((layer) =>
    (layer.parsed.value.protected ?? []).flatMap(({ path, label = "protected", until }, index) => {
      const place = ["protected", index];
      if (layer.kind === "repository") {
        const message = "would have other trees of this machine read, which no repository may";
        avoid(joining, layer, { path: place, message, hint: "say it in your own policy" });
        return [];
      }
      if (isPast(until, sources.now)) {
        avoid(joining, layer, { path: place, message: `ended: the last day was ${until}`, hint: renew });
        return [];
      }
      const rule = enrol(joining, layer, place);
      const everywhere = layer.kind === "organisation";
      return [{ rule, path: absolute(path, dirname(resolve(layer.parsed.file)), sources.home), label, everywhere }];
    }),
  );
}

/** Of a path from its tree's root, *attacker-controlled*: the rules that mean it. */
export type Labelling = (path: string) => readonly LabelRule[];

export function labellingOf(rules: readonly LabelRule[]): Labelling {
  const all = rules.map((rule) => ({ rule, veil: veilOf({ hide: rule.globs, mask: [] }) }));
  return (path) => all.flatMap(({ rule, veil }) => (veil.of(path) === undefined ? [] : [rule]));
}
