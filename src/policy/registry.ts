// What a package manager's own configuration says of where it fetches, as it was found outside: a value the layers'
// `registry` entries are joined with. Who reads those files is told by `PolicySources.registries`.

import type { Host } from "../domain/brand.ts";

export const registryClients = ["npm", "pip", "cargo", "go", "debian"] as const;
export type RegistryClient = (typeof registryClients)[number];

/** Of one configured URL; whatever it held of a user, a password or a token is not here. */
export interface RegistryPlace {
  readonly host: Host;
  readonly port: number;
  /** Globs, below the URL's own path; undefined: every path. */
  readonly paths: readonly string[] | undefined;
}

/** What the client inside is told, by the name its own configuration has for it; holds no credential. */
export interface RegistrySetting {
  readonly name: string;
  readonly value: string;
}

/** Where the configuration has a credential for a place; the credential itself is not here. */
export interface RegistryClaim {
  /** Whose it is, as the settings name the place: a URL, a registry's name. */
  readonly at: string;
  readonly host: Host;
  readonly paths: readonly string[] | undefined;
  /** The name beside a password of Basic authentication; undefined: a token that stands by itself. */
  readonly user: string | undefined;
}

/** `message` follows "`network.allow[0].registry`", or that with the part: "`network.allow[0].registry.crates`". */
export interface Lacking {
  readonly part?: string;
  readonly message: string;
  readonly hint: string;
  readonly about?: string;
}

export type Configured =
  | {
      readonly ok: true;
      /** Never empty. */
      readonly places: readonly RegistryPlace[];
      readonly settings: readonly RegistrySetting[];
      /** Empty unless it was asked for. */
      readonly claims: readonly RegistryClaim[];
      /** What of it could not be told. */
      readonly lacking?: readonly Lacking[];
    }
  /** `tampered`: a tool inside could have changed what it says. */
  | ({ readonly ok: false; readonly tampered?: true } & Lacking);

/** Reads the person's and the system's configuration, never the project's; files that hold credentials only with `claims`. */
export type RegistryLookup = (
  client: RegistryClient,
  asked: { readonly claims: boolean; readonly writable: readonly string[] },
) => Promise<Configured>;
