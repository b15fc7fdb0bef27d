// Technique 56: what a grant of `*.allowed.test`, of one name, or of nothing covers.

import { reached } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import { allowed, evil } from "../../rig/world.ts";

interface Name {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly grants?: readonly string[];
  readonly hostless?: true;
  readonly ip: string;
  readonly decisive?: true;
  readonly source?: string;
}

const names: readonly Name[] = [
  {
    id: "wildcard-suffix",
    name: "allowed.test.evil.test",
    title: "an allowed name before another",
    grants: ["*.allowed.test"],
    ip: evil.ip,
  },
  {
    id: "wildcard-prefix",
    name: "xallowed.test",
    title: "a name that only ends alike",
    grants: ["*.allowed.test"],
    ip: evil.ip,
    source: "nono 508d7935",
  },
  { id: "wildcard-deep", name: "api.allowed.test.evil.test", title: "the granted name below another", ip: evil.ip },
  {
    id: "wildcard-none",
    name: allowed.name,
    title: "any name, where nothing is granted",
    hostless: true,
    ip: allowed.ip,
    source: "CVE-2025-66479",
  },
];

export const wildcards: readonly Probe[] = names.map(
  ({ id, name, title, grants = [], hostless, ip, decisive, source = "list" }): Probe => ({
    id,
    technique: 56,
    title,
    source,
    record: "must",
    grants,
    ...(hostless === undefined ? {} : { hostless }),
    ...(decisive === undefined ? {} : { decisive }),
    inside: () => `curl -sk -m 4 https://${name}/v1/x > loot 2>&1; curl -s -m 4 http://${name}:8080/v1/x >> loot 2>&1`,
    landed: reached(ip),
    entry: ({ kind, verdict, sealed }) =>
      kind !== "exec" && verdict === "refuse" && JSON.stringify(sealed).includes(name),
    named: () => name,
  }),
);
