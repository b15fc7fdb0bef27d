// Which paths land only when a person names them, and why; which never land. Enters: paths and links of a private copy,
// *attacker-controlled*. A path counts by every directory above it, so that a new directory brings nothing in unseen.

import { dirname, resolve } from "node:path";
import { controlClass, matchControl } from "../control-class.ts";
import type { Found } from "../control-files.ts";
import { isGitName } from "../git-directory.ts";
import type { StagedCopy } from "../staged/record.ts";

/** A name some file system or git itself takes for a git directory: what is below it is never a file of a checkout. */
export function isGitsOwn(path: string): boolean {
  return path
    .split("/")
    .some((name) => isGitName(name) || isGitName(name.replace(/[. ]+$/, "")) || /^\.git:/i.test(name));
}

export interface Candidate {
  readonly path: string;
  /** Undefined where it goes. */
  readonly kind: "file" | "symlink" | undefined;
  /** Of a link. */
  readonly target: string | undefined;
}

/** `found`: the walk of the copy. */
export function apartBecause(copy: StagedCopy, found: Found, { path, kind, target }: Candidate): string | undefined {
  const pattern = patternAbove(copy.control, path) ?? found.leaves.get(path)?.pattern;
  const row = rowOf(path) ?? controlClass.find((each) => each.pattern === pattern);
  if (row !== undefined) return `${row.whose}: ${row.why}`;
  if (pattern !== undefined) return "a control file of this checkout";
  return kind === "symlink" && target !== undefined && leadsOut(copy.workspace, path, target)
    ? "a link that leads out of the checkout"
    : undefined;
}

/** By its own names alone. Below `node_modules` none counts: nobody loads them from there. */
export function rowOf(path: string) {
  const names = path.split("/");
  if (names.includes("node_modules")) return undefined;
  for (const [at, name] of names.entries()) {
    const last = at === names.length - 1;
    // what stands there may be a file or a link to a directory: both readings count
    const kinds = last ? (["file", "symlink", "directory"] as const) : (["directory"] as const);
    for (const kind of kinds) {
      const row = matchControl(names.slice(0, at), name, kind);
      if (row !== undefined) return row;
    }
  }
  return undefined;
}

function patternAbove(control: StagedCopy["control"], path: string): string | undefined {
  for (let at = path; at !== "."; at = dirname(at)) if (Object.hasOwn(control, at)) return control[at];
  return undefined;
}

/** `..` behind a name may lead anywhere: that name may be a link, now or later. */
function leadsOut(workspace: string, path: string, target: string): boolean {
  const names = target.split("/").filter((name) => name !== "" && name !== ".");
  const named = names.findIndex((name) => name !== "..");
  if (named >= 0 && names.slice(named).includes("..")) return true;
  const place = resolve(dirname(`${workspace}/${path}`), target);
  return place !== workspace && !place.startsWith(`${workspace}/`);
}
