// The layers' `credentials` and the profile's defaults → what may be put in where. One key, one variable, one
// declaration: the user's before the organisation's, before a trusted repository's, before a profile's.

import { dirname, resolve } from "node:path";
import { parseHost } from "../domain/brand.ts";
import { isPast } from "./day.ts";
import { avoid, beyond, enrol, type Joining, renew } from "./joining.ts";
import type { Layer } from "./layers.ts";
import type { CredentialGrant, CredentialSource } from "./policy.ts";
import { type Profile, shapeOf } from "./profile.ts";
import { registryCredentials } from "./registry-credentials.ts";
import type { CredentialEntry } from "./schema/file.ts";
import { absolute } from "./way.ts";

const precedence: readonly Layer["kind"][] = ["user", "organisation", "repository"];

export function joinCredentials(joining: Joining, profiles: readonly Profile[]): CredentialGrant[] {
  const joined: CredentialGrant[] = [];
  const layers = precedence.flatMap((kind) => joining.granting.filter((layer) => layer.kind === kind));
  for (const layer of layers) {
    for (const [id, entry] of Object.entries(layer.parsed.value.credentials ?? {})) {
      if (entry.from.registry !== undefined) {
        joined.push(...registryCredentials(joining, layer, { id, entry, taken: joined }));
        continue;
      }
      const credential = declared(joining, layer, { id, entry });
      const rival =
        credential && joined.find((other) => other.id === id || (other.as !== undefined && other.as === credential.as));
      if (rival !== undefined)
        avoid(joining, layer, {
          path: ["credentials", id],
          message: `gives way to ${rival.rule}`,
          hint: "one name and one variable for each",
        });
      else if (credential !== undefined)
        joined.push({ ...credential, rule: enrol(joining, layer, ["credentials", id]) });
    }
  }
  return [...joined, ...defaults(joining, profiles, joined)];
}

function declared(
  joining: Joining,
  layer: Layer,
  { id, entry }: { id: string; entry: CredentialEntry },
): CredentialGrant | undefined {
  const path = ["credentials", id];
  const from = sourceOf(entry, layer, joining.sources.home);
  const host = parseHost(entry.to?.host ?? "");
  if (from === undefined || host === undefined || entry.to === undefined) return undefined;
  const wide = joining.ceiling.source(from, host);
  if (isPast(entry.until, joining.sources.now)) {
    avoid(joining, layer, { path: [...path, "until"], message: `ended: the last day was ${entry.until}`, hint: renew });
  } else if (wide !== undefined) avoid(joining, layer, { path, message: wide, hint: beyond });
  else if (layer.kind === "repository" && "command" in from) {
    avoid(joining, layer, {
      path: [...path, "from", "command"],
      message: "would run outside the boundary, which no repository may ask for",
      hint: "declare it in your own policy, or take it from env or file",
    });
  } else {
    const header = entry.to.header.toLowerCase();
    return {
      id,
      rule: "",
      from,
      to: { host, header, paths: entry.to.paths, ...basicOf(entry) },
      as: entry.as ?? entry.from.env,
      shape: shapeOf(host, header),
      optional: false,
    };
  }
  return undefined;
}

function basicOf({ to }: CredentialEntry): Pick<CredentialGrant["to"], "basic"> {
  return to?.scheme === "basic" ? { basic: { user: to.user } } : {};
}

function sourceOf({ from }: CredentialEntry, layer: Layer, home: string): CredentialSource | undefined {
  if (from.env !== undefined) return { env: from.env };
  if (from.file !== undefined) return { file: absolute(from.file, dirname(resolve(layer.parsed.file)), home) };
  // a login and a registry are joined by themselves
  return from.command === undefined ? undefined : { command: from.command };
}

/** A profile's own, from the caller's variable of that name; silent where a layer speaks of the same thing. */
function defaults(
  joining: Joining,
  profiles: readonly Profile[],
  joined: readonly CredentialGrant[],
): CredentialGrant[] {
  const taken: CredentialGrant[] = [];
  for (const profile of profiles) {
    for (const entry of profile.credentials) {
      const host = parseHost(entry.host);
      if (host === undefined) continue;
      const rivals = (other: CredentialGrant): boolean => other.id === entry.id || other.as === entry.variable;
      const spoken = joined.some(
        (other) => rivals(other) || (other.to.host === host && other.to.header === entry.header),
      );
      const from: CredentialSource = { env: entry.variable };
      if (spoken || taken.some(rivals) || joining.ceiling.source(from, host) !== undefined) continue;
      const rule = `profile:${profile.name}.credentials.${entry.id}`;
      const to = { host, header: entry.header, paths: entry.paths };
      taken.push({ id: entry.id, rule, from, to, as: entry.variable, shape: entry.shape, optional: true });
    }
  }
  return taken;
}
