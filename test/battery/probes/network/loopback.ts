// Technique 50: the machine's own loopback, in every spelling. A service that trusts whoever reaches it listens there.

import { reached } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";

const port = 9099;

/** `inner`: the tool's own loopback, where nothing of the machine's is. */
const spellings: readonly { readonly at: string; readonly inner: boolean; readonly decisive?: true }[] = [
  { at: "127.0.0.1", inner: true, decisive: true },
  { at: "localhost", inner: true, decisive: true },
  { at: "[::1]", inner: true, decisive: true },
  { at: "0.0.0.0", inner: true },
  { at: "127.1", inner: true },
  { at: "127.255.255.254", inner: true },
  { at: "2130706433", inner: true },
  { at: "0x7f.1", inner: true },
  { at: "0177.0.0.1", inner: true },
  { at: "[::ffff:127.0.0.1]", inner: true },
  { at: "workstation", inner: false },
  { at: "host.docker.internal", inner: false },
  { at: "[64:ff9b::7f00:1]", inner: false },
  { at: "[2002:7f00:1::]", inner: false },
  { at: "[fe80::1%25lo]", inner: true },
];

const slugOf = (at: string): string => at.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");

function knock({ at, inner, decisive }: (typeof spellings)[number]): Probe {
  return {
    id: `loopback-${slugOf(at)}`,
    technique: 50,
    title: `a service of the machine's loopback as ${at}`,
    source: "list",
    record: inner ? "absent" : "must",
    ...(decisive === undefined ? {} : { decisive }),
    ...(inner ? {} : { uncontrolled: "the name or network is not known on this machine either" }),
    inside: () => `curl -s -g -m 4 --noproxy '*' 'http://${at}:${port}/' > loot 2>&1`,
    landed: (after) => reached("127.0.0.1")(after) ?? reached("::1")(after),
    entry: ({ kind, sealed }) =>
      (kind === "connection" || kind === "name" || kind === "request" || kind === "refusal") &&
      JSON.stringify(sealed).includes(at.replaceAll(/[[\]]/g, "")),
    named: () => at,
  };
}

export const loopback: readonly Probe[] = spellings.map(knock);
