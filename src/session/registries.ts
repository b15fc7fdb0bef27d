// The registries a policy grants → what their clients inside are told: variables and files. A setting that holds a credential
// stays outside, and that is said; a credential of a registry's goes in as its placeholder.

import type { Mount } from "../boundary/contract.ts";
import { type Standing, tellClient } from "../inventory/registries/told.ts";
import type { Policy, RegistryRule } from "../policy/policy.ts";
import type { Prepared } from "./prepare.ts";
import { passSettings } from "./settings.ts";

export interface RegistriesTold {
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
}

export function tellRegistries(prepared: Prepared): RegistriesTold {
  const told = prepared.policy.registries.map((rule) => {
    const standing = standingOf(rule, prepared);
    return tellClient(rule.client, { settings: passed(rule, prepared), standing });
  });
  return {
    environment: Object.assign({}, ...told.map(({ environment }) => environment)),
    mounts: told.flatMap(({ files, shown }) => [
      ...shown.map((path): Mount => ({ kind: "read", path, from: path })),
      ...Object.entries(files).map(([path, text]): Mount => ({ kind: "text", path, text })),
    ]),
  };
}

function passed({ client, settings }: RegistryRule, prepared: Prepared): { name: string; value: string }[] {
  const named = Object.fromEntries(settings.map(({ name, value }) => [`${client}'s ${name}`, value]));
  const passing = passSettings(Object.keys(named), { environment: named, tell: prepared.request.tell }, prepared);
  return settings.filter(({ name }) => Object.hasOwn(passing, `${client}'s ${name}`));
}

function standingOf({ client }: RegistryRule, { policy, credentials }: Prepared): Standing[] {
  return policy.credentials.flatMap(({ id, from, to }): Standing[] => {
    const own = credentials.find((credential) => credential.id === id);
    if (own === undefined || !("registry" in from) || from.registry !== client) return [];
    return [{ at: from.at, user: to.basic?.user, placeholder: own.placeholder }];
  });
}

/** Not for git, which asks for those its own entries name. */
export function withoutRegistries<Some extends { readonly id: string }>(some: readonly Some[], policy: Policy): Some[] {
  const own = new Set(policy.credentials.filter(({ from }) => "registry" in from).map(({ id }) => id));
  return some.filter(({ id }) => !own.has(id));
}
