// The layers' `network.allow`, and the recognised tool's inference hosts → network grants, in the order in which they
// are tried: organisation, user, trusted repository, profile. A profile's host gives way to the organisation's or
// user's own words about that very host.

import { dirname, resolve } from "node:path";
import type { NetworkGrant, Upstream } from "../domain/reach.ts";
import { isPast } from "./day.ts";
import { type HostPattern, parseHostPattern } from "./host-pattern.ts";
import { avoid, avoidUnplaced, beyond, enrol, type Joining, renew } from "./joining.ts";
import type { Layer } from "./layers.ts";
import { type Profile, purposeOf } from "./profile.ts";
import { registryGrants } from "./registry-grants.ts";
import type { AllowEntry } from "./schema/file.ts";
import { bytesOf } from "./size.ts";
import { absolute } from "./way.ts";

/** https and http, where an entry names no port. */
const defaultPorts: readonly number[] = [443, 80];

export function joinNetwork(joining: Joining, profiles: readonly Profile[]): NetworkGrant[] {
  const declared = joining.granting.flatMap((layer) => layerGrants(joining, layer));
  const own = joining.granting.filter((layer) => layer.kind !== "repository").flatMap(exactHosts);
  const builtIn = isWithoutProfile(joining) ? [] : profiles.flatMap((profile) => profileGrants(joining, profile, own));
  return [...declared, ...builtIn];
}

/** Whoever says so only narrows: an untrusted repository's word counts too. */
function isWithoutProfile({ layers }: Joining): boolean {
  return layers.some(({ parsed }) => parsed.value.network?.profile === "none");
}

function layerGrants(joining: Joining, layer: Layer): NetworkGrant[] {
  return (layer.parsed.value.network?.allow ?? []).flatMap((entry, index) => {
    const path = ["network", "allow", index];
    if (isPast(entry.until, joining.sources.now)) {
      avoid(joining, layer, {
        path: [...path, "until"],
        message: `ended: the last day was ${entry.until}`,
        hint: renew,
        about: entry.host,
      });
      return [];
    }
    if (entry.registry !== undefined)
      return registryGrants(joining, layer, {
        entry,
        path,
        client: entry.registry,
        upstream: upstreamOf(entry, layer),
      });
    const host = patternOf(entry.host);
    if (host === undefined) return [];
    const wide = joining.ceiling.hosts(host, entry.upstream?.address);
    if (wide !== undefined) {
      avoid(joining, layer, { path: [...path, "host"], message: wide, hint: beyond, about: entry.host });
      return [];
    }
    const withheld = entry.protocol === "ssh" ? withheldSsh(joining, layer) : undefined;
    if (withheld !== undefined) {
      avoid(joining, layer, { path: [...path, "protocol"], ...withheld, about: entry.host });
      return [];
    }
    return [grantOf(joining, layer, { entry, host, id: enrol(joining, layer, path) })];
  });
}

/** The person's own key is used for it. */
function withheldSsh({ ceiling }: Joining, layer: Layer): { message: string; hint: string } | undefined {
  const wide = ceiling.ssh;
  if (wide !== undefined) return { message: wide, hint: beyond };
  if (layer.kind !== "repository") return undefined;
  return { message: "would use your own key, which no repository may ask for", hint: "grant it in your own policy" };
}

interface Told {
  readonly entry: AllowEntry;
  readonly host: HostPattern;
  readonly id: string;
}

function grantOf({ sources }: Joining, layer: Layer, { entry, host, id }: Told): NetworkGrant {
  const { protocol = "http", user = "git", key } = entry;
  const file = key === undefined ? undefined : absolute(key, dirname(resolve(layer.parsed.file)), sources.home);
  return {
    id,
    host,
    ports: entry.ports ?? (protocol === "ssh" ? [22] : defaultPorts),
    protocol,
    methods: entry.methods,
    paths: entry.paths,
    upstream: upstreamOf(entry, layer),
    push: entry.push,
    ...(entry["push-limit"] === undefined ? {} : { pushLimit: bytesOf(entry["push-limit"]) }),
    ...(protocol === "ssh" ? { ssh: { user, key: file } } : {}),
    purpose: purposeOf(entry.why),
    why: entry.why,
  };
}

function upstreamOf(entry: AllowEntry, layer: Layer): Upstream | undefined {
  if (entry.upstream === undefined) return undefined;
  const { address, ca } = entry.upstream;
  return { address, ca: ca === undefined ? undefined : layer.authorities.get(ca) };
}

function patternOf(text: string | undefined): HostPattern | undefined {
  const parsed = text === undefined ? undefined : parseHostPattern(text);
  return parsed?.ok === true ? parsed.pattern : undefined;
}

/** Hosts that a layer speaks of by their own name. */
export function exactHosts(layer: Layer): string[] {
  return (layer.parsed.value.network?.allow ?? []).flatMap((entry) => {
    const host = patternOf(entry.host);
    return host?.kind === "exact" ? [host.name] : [];
  });
}

function profileGrants(joining: Joining, profile: Profile, own: readonly string[]): NetworkGrant[] {
  return profile.hosts.flatMap((entry, index) => {
    const host = patternOf(entry.host);
    if (host === undefined || entry.purpose !== "inference") return [];
    if (host.kind === "exact" && own.includes(host.name)) return [];
    const id = `profile:${profile.name}.hosts[${index}]`;
    const wide = joining.ceiling.hosts(host, undefined);
    if (wide !== undefined) {
      avoidUnplaced(joining, id, {
        file: `profile ${profile.name}`,
        message: `\`hosts[${index}]\` ${wide}`,
        hint: beyond,
      });
      return [];
    }
    const rest = { id, upstream: undefined, purpose: entry.purpose, why: entry.purpose };
    return [{ ...rest, host, ports: [443], protocol: "http", methods: entry.methods, paths: entry.paths }];
  });
}
