// Which registries a package manager uses here, by the person's and the system's configuration: files and the caller's
// environment are read, no client is run, and nothing of the project's counts.

import type { Configured, RegistryClient, RegistryLookup } from "../../policy/registry.ts";
import { debianRegistries } from "./debian.ts";
import { goRegistries } from "./go.ts";
import { npmRegistries } from "./npm.ts";
import { pipRegistries } from "./pip.ts";
import type { Surroundings } from "./settings.ts";

const readers: Readonly<Partial<Record<RegistryClient, (from: Surroundings) => Promise<Configured>>>> = {
  npm: npmRegistries,
  pip: pipRegistries,
  go: goRegistries,
  debian: debianRegistries,
};

export function registriesHere(from: Omit<Surroundings, "system"> & { readonly system?: string }): RegistryLookup {
  return (client) =>
    readers[client]?.({ system: "", ...from }) ??
    // `run` has refused before: src/policy/enforced.ts
    Promise.resolve({ ok: false, message: `${client} is not enforced yet`, hint: "name the host" });
}
