// What is there before a session begins: every control file of a checkout, the person's own configuration asked too.

import { Fault } from "../domain/fault.ts";
import { realPath } from "../inventory/search.ts";
import type { Personal } from "../review/collected.ts";
import { type Found, findControlFiles } from "../review/control-files.ts";
import { namedByPerson } from "../review/personal.ts";
import type { RunRequest } from "./request.ts";

/** What the person's own configuration names in each. */
export function namedOf({ person, environment }: RunRequest, roots: readonly string[]): ReadonlyMap<string, Personal> {
  return namedByPerson({ home: environment["HOME"] ?? person.home, environment }, roots);
}

/** `ours`: where a tool works in this very checkout. Throws a Fault. */
export function findEvery(
  root: string,
  { ours, personal }: { readonly ours?: string; readonly personal?: Personal | undefined } = {},
): Found {
  const found = findControlFiles(root, {
    ...(ours === undefined ? {} : { ours: realPath(ours) }),
    ...(personal === undefined ? {} : { personal }),
  });
  if (found.truncated === undefined) return found;
  throw new Fault({
    code: "checkout",
    message: `not every control file of ${root} can be found: ${found.truncated}`,
    hint: "run in a smaller directory, such as one project of it",
  });
}
