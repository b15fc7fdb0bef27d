// The layers' `credentials` that come from a tool's own login → what is kept for it, and the network it needs: where a code is
// asked for, where tokens are given out, and where the access token goes. One login of a tool; the user's before the
// organisation's. Never a repository's, trusted or not: it would speak of an account that is a person's.

import type { Host } from "../domain/brand.ts";
import { parseHost } from "../domain/brand.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { isPast } from "./day.ts";
import { avoid, beyond, enrol, type Joining, renew } from "./joining.ts";
import type { Layer } from "./layers.ts";
import { exactHosts } from "./network.ts";
import type { LoginGrant } from "./policy.ts";
import { type LoginData, profileNamed, purposeOf } from "./profile.ts";
import type { CredentialEntry } from "./schema/file.ts";

export interface Logins {
  readonly grants: readonly LoginGrant[];
  /** A host that a user's or organisation's own `network.allow` names is left to those words. */
  readonly network: readonly NetworkGrant[];
}

const precedence: readonly Layer["kind"][] = ["user", "organisation", "repository"];

export function joinLogins(joining: Joining): Logins {
  const grants: LoginGrant[] = [];
  const network: NetworkGrant[] = [];
  const own = joining.granting.filter(({ kind }) => kind !== "repository").flatMap(exactHosts);
  for (const layer of precedence.flatMap((kind) => joining.granting.filter((one) => one.kind === kind))) {
    for (const [id, entry] of Object.entries(layer.parsed.value.credentials ?? {})) {
      const tool = entry.from.login;
      const data = tool === undefined ? undefined : profileNamed(tool)?.login;
      if (tool === undefined || data === undefined) continue;
      const objection = objectTo(joining, layer, { id, entry, data, taken: grants });
      if (objection !== undefined) {
        avoid(joining, layer, objection);
        continue;
      }
      const rule = enrol(joining, layer, ["credentials", id]);
      grants.push({ ...grantOf(data), id, rule, tool, of: entry.from.of ?? "inside" });
      network.push(...networkOf(data, rule).filter(({ host }) => host.kind !== "exact" || !own.includes(host.name)));
    }
  }
  return { grants, network };
}

interface Declared {
  readonly id: string;
  readonly entry: CredentialEntry;
  readonly data: LoginData;
  readonly taken: readonly LoginGrant[];
}

function objectTo({ sources, ceiling }: Joining, layer: Layer, { id, entry, data, taken }: Declared) {
  const path = ["credentials", id];
  if (isPast(entry.until, sources.now))
    return { path: [...path, "until"], message: `ended: the last day was ${entry.until}`, hint: renew };
  const wide = hostsOf(data)
    .map((host) => ceiling.source({ login: id }, host))
    .find((reason) => reason !== undefined);
  if (wide !== undefined) return { path, message: wide, hint: beyond };
  if (layer.kind === "repository")
    return {
      path: [...path, "from", "login"],
      message: "is a person's account, which no repository may ask for",
      hint: "declare it in your own policy",
    };
  const rival = taken.find((other) => other.id === id || other.tool === entry.from.login);
  return rival === undefined
    ? undefined
    : { path, message: `gives way to ${rival.rule}`, hint: "one name for each, and one login of each tool" };
}

function hostsOf({ endpoint, also, places }: LoginData): readonly Host[] {
  return [endpoint, ...also, ...places].flatMap(({ host }) => parseHost(host) ?? []);
}

function grantOf({ endpoint, places, authorise, prefixes, file }: LoginData) {
  const there = places.flatMap(({ host, header, paths }) => {
    const name = parseHost(host);
    return name === undefined ? [] : [{ host: name, header, paths }];
  });
  return {
    endpoint: { host: endpoint.host as Host, paths: endpoint.paths },
    places: there,
    authorise: authorise.flatMap((host) => parseHost(host) ?? []),
    prefixes,
    file,
  };
}

function networkOf({ endpoint, also, places }: LoginData, id: string): NetworkGrant[] {
  const asked = [
    { ...endpoint, methods: ["POST"], purpose: "login" },
    ...also.map((one) => ({ ...one, purpose: "login" })),
  ];
  return [...asked, ...places].flatMap(({ host, methods, paths, purpose }) => {
    const name = parseHost(host);
    if (name === undefined) return [];
    const rest = { ports: [443], protocol: "http", upstream: undefined } as const;
    return [
      {
        ...rest,
        id,
        host: { kind: "exact", name } as const,
        methods,
        paths,
        purpose: purposeOf(purpose),
        why: "login",
      },
    ];
  });
}
