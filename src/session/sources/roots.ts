// Which trees a session's content is compared with: the checkouts it may write, as its tool sees them, with the undo store that knows
// which files are there; and the trees the policy protects, as they lie.

import { existsSync, realpathSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { Policy } from "../../policy/policy.ts";
import { isWithin } from "../../policy/way.ts";
import { openObjectStore } from "../../review/object-store.ts";
import { type Checkouts, directoriesAmong } from "../checkout.ts";
import type { Prepared } from "../prepare.ts";
import type { SourceRoot } from "./listing.ts";

export type Compared = Pick<Policy, "labels" | "protected"> & { readonly files: Pick<Policy["files"], "write"> };

interface Places {
  readonly policy: Compared;
  /** The state directory, where an undo point is or will be; undefined: what lies there counts. */
  readonly state?: string;
  /** Private copies in place of checkouts. */
  readonly copies?: Checkouts["copies"];
}

export function sourceRoots({ state, policy }: Prepared, { copies }: Checkouts): readonly SourceRoot[] {
  return rootsOf({ policy, state: state.directory, copies });
}

export function rootsOf({ policy, state, copies = [] }: Places): readonly SourceRoot[] {
  const written = policy.files.write.filter((path) => existsSync(path));
  const roots = directoriesAmong(written);
  const trees = protectedTrees(policy);
  const own = roots.map((checkout): SourceRoot => {
    const store = state === undefined ? undefined : openObjectStore(state, checkout);
    return {
      checkout,
      tree: copies.find(({ workspace }) => workspace === checkout)?.tree ?? checkout,
      label: "workspace",
      labels: policy.labels ?? [],
      from: written.filter((path) => isWithin(path, checkout)).map((path) => below(path, checkout)),
      below: trees
        .filter(({ path }) => isWithin(path, checkout))
        .map((each) => ({ ...each, path: below(each.path, checkout) })),
      without: [],
      store: store instanceof Fault ? undefined : store?.directory,
    };
  });
  return [...own, ...protectedRoots(trees, roots)];
}

interface Tree {
  /** Real. */
  readonly path: string;
  readonly label: string;
}

/** One that lies in a checkout is read with it; one that lies in another likewise. */
function protectedRoots(trees: readonly Tree[], roots: readonly string[]): SourceRoot[] {
  const outside = trees.filter(({ path }) => !roots.some((root) => isWithin(path, root)));
  const paths = [...new Set(outside.map(({ path }) => path))];
  return paths
    .filter((path) => !paths.some((other) => other !== path && isWithin(path, other)))
    .map((checkout) => ({
      checkout,
      tree: checkout,
      label: "protected",
      labels: [],
      from: [],
      below: outside
        .filter(({ path }) => isWithin(path, checkout))
        .map((each) => ({ ...each, path: below(each.path, checkout) })),
      without: roots.filter((root) => isWithin(root, checkout)),
      store: undefined,
    }));
}

const below = (path: string, root: string): string => (path === root ? "" : path.slice(root.length + 1));

/** Those that are there. */
function protectedTrees(policy: Pick<Policy, "protected">): readonly Tree[] {
  return (policy.protected ?? []).flatMap(({ path, label }) =>
    existsSync(path) ? [{ path: realpathSync(path), label }] : [],
  );
}
