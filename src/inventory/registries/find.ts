// Which registries a package manager uses here, by the person's and the system's configuration: files and the caller's
// environment are read, no client is run, and nothing of the project's counts.

import { Fault } from "../../domain/fault.ts";
import type { Secret } from "../../domain/secret.ts";
import type { RegistryClient, RegistryLookup } from "../../policy/registry.ts";
import { cargoRegistries } from "./cargo.ts";
import { debianRegistries } from "./debian.ts";
import type { Found } from "./found.ts";
import { goRegistries } from "./go.ts";
import { npmRegistries } from "./npm.ts";
import { pipRegistries } from "./pip.ts";
import type { Surroundings } from "./settings.ts";
import { sourcesOf } from "./sources.ts";
import { tampered } from "./tampered.ts";

const readers: Readonly<Record<RegistryClient, (from: Surroundings) => Promise<Found>>> = {
  npm: npmRegistries,
  pip: pipRegistries,
  cargo: cargoRegistries,
  go: goRegistries,
  debian: debianRegistries,
};

/** The caller's surroundings, as far as they are the same for every client. */
export type Caller = Omit<Surroundings, "system" | "claims" | "noted"> & { readonly system?: string };

/** Every `writable` path is one that a tool inside may change: what is found there decides nothing. */
export function registriesHere(caller: Caller): RegistryLookup {
  return async (client, { claims, writable }) => {
    const noted = new Map<string, string>();
    const found = await readers[client]({ system: "", ...caller, claims, noted });
    const changeable = await tampered(noted.keys(), writable);
    if (changeable !== undefined) return { ok: false, tampered: true, ...warn(client, changeable) };
    if (!found.ok) return found;
    const { held, ...rest } = found;
    return { ...rest, claims: held.map(({ at, host, paths, user }) => ({ at, host, paths, user })) };
  };
}

function warn(client: RegistryClient, path: string): { message: string; hint: string } {
  return {
    message: `${path} decides where ${client} fetches, and files.write lets a tool write it`,
    hint: "take it out of files.write, or name the host in place of the registry",
  };
}

interface Kept {
  readonly secret: Secret;
  /** The files it came from. */
  readonly files: readonly string[];
}

/** What the client's configuration has for the place it calls `at`; undefined where that is gone. */
export async function registrySecret(
  caller: Caller & { readonly writable: readonly string[] },
  client: RegistryClient,
  at: string,
): Promise<Kept | Fault | undefined> {
  const { writable, ...rest } = caller;
  const noted = new Map<string, string>();
  const found = await readers[client]({ system: "", ...rest, claims: true, noted });
  const changeable = await tampered(noted.keys(), writable);
  if (changeable !== undefined) {
    const { message, hint } = warn(client, changeable);
    return new Fault({ code: "credential-exposed", message, hint });
  }
  const held = found.ok ? found.held.find((one) => one.at === at) : undefined;
  return held && { secret: held.secret, files: sourcesOf(held, noted, rest.variables) };
}
