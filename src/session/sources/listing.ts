// Which files of a tree there are to be known: as an undo point has them, else as they lie there. Names are *attacker-controlled*; no
// link is followed, and git runs only over a store of ours.

import { readdirSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { Labelling, LabelRule } from "../../policy/labels.ts";
import { runGit, splitPaths } from "../../review/git.ts";
import { namesIn } from "../../review/index-names.ts";
import { readWhole } from "../../review/leaf.ts";

export interface SourceRoot {
  /** The checkout, real path: how files are named to whoever asks. */
  readonly checkout: string;
  /** Where its files are read: itself, or a private copy. */
  readonly tree: string;
  /** `workspace`: what the session may write. `protected`: what no session shows. */
  readonly label: "workspace" | "protected";
  /** What its files are called, by globs that are read from each of these directories of it. */
  readonly labels: readonly LabelRule[];
  readonly from: readonly string[];
  /** What all of them are called that lie at or below a path from its root. */
  readonly below: readonly { readonly path: string; readonly label: string }[];
  /** Directories in it that are roots of their own. */
  readonly without: readonly string[];
  /** The undo store that knows which files are there; undefined: all that lie there. */
  readonly store: string | undefined;
}

const deepest = 40;
/** Octets of an index of git's: some 300,000 names. */
const indexOctets = 32 * 2 ** 20;

/** What installs and builds leave there, and git. */
const passedOver =
  /^(?:\.git|node_modules|bower_components|\.venv|venv|__pycache__|target|dist|build|out|\.next|\.cache|\.gradle|\.tox)$/;

/** What was captured when the session began; without a store, what lies there. */
export async function listRoot(root: SourceRoot): Promise<readonly string[]> {
  if (root.store === undefined) return [...new Set([...filesIn(root, ""), ...tracked(root)])];
  const place = { store: root.store, workTree: root.checkout };
  const listed = await runGit({ place, arguments: ["ls-files", "-z"] });
  return listed instanceof Fault ? filesIn(root, "") : splitPaths(listed).paths;
}

/** What git tracks lies in directories that are passed over, too; where its index cannot be read, not known. */
function tracked({ tree, without }: SourceRoot): readonly string[] {
  const bytes = readWhole(`${tree}/.git/index`, indexOctets);
  const names = bytes === undefined ? [] : (namesIn(bytes, 20) ?? namesIn(bytes, 32) ?? []);
  return names.filter((name) => !without.some((each) => `${tree}/${name}`.startsWith(`${each}/`)));
}

/** From the tree's root. */
export function filesIn(root: SourceRoot, directory: string, depth = 0): string[] {
  if (depth > deepest) return [];
  return entriesIn(placeIn(root, directory)).flatMap((entry) => {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (!entry.isDirectory()) return entry.isFile() ? [path] : [];
    const skipped = passedOver.test(entry.name) || root.without.includes(placeIn(root, path));
    return skipped ? [] : filesIn(root, path, depth + 1);
  });
}

function entriesIn(place: string) {
  try {
    return readdirSync(place, { withFileTypes: true });
  } catch {
    return [];
  }
}

export const placeIn = ({ tree }: Pick<SourceRoot, "tree">, directory: string): string =>
  directory === "" ? tree : `${tree}/${directory}`;

/** By every word that means it, whoever's. */
export function labelsIn({ below, from }: SourceRoot, labelling: Labelling, path: string): readonly string[] {
  const placed = below.filter((each) => isBelow(path, each.path));
  const named = from.flatMap((place) =>
    isBelow(path, place) ? labelling(place === "" ? path : path.slice(place.length + 1)) : [],
  );
  return [...new Set([...placed, ...named].map(({ label }) => label))].sort();
}

const isBelow = (path: string, place: string): boolean =>
  place === "" || path.startsWith(`${place}/`) || path === place;
