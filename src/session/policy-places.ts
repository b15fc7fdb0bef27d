// Where the layers of a policy lie, for somebody who works in a checkout.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { registriesHere } from "../inventory/registries/find.ts";
import { parseTrust } from "../policy/trust.ts";
import { ownPolicies } from "./own-policy.ts";
import type { State } from "./state.ts";

export interface Places {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly policy: string | undefined;
}

/** The organisation's file is only ever this one. */
export const organisationFile = "/etc/postern/policy.yaml";

export function userFile({ environment, home }: Pick<Places, "environment" | "home">): string {
  const { XDG_CONFIG_HOME: xdg } = environment;
  return join(xdg?.startsWith("/") ? xdg : join(home, ".config"), "postern/policy.yaml");
}

/** Where the layers lie for somebody working in this checkout. */
export function policySources(
  places: Places,
  { workspace, state, profile }: { workspace: string; state: State; profile: string | undefined },
) {
  const user = userFile(places);
  return {
    organisation: organisationFile,
    user,
    repository: join(workspace, "postern.yaml"),
    override: places.policy,
    mode: undefined,
    edits: undefined,
    workspace,
    home: places.home,
    profile,
    guarded: [state.directory, dirname(user), ...ownPolicies(user, places.policy, workspace)],
    trusted: parseTrust(existsSync(state.trust) ? readFileSync(state.trust, "utf8") : "", workspace),
    now: new Date(),
    registries: registriesHere({ home: places.home, workspace, variables: places.environment }),
  };
}
