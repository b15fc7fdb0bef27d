// What one client's configuration says, while it is still in the room that read it: as `Configured`, with the credentials.

import type { Secret } from "../../domain/secret.ts";
import type { Lacking, RegistryClaim, RegistryPlace, RegistrySetting } from "../../policy/registry.ts";
import type { Place } from "./place.ts";

export interface Held extends RegistryClaim {
  readonly secret: Secret;
}

export type Found =
  | {
      readonly ok: true;
      readonly places: readonly RegistryPlace[];
      readonly settings: readonly RegistrySetting[];
      readonly held: readonly Held[];
      readonly lacking?: readonly Lacking[];
    }
  | ({ readonly ok: false } & Lacking);

/** A credential that the configuration has for this place. */
export interface Login {
  /** Undefined: a token that stands by itself. */
  readonly user: string | undefined;
  readonly secret: Secret;
}

/** A name is written into files and URLs inside, and stands before a colon in Basic authentication. */
const plainUser = /^[\w.@+~|/=,!*()-]{0,256}$/;

/** One for each address that a credential may be sent to; the first that has a login. */
export function heldFor(places: readonly Place[], loginOf: (place: Place) => Login | undefined): Held[] {
  const seen = new Map<string, Held>();
  for (const place of places) {
    const login = seen.has(place.url) || !place.url.startsWith("https:") ? undefined : loginOf(place);
    if (login !== undefined && plainUser.test(login.user ?? ""))
      seen.set(place.url, {
        at: place.url,
        host: place.host,
        paths: place.paths,
        user: login.user,
        secret: login.secret,
      });
  }
  return [...seen.values()];
}
