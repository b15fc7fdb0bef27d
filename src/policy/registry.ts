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

/** `message` follows "`network.allow[0].registry`". */
export type Configured =
  | {
      readonly ok: true;
      /** Never empty. */
      readonly places: readonly RegistryPlace[];
      /** What the client inside is told; it stands before the project's own files there. */
      readonly environment: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Reads the person's and the system's configuration, never the project's. */
export type RegistryLookup = (client: RegistryClient) => Promise<Configured>;
