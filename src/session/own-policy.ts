// Where the person's policies lie, told so that no grant opens them: each file, and every link on the way to it, for a policy is
// often kept in a checkout of one's own settings. Whoever writes one of these says what is the person's policy the next time.

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { followLinks } from "../inventory/search.ts";
import { showing } from "./seclusion.ts";

/** `override`: `--policy F`; in the workspace it grants nothing, whoever writes it. */
export function ownPolicies(user: string, override: string | undefined, workspace: string): readonly string[] {
  const own = override !== undefined && showing(override, [workspace]) === undefined ? [user, override] : [user];
  return own.flatMap((policy) => [policy, ...linksTo(policy)]);
}

function linksTo(policy: string): readonly string[] {
  return [dirname(policy), policy].filter((path) => existsSync(path)).flatMap((path) => followLinks(path).links);
}
