// The network: whoever listens outside hears nothing, this process dials nothing and asks no resolver, every attempt is on
// the record. What a grant opens is not tried: it would reach the vendor.

import type { NetworkGrant } from "../../domain/reach.ts";
import type { RecordedEntry } from "../../ledger/record.ts";
import { askBeyond, placesUnder, strangerName } from "../plan.ts";
import { type Evidence, judge, type Row, sealedOf, type Tried } from "../row.ts";

/** However it ended: the way out is judged by who heard of it. */
const answered = [
  ..."ok closed ECONNREFUSED ECONNRESET EPIPE ENOENT EACCES EHOSTUNREACH ENETUNREACH ETIMEDOUT ENOTFOUND".split(" "),
  ...["ESERVFAIL", "EREFUSED", "ENODATA", "EADDRNOTAVAIL", "no answer", "status 403", "status 421", "status 502"],
];

export function networkRows(evidence: Evidence): Row[] {
  const { scratch, heard } = evidence;
  const all = (part: Omit<Tried, "area" | "stopped">): Row =>
    judge(evidence, { area: "network", stopped: answered, ...part });
  const ear = (kind: (typeof heard)[number], what: string) => (heard.includes(kind) ? what : undefined);
  const here = {
    rule: "default network.services",
    landed: ear("loopback", "a server on this machine's loopback heard it"),
  };
  return [
    ...strangers(evidence),
    all({ id: "place:loopback", tried: "reach this machine's loopback", ...here }),
    all({ id: "place:loopback6", tried: "the same, by ::1", ...here }),
    all({ id: "place:any", tried: "the same, by 0.0.0.0", ...here }),
    ...placesUnder(evidence.policy).map(({ ip, port, what, rule }) =>
      rule === undefined
        ? all({
            ...{ id: `place:${ip}`, rule: "default network", tried: `reach ${what}`, landed: dialled(evidence) },
            recorded: (entry) => isRefusal(entry) && aims(entry, ip, port),
            by: "the gateway",
          })
        : told(evidence, { rule, tried: `reach ${what}`, outcome: "granted", by: "not tried: it would reach it" }),
    ),
    all({
      ...{ id: "datagram", rule: "default network", tried: "send a datagram", landed: dialled(evidence) },
      recorded: (entry) => isRefusal(entry) && aims(entry, "192.0.2.1", 9),
      by: "carried nowhere",
    }),
    all({
      ...{ id: "socket:0", rule: "default files", tried: "reach a Unix socket of this machine" },
      landed: ear("socket", "its server heard it"),
    }),
    all({
      ...{ id: "socket:1", rule: "default network", tried: "reach an abstract socket" },
      landed: ear("abstract", "its server heard it"),
    }),
    ...placed(evidence).map((grant) => grantRow(evidence, grant, scratch.mark)),
    ...evidence.policy.publish.map(({ port, rule }) =>
      told(evidence, {
        ...{ rule, tried: `publish ${port}`, outcome: "granted", by: "this machine's loopback may come to it" },
      }),
    ),
  ];
}

/** A service on the loopback is a grant for each of its names: one row. */
function placed({ policy }: Evidence): readonly NetworkGrant[] {
  const ids = policy.network.map(({ id }) => id);
  return policy.network.filter(({ id, protocol }, at) => protocol !== "tcp" || ids.indexOf(id) === at);
}

/** In audit they would leave this machine: that they may is said of the mode. */
function strangers(evidence: Evidence): Row[] {
  const name = strangerName(evidence.scratch.mark);
  if (evidence.policy.mode === "audit")
    return [
      told(evidence, {
        ...{ rule: "mode", tried: "a name nobody listed", outcome: "open" },
        by: "audit lets it pass; not tried: it would leave this machine",
      }),
    ];
  const { names } = evidence.dialled;
  return [
    judge(evidence, {
      ...{ area: "network", id: "name", rule: "default network.allow", tried: "resolve a name nobody listed" },
      stopped: answered,
      landed: names > 0 ? "a resolver was asked" : undefined,
      recorded: (entry) => entry.leaf.kind === "name" && sealedOf(entry)["name"] === name,
      by: "no resolver was asked",
    }),
    judge(evidence, {
      ...{ area: "network", id: "stranger", rule: "default network.allow", tried: "send a request to it" },
      landed: dialled(evidence),
      stopped: answered,
      recorded: (entry) => isRefusal(entry) && sealedOf(entry)["host"] === name,
      by: "the gateway",
    }),
  ];
}

function dialled({ dialled: { names, connections } }: Evidence): string | undefined {
  if (connections > 0) return `the gateway dialled ${connections} times`;
  return names > 0 ? `a resolver was asked ${names} times` : undefined;
}

const isRefusal = ({ leaf }: RecordedEntry): boolean => leaf.verdict === "refuse";

function aims(entry: RecordedEntry, ip: string, port: number): boolean {
  const told = sealedOf(entry);
  const aim =
    typeof told["destination"] === "object" && told["destination"] !== null ? { ...told["destination"] } : told;
  const { ip: at, host, port: to } = aim;
  return (at === ip || host === ip) && to === port;
}

function grantRow(evidence: Evidence, grant: NetworkGrant, mark: string): Row {
  const { policy } = evidence;
  const { id, host, protocol, methods, paths } = grant;
  const name = host.kind === "exact" ? host.name : `*${host.suffix}`;
  if (host.kind === "suffix" && methods === undefined && paths === undefined)
    return told(evidence, {
      ...{ rule: id, tried: name, outcome: "open" },
      by: "every name below it: names alone carry data out",
    });
  if (protocol !== "http") return told(evidence, { rule: id, tried: name, outcome: "granted", by: sayOpaque(grant) });
  const asked = askBeyond(policy, grant, mark);
  if (asked === undefined) {
    const how = policy.mode === "audit" ? "audit lets all of it pass" : sayExtent(grant);
    const by = `${how}; not tried: it would reach the vendor`;
    return told(evidence, { rule: id, tried: name, outcome: "granted", by });
  }
  return judge(evidence, {
    ...{ area: "network", id: asked.id, rule: id, tried: `${asked.method} beyond its paths at ${name}` },
    landed: dialled(evidence),
    stopped: answered,
    recorded: (entry) =>
      isRefusal(entry) && sealedOf(entry)["host"] === name && sealedOf(entry)["target"] === asked.path,
    by: "the gateway",
  });
}

function sayExtent({ host, methods, paths }: NetworkGrant): string {
  if (methods === undefined && paths === undefined) return "granted whole";
  return host.kind === "suffix" ? "every name below it, as far as its paths and methods say" : "granted";
}

function sayOpaque({ protocol, ports, upstream }: NetworkGrant): string {
  if (protocol === "ssh") return "git alone, with the person's ssh; not tried: it would reach the server";
  const to = upstream === undefined ? "" : `, to ${upstream.address}`;
  return `ports ${ports.join(", ")}${to}, unread; not tried: it would reach it`;
}

function told({ policy }: Evidence, row: Pick<Row, "rule" | "tried" | "outcome" | "by">): Row {
  return { area: "network", place: policy.origins[row.rule], ...row };
}
