// The layers' `network.publish` and `network.services` → ports of the inside that the host's loopback may reach, and
// servers of the host that the inside may. A service is a grant of protocol `tcp` for that one address; what would be the
// host's loopback is the tool's own inside, so such a service is listened for there as well.

import { type Host, parseHost } from "../domain/brand.ts";
import type { Address } from "../domain/exchange.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { canonicalHost } from "./address.ts";
import { parseHostPattern, splitAddress } from "./host-pattern.ts";
import { avoid, beyond, enrol, type Joining } from "./joining.ts";
import type { Layer } from "./layers.ts";
import type { PublishedPort } from "./policy.ts";

export interface Ports {
  readonly publish: readonly PublishedPort[];
  /** To be listened for on the inside's own loopback. */
  readonly services: readonly Address[];
  readonly grants: readonly NetworkGrant[];
}

export function joinPorts(joining: Joining): Ports {
  const publish = joining.granting.flatMap((layer) => published(joining, layer));
  const taken = new Set(publish.map(({ port }) => port));
  const services = joining.granting.flatMap((layer) => layerServices(joining, layer, taken));
  const inside = services.flatMap(({ listeners }) => listeners);
  return {
    publish: publish.filter(({ port }, at) => publish.findIndex((other) => other.port === port) === at),
    services: inside.filter((one, at) => inside.findIndex(({ ip, port }) => ip === one.ip && port === one.port) === at),
    grants: services.flatMap(({ grants }) => grants),
  };
}

function published(joining: Joining, layer: Layer): PublishedPort[] {
  return (layer.parsed.value.network?.publish ?? []).map((port, index) => ({
    port,
    rule: enrol(joining, layer, ["network", "publish", index]),
  }));
}

interface Service {
  readonly grants: readonly NetworkGrant[];
  readonly listeners: readonly Address[];
}

function layerServices(joining: Joining, layer: Layer, published: ReadonlySet<number>): Service[] {
  return (layer.parsed.value.network?.services ?? []).flatMap((address, index) => {
    const path = ["network", "services", index];
    const split = splitAddress(address);
    const name = parseHost(split?.host ?? "");
    if (split === undefined || name === undefined) return [];
    const meant = { address, host: canonicalHost(name), port: split.port };
    const listeners = loopbackOf(meant.host).map((ip) => ({ ip, port: meant.port }));
    const why = objectTo(joining, { ...meant, twice: listeners.length > 0 && published.has(meant.port) });
    if (why === undefined) return [{ listeners, grants: grantsFor(meant, enrol(joining, layer, path), listeners) }];
    avoid(joining, layer, { path, ...why, about: meant.host });
    return [];
  });
}

interface Meant {
  readonly address: string;
  readonly host: Host;
  readonly port: number;
}

function objectTo(
  { ceiling }: Joining,
  { address, host, port, twice }: Meant & { readonly twice: boolean },
): { readonly message: string; readonly hint: string } | undefined {
  // what came in by the published port would go out by the service, and come in again
  if (twice)
    return {
      message: `is published as well: ${port} would lead back to itself`,
      hint: "take it out of one of the two",
    };
  const parsed = parseHostPattern(host);
  const wide = parsed.ok ? ceiling.hosts(parsed.pattern, address) : undefined;
  return wide === undefined ? undefined : { message: wide, hint: beyond };
}

/** Under each name the tool may use for it; dialled as it stands in the policy, never through a proxy. */
function grantsFor({ address, host, port }: Meant, id: string, listeners: readonly Address[]): NetworkGrant[] {
  const upstream = { address: isLocalName(host) ? `localhost:${port}` : address, ca: undefined };
  const names = new Set([host, ...listeners.flatMap(({ ip }) => parseHost(ip) ?? [])]);
  return [...names].map((name) => ({
    id,
    host: { kind: "exact", name },
    ports: [port],
    protocol: "tcp",
    methods: undefined,
    paths: undefined,
    upstream,
    purpose: "other",
    why: "a server of this machine or its network, named as a service",
  }));
}

/** Where inside this host would be, if it is the loopback; a name there always stands for both families. */
function loopbackOf(host: Host): readonly string[] {
  if (isLocalName(host)) return ["127.0.0.1", "::1"];
  return /^127\.[\d.]+$/.test(host) || host === "::1" ? [host] : [];
}

function isLocalName(host: Host): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}
