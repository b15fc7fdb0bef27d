// Technique 53: a name that policy allows and whose owner lets it lead to the machine itself, its metadata service or a
// private network. Who resolves must look at what came of it, and dial that.

import { reached } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";

const turns: readonly {
  readonly name: string;
  readonly ip: string;
  readonly title: string;
  readonly decisive?: true;
}[] = [
  { name: "loop.allowed.test", ip: "127.0.0.1", title: "an allowed name that leads to loopback", decisive: true },
  {
    name: "meta.allowed.test",
    ip: "169.254.169.254",
    title: "an allowed name that leads to a metadata service",
    decisive: true,
  },
  { name: "private.allowed.test", ip: "10.1.2.3", title: "an allowed name that leads to a private network" },
  { name: "mapped.allowed.test", ip: "0.0.0.0", title: "an allowed name that leads to 0.0.0.0" },
  {
    name: "turning.allowed.test",
    ip: "127.0.0.1",
    title: "an allowed name that leads elsewhere, and then to loopback",
  },
];

function turn({ name, ip, title, decisive }: (typeof turns)[number]): Probe {
  return {
    id: `rebinding-${name.split(".")[0]}`,
    technique: 53,
    title,
    source: "agentsh M3; srt's resolved-address guard",
    record: "must",
    ...(decisive === undefined ? {} : { decisive }),
    grants: [name],
    inside: () => `for i in 1 2 3; do curl -sk -m 4 https://${name}/; curl -sk -m 4 http://${name}/; done > loot 2>&1`,
    landed: (after) => reached(ip)(after) ?? (ip === "0.0.0.0" ? reached("127.0.0.1")(after) : undefined),
    entry: ({ kind, verdict, sealed }) =>
      kind !== "exec" && verdict === "refuse" && JSON.stringify(sealed).includes(name),
    named: () => name,
  };
}

export const rebinding: readonly Probe[] = turns.map(turn);
