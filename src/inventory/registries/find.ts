// Which registries a package manager uses here, by the person's and the system's configuration: files and the caller's
// environment are read, no client is run, and nothing of the project's counts.

import type { Secret } from "../../domain/secret.ts";
import type { RegistryClient, RegistryLookup } from "../../policy/registry.ts";
import { cargoRegistries } from "./cargo.ts";
import { debianRegistries } from "./debian.ts";
import type { Found } from "./found.ts";
import { goRegistries } from "./go.ts";
import { npmRegistries } from "./npm.ts";
import { pipRegistries } from "./pip.ts";
import type { Surroundings } from "./settings.ts";

const readers: Readonly<Record<RegistryClient, (from: Surroundings) => Promise<Found>>> = {
  npm: npmRegistries,
  pip: pipRegistries,
  cargo: cargoRegistries,
  go: goRegistries,
  debian: debianRegistries,
};

/** The caller's surroundings, as far as they are the same for every client. */
export type Caller = Omit<Surroundings, "system" | "claims"> & { readonly system?: string };

export function registriesHere(caller: Caller): RegistryLookup {
  return async (client, { claims }) => {
    const found = await readers[client]({ system: "", ...caller, claims });
    if (!found.ok) return found;
    const { held, ...rest } = found;
    return { ...rest, claims: held.map(({ at, host, paths, user }) => ({ at, host, paths, user })) };
  };
}

/** What the client's configuration has for the place it calls `at`; undefined where that is gone. */
export async function registrySecret(caller: Caller, client: RegistryClient, at: string): Promise<Secret | undefined> {
  const found = await readers[client]({ system: "", ...caller, claims: true });
  return found.ok ? found.held.find((one) => one.at === at)?.secret : undefined;
}
