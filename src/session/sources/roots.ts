// Which checkouts a session's content is compared with: those it may write, as its tool sees them, with the undo store that knows
// which files are there.

import { existsSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import { openObjectStore } from "../../review/object-store.ts";
import { type Checkouts, directoriesAmong } from "../checkout.ts";
import type { Prepared } from "../prepare.ts";
import type { SourceRoot } from "./reader.ts";

export function sourceRoots({ state, policy }: Prepared, { copies }: Checkouts): readonly SourceRoot[] {
  const roots = directoriesAmong(policy.files.write.filter((path) => existsSync(path)));
  return roots.map((checkout) => {
    const store = openObjectStore(state.directory, checkout);
    const tree = copies.find(({ workspace }) => workspace === checkout)?.tree ?? checkout;
    return {
      checkout,
      tree,
      label: "workspace",
      store: store instanceof Fault ? undefined : store.directory,
    };
  });
}
