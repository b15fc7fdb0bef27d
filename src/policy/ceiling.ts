// The organisation's limits: the widest anybody may grant, itself included. What lies beyond is void, with a reason.

import { basename, dirname, join } from "node:path";
import type { Host } from "../domain/brand.ts";
import { parseHost } from "../domain/brand.ts";
import type { Grade } from "../domain/session.ts";
import { coversPattern, type HostPattern, parseHostPattern, splitAddress } from "./host-pattern.ts";
import type { Layer, PolicySources } from "./layers.ts";
import { type CredentialSource, grades } from "./policy.ts";
import { real } from "./reading.ts";
import { absolute, isWithin } from "./way.ts";

const sourceKinds = ["env", "file", "command", "login", "registry"] as const;

/** Each answers with the reason why something is beyond the limits, or undefined. */
export interface Ceiling {
  readonly hosts: (host: HostPattern, upstream: string | undefined) => string | undefined;
  /** All that may be reached; undefined where there is no limit. */
  readonly widest: readonly HostPattern[] | undefined;
  readonly source: (source: CredentialSource | { readonly login: string }, host: Host) => string | undefined;
  /** Of the person's own ssh. */
  readonly ssh: string | undefined;
  /** Of the person's own gpg or gpgsm. */
  readonly gpg: string | undefined;
  readonly path: (kind: "write" | "read", path: string) => Promise<string | undefined>;
  readonly auditAllowed: boolean;
  readonly liveAllowed: boolean;
  /** Grades the organisation accepts. */
  readonly grades: readonly Grade[];
}

export function ceilingOf(layers: readonly Layer[], sources: PolicySources): Ceiling {
  const file = layers.find((layer) => layer.kind === "organisation")?.parsed.value;
  const limits = file?.limits;
  const hosts = limits?.hosts?.flatMap((text) => {
    const parsed = parseHostPattern(text);
    return parsed.ok ? [parsed.pattern] : [];
  });
  const covered = (host: HostPattern): boolean =>
    hosts === undefined || hosts.some((wide) => coversPattern(wide, host));
  return {
    widest: hosts,
    hosts: (host, upstream) => {
      if (!covered(host)) return "is beyond the hosts the organisation allows";
      const dialled = upstream === undefined ? undefined : parseHost(splitAddress(upstream)?.host ?? "");
      if (dialled === undefined || covered({ kind: "exact", name: dialled })) return undefined;
      return "has an upstream beyond the hosts the organisation allows";
    },
    source: (source, host) => {
      const kind = sourceKinds.find((name) => name in source) ?? "command";
      if (limits?.credentials?.includes(kind) === false)
        return `comes from ${kind}, which the organisation does not allow`;
      return covered({ kind: "exact", name: host }) ? undefined : "is for a host beyond those the organisation allows";
    },
    ssh:
      limits?.credentials?.includes("ssh") === false
        ? "uses ssh's keys, which the organisation does not allow"
        : undefined,
    gpg:
      limits?.credentials?.includes("gpg") === false
        ? "uses gpg's keys, which the organisation does not allow"
        : undefined,
    path: async (kind, path) =>
      (await guard(sources.guarded, path)) ?? (await outside(limits?.files?.[kind], path, sources)),
    auditAllowed: limits?.mode !== "enforce",
    liveAllowed: limits?.edits !== "staged",
    grades: limits?.["accept-grades"] ?? downTo(file?.require ?? "full"),
  };
}

/** The organisation's own `require` is its acceptance where it names no grades. */
function downTo(least: Grade): readonly Grade[] {
  return grades.slice(0, grades.indexOf(least) + 1);
}

async function guard(guarded: readonly string[], path: string): Promise<string | undefined> {
  const way = await real(path);
  // where it leads, and where it lies: a link in the tool's hands is led elsewhere
  const own = await Promise.all(
    guarded.flatMap((place) => [real(place), real(dirname(place)).then((parent) => join(parent, basename(place)))]),
  );
  const touched = own.some((place) => isWithin(place, way) || isWithin(way, place));
  return touched ? "would open Postern's own files to the tool" : undefined;
}

async function outside(
  roots: readonly string[] | undefined,
  path: string,
  sources: PolicySources,
): Promise<string | undefined> {
  if (roots === undefined) return undefined;
  const way = await real(path);
  const allowed = await Promise.all(roots.map((root) => real(absolute(root, sources.workspace, sources.home))));
  return allowed.some((root) => isWithin(way, root)) ? undefined : "is beyond the files the organisation allows";
}
