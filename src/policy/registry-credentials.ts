// `from: { registry: npm }` → what npm's own configuration has for the places granted as its registries: one credential for
// each place that has one, put in there and nowhere else. Never a repository's, trusted or not: it is a person's account.

import { isPast } from "./day.ts";
import { avoid, beyond, enrol, type Joining, renew } from "./joining.ts";
import type { Layer } from "./layers.ts";
import type { CredentialGrant } from "./policy.ts";
import type { Configured, RegistryClaim, RegistryClient } from "./registry.ts";
import type { CredentialEntry } from "./schema/file.ts";

interface Declared {
  readonly id: string;
  readonly entry: CredentialEntry;
  /** Of the layers before, and of this one. */
  readonly taken: readonly CredentialGrant[];
}

/** After the layers' network: only what a `registry` entry granted is a place. */
export function registryCredentials(joining: Joining, layer: Layer, declared: Declared): CredentialGrant[] {
  const { id, entry } = declared;
  const client = entry.from.registry;
  if (client === undefined) return [];
  const path = ["credentials", id];
  const objection = objectTo(joining, layer, { ...declared, client });
  if (objection !== undefined) {
    avoid(joining, layer, { ...objection, path: [...path, ...objection.path] });
    return [];
  }
  const claims = claimsOf(joining.registries.get(client));
  const wide = claims.map(({ host }) => joining.ceiling.source({ registry: client, at: "" }, host));
  const within = claims.filter((_, index) => wide[index] === undefined);
  const reason = wide.find((one) => one !== undefined);
  if (reason !== undefined) avoid(joining, layer, { path, message: reason, hint: beyond });
  const rule = enrol(joining, layer, path);
  return within.map((claim, index) => grantOf(claim, { id: index === 0 ? id : `${id}[${index}]`, rule, client }));
}

function claimsOf(configured: Configured | undefined): readonly RegistryClaim[] {
  return configured?.ok === true ? configured.claims : [];
}

function objectTo(
  { sources, registries, told }: Joining,
  layer: Layer,
  { id, entry, taken, client }: Declared & { readonly client: RegistryClient },
) {
  if (isPast(entry.until, sources.now))
    return { path: ["until"], message: `ended: the last day was ${entry.until}`, hint: renew };
  if (layer.kind === "repository")
    return {
      path: ["from", "registry"],
      message: "is a person's account, which no repository may ask for",
      hint: "declare it in your own policy",
    };
  const rival = taken.find(({ id: other, from }) => other === id || ("registry" in from && from.registry === client));
  if (rival !== undefined)
    return { path: [], message: `gives way to ${rival.rule}`, hint: "one name for each, and one entry of each client" };
  if (!told.some((one) => one.client === client))
    return {
      path: ["from", "registry"],
      message: `has no place to go: no entry of network.allow grants ${client}'s registries; - registry: ${client}`,
      hint: `network: { allow: [{ registry: ${client} }] }`,
    };
  if (claimsOf(registries.get(client)).length > 0) return undefined;
  return {
    path: ["from", "registry"],
    message: `finds nothing: ${client}'s own configuration has no credential for its registries`,
    hint: `log ${client} in outside, or name another source`,
  };
}

function grantOf(
  { at, host, paths, user }: RegistryClaim,
  { id, rule, client }: { id: string; rule: string; client: RegistryClient },
): CredentialGrant {
  const basic = user === undefined ? {} : { basic: { user } };
  const to = { host, header: "authorization", paths, registry: client, ...basic };
  return { id, rule, from: { registry: client, at }, to, as: undefined, shape: "", optional: false };
}
