// `registry: npm` and what npm is configured to use here → grants for exactly those places, all under the entry's one id.
// What the configuration leads to counts only within the organisation's limits, place by place.

import { isAddress } from "../domain/brand.ts";
import type { NetworkGrant, Upstream } from "../domain/reach.ts";
import { isPast } from "./day.ts";
import type { Path } from "./document.ts";
import type { PolicyFault } from "./fault.ts";
import { avoid, beyond, enrol, type Joining } from "./joining.ts";
import type { Layer, PolicySources } from "./layers.ts";
import type { Configured, Lacking, RegistryClient, RegistryPlace } from "./registry.ts";
import type { AllowEntry } from "./schema/file.ts";

/** Each client is looked for once, and only where a layer that may grant names it. */
export async function findRegistries(
  granting: readonly Layer[],
  { registries }: PolicySources,
  writable: readonly string[],
): Promise<ReadonlyMap<RegistryClient, Configured>> {
  if (registries === undefined) return new Map();
  const named = granting.flatMap(({ parsed }) =>
    (parsed.value.network?.allow ?? []).flatMap((one) => one.registry ?? []),
  );
  const claimed = granting.filter(({ kind }) => kind !== "repository").flatMap(claimedBy);
  const found = [...new Set(named)].map(
    async (client) => [client, await registries(client, { claims: claimed.includes(client), writable })] as const,
  );
  return new Map(await Promise.all(found));
}

/** One that a tool could have led elsewhere is no place to start from: the token would follow it. */
export function tamperedRegistries(
  granting: readonly Layer[],
  registries: ReadonlyMap<RegistryClient, Configured>,
  now: Date,
): PolicyFault[] {
  return granting.flatMap(({ parsed }) =>
    (parsed.value.network?.allow ?? []).flatMap(({ registry, until }, index) => {
      const found = registry === undefined ? undefined : registries.get(registry);
      if (found === undefined || found.ok || found.tampered !== true || isPast(until, now)) return [];
      const { message, hint } = found;
      return [parsed.fault({ key: ["network", "allow", index, "registry"], message, hint, example: "" })];
    }),
  );
}

function claimedBy({ parsed }: Layer): RegistryClient[] {
  return Object.values(parsed.value.credentials ?? {}).flatMap(({ from }) => from.registry ?? []);
}

interface Asked {
  readonly entry: AllowEntry;
  readonly path: Path;
  readonly client: RegistryClient;
  readonly upstream: Upstream | undefined;
}

export function registryGrants(joining: Joining, layer: Layer, asked: Asked): NetworkGrant[] {
  const { entry, client, upstream } = asked;
  const path = [...asked.path, "registry"];
  const configured = joining.registries.get(client);
  if (configured === undefined) return [];
  const avoidAt = (at: Path, { message, hint, about }: Lacking): NetworkGrant[] => {
    avoid(joining, layer, { path: at, message: `${message}; ${hint}`, hint, about });
    return [];
  };
  const avoidWith = (message: string, hint: string, about?: string) =>
    avoidAt(path, { message, hint, ...(about === undefined ? {} : { about }) });
  if (!configured.ok) return avoidAt(path, configured);
  for (const one of configured.lacking ?? []) avoidAt([...path, ...(one.part === undefined ? [] : [one.part])], one);
  const hosts = new Set(configured.places.map(({ host }) => host));
  if (upstream !== undefined && hosts.size > 1)
    return avoidWith(
      `has one upstream for the ${hosts.size} hosts ${client} uses`,
      "name the hosts, each with its own",
    );
  const id = enrol(joining, layer, asked.path);
  const grants = configured.places.flatMap((place) => {
    const objection = objectTo(joining, place, { client, upstream });
    if (objection !== undefined) return avoidWith(...objection, place.host);
    return [grantFor(place, { id, entry, client, upstream })];
  });
  if (grants.length > 0 && !joining.told.some((one) => one.client === client))
    joining.told.push({ rule: id, client, settings: configured.settings });
  return grants;
}

function objectTo(
  { ceiling }: Joining,
  { host, port }: RegistryPlace,
  { client, upstream }: Pick<Asked, "client" | "upstream">,
): [message: string, hint: string] | undefined {
  const wide = ceiling.hosts({ kind: "exact", name: host }, upstream?.address);
  if (wide !== undefined) return [`leads ${client} to ${host}, which ${wide}`, beyond];
  const local = host === "localhost" || host.endsWith(".localhost") || host === "::1" || host.startsWith("127.");
  if (!local || (host.startsWith("127.") && !isAddress(host))) return undefined;
  return [
    `leads ${client} to ${host}, and the loopback inside is the tool's own`,
    `network.services: ["${host.includes(":") ? `[${host}]` : host}:${port}"] leads to this machine's`,
  ];
}

function grantFor(
  { host, port, paths }: RegistryPlace,
  { id, entry, client, upstream }: Omit<Asked, "path"> & { readonly id: string },
): NetworkGrant {
  const place = { host: { kind: "exact", name: host }, ports: [port], protocol: "http", paths, upstream } as const;
  const why = entry.why ?? `where ${client} is configured to fetch`;
  return { id, ...place, methods: entry.methods, registry: client, purpose: "registry", why };
}
