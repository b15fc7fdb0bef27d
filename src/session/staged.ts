// A staged session's side of what it may write: private copies in the checkouts' places. What enters: the roots the policy
// lets the tool write. What leaves: mounts, and what changed in the copies, which nobody's checkout has seen yet.

import { existsSync, statSync } from "node:fs";
import { Fault } from "../domain/fault.ts";
import type { Found } from "../review/control-files.ts";
import { concealingOf, veilOfCopy } from "../review/staged/conceal.ts";
import { type MadeCopy, makeCopy } from "../review/staged/copy.ts";
import { findInCopy, lookAtCopy } from "../review/staged/look.ts";
import { type GitStart, gitStartOf, plantedIn } from "../review/staged/planted.ts";
import { removeCopy, treeOf } from "../review/staged/record.ts";
import { type Changes, joinChanges } from "./changed.ts";
import { type Checkouts, directoriesAmong } from "./checkout.ts";
import { findEvery, namedOf } from "./every.ts";
import { ownMark } from "./interrupted.ts";
import type { Prepared } from "./prepare.ts";
import { byDepth } from "./state.ts";
import { ruleOf, type View } from "./view.ts";

/**
 * For git inside: a copy keeps times and sizes and cannot keep inode numbers, so that git goes by the former and need not
 * read every file at its first look. Not in the copy's configuration, which may land.
 */
const gitSettings = {
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "core.trustctime",
  GIT_CONFIG_VALUE_0: "false",
  GIT_CONFIG_KEY_1: "core.checkStat",
  GIT_CONFIG_VALUE_1: "minimal",
};

/** Throws a Fault where a copy cannot be made, or a root is none that could be copied. */
export async function openStaged(prepared: Prepared, view: View): Promise<Checkouts> {
  const { state, session, policy, request } = prepared;
  const roots = policy.files.write.filter((path) => existsSync(path));
  refuseFiles(roots);
  const named = namedOf(request, roots);
  const made: MadeCopy[] = [];
  const origins: Found[] = [];
  for (const [number, root] of byDepth(directoriesAmong(roots)).entries()) {
    const found = findEvery(root, { personal: named.get(root) });
    const at = root.startsWith(`${session.workspace}/`) ? root.slice(session.workspace.length + 1) : "";
    const concealing = concealingOf(root, view, { ...policy.files, at });
    made.push(await makeCopy({ state: state.directory, session, number, owner: ownMark(), found, concealing }));
    origins.push(found);
  }
  for (const { ignored, told } of made) {
    for (const { path, entries } of ignored.shared)
      request.tell({
        kind: "warning",
        text: `${path} is shared read-only: ${entries} files and more are too many to copy`,
        hint: "with --edits live it can be written",
      });
    for (const text of told) request.tell({ kind: "warning", text });
  }
  let starts: readonly GitStart[] | undefined;
  return {
    mounts: made.flatMap(({ mounts }) => mounts),
    open: [
      ...(made.some(({ copy }) => copy.workspace === session.workspace) ? [] : [session.workspace]),
      ...made.flatMap(({ copy }) => copy.shared.map((path) => `${copy.workspace}/${path}`)),
    ],
    held: [],
    trees: [],
    detours: [],
    copies: made.map(({ copy }) => ({ workspace: copy.workspace, tree: treeOf(copy) })),
    view,
    environment: gitSettings,
    ready: Promise.resolve(),
    begin: () => {
      starts = made.map(({ copy }, at) => gitStartOf(copy, origins[at] ?? findEvery(copy.workspace)));
      return Promise.resolve({ [Symbol.dispose]: () => undefined });
    },
    [Symbol.dispose]: () => {
      if (starts === undefined) for (const { copy } of made) removeCopy(copy);
    },
    close: async () =>
      joinChanges(await Promise.all(made.map((one, at) => closeCopy(one, prepared, [origins[at], starts?.[at]])))),
  };
}

function refuseFiles(roots: readonly string[]): void {
  const file = roots.find((root) => !statSync(root).isDirectory());
  if (file === undefined) return;
  throw new Fault({
    code: "checkout",
    message: `${file} is a single file, and what is staged is a directory`,
    hint: "name its directory in files.write, or run with --edits live",
  });
}

/** The checkout, and what of git's the copy had, before the tool began. */
type Start = readonly [Found | undefined, GitStart | undefined];

/** A copy in which nothing changed is put away at once. */
async function closeCopy(
  { copy, settled }: MadeCopy,
  { session: { workspace }, policy }: Prepared,
  [before, start]: Start,
): Promise<Changes> {
  await settled;
  const prefix = copy.workspace === workspace ? "" : `${copy.workspace}/`;
  const staged = [{ workspace: copy.workspace, tree: treeOf(copy) }];
  const none = { held: [], swept: [], planted: [], veiled: [], undo: false };
  const look = await lookAtCopy(copy, findInCopy(copy));
  if (look instanceof Fault)
    return { ...none, changed: [], staged, warnings: [`changes cannot be listed: ${look.message}`] };
  const given = before !== undefined && start !== undefined;
  const planted = given ? await plantedIn(copy, before, { after: look.found, start }) : [];
  const of = veilOfCopy(copy.veil);
  const changed = look.changes.map(({ path, change }) => ({ path: prefix + path, change }));
  if (changed.length + look.references === 0) removeCopy(copy);
  const told = planted.map(({ path, pattern }) => ({ path: prefix + path, pattern }));
  return {
    ...none,
    planted: told,
    veiled: look.changes.flatMap(({ path, after }) => {
      const veiled = of(path, after?.kind === "symlink");
      return veiled === undefined ? [] : [{ path: prefix + path, rule: ruleOf(policy.files, veiled) }];
    }),
    changed,
    staged: changed.length + look.references === 0 ? [] : staged,
    warnings: look.told,
  };
}
