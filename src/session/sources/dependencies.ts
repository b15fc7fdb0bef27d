// Files of dependencies that lie in a checkout, told so that what they say is known again where it leaves: what somebody outside wrote
// and a package manager, or a person, put there. Documents first, then what lies least deep, as far as the bounds go. Names and
// contents are *attacker-controlled*: no link is followed, nothing but regular files is read.

import { readdirSync } from "node:fs";
import { type LabelRule, labellingOf } from "../../policy/labels.ts";
import { standAt } from "../../review/foothold.ts";
import { readWhole, statLink } from "../../review/leaf.ts";
import type { IncomingTold } from "../inspecting/incoming.ts";
import { labelsIn, type SourceRoot } from "./listing.ts";

export const dependencyBounds = {
  /** Names that are looked at to find them. */
  names: 300_000,
  files: 20_000,
  /** Octets of one file, and of all. */
  file: 256 * 1024,
  all: 24 * 2 ** 20,
  depth: 24,
  /** Octets told before the first of them were taken in: a request that comes meanwhile waits for no more. */
  ahead: 128 * 1024,
} as const;

const holders = /^(?:node_modules|vendor|third[_-]party|bower_components|site-packages)$/i;
/** Where an environment's packages may lie, and nothing else of interest. */
const environments = /^(?:\.venv|venv)$/;
const never = /^(?:\.git|__pycache__|\.cache|target|dist|build|out|\.next|\.gradle|\.tox)$/;
const documents =
  /(?:^|\/)(?:readme|changelog|contributing|agents|claude|package\.json)[^/]*$|\.(?:md|mdx|markdown|txt|rst|adoc)$/i;
/** Never read by a model. */
export const pictures =
  /\.(?:png|jpe?g|gif|webp|ico|woff2?|ttf|eot|node|so|dylib|dll|exe|wasm|gz|tgz|zip|whl|jar|class|pyc|map)$/i;

interface Place {
  readonly root: SourceRoot;
  readonly path: string;
  /** The package's directory. */
  readonly group: string;
  readonly depth: number;
}

interface Seen {
  readonly group: string;
  readonly mark: string;
}

export interface Dependencies {
  /** Tells what is there, or what became of it since it was told. */
  readonly read: () => Promise<void>;
}

export interface DependencyOptions {
  readonly roots: readonly SourceRoot[];
  /** Those that are one's own. */
  readonly trusted: readonly string[];
  readonly tell: (told: IncomingTold) => void;
  /** All that was told is taken in. */
  readonly taken: () => Promise<void>;
}

export function openDependencies({ roots, trusted, tell, taken }: DependencyOptions): Dependencies {
  const known = new Map<string, Seen>();
  const rule: LabelRule = { rule: "", label: "trusted", globs: trusted };
  const labelling = labellingOf(trusted.length === 0 ? [] : [rule]);
  const isTrusted = ({ root, path }: Place): boolean => labelsIn({ ...root, below: [] }, labelling, path).length > 0;
  return {
    read: async () => {
      const { places, left } = findAll(roots.filter(({ label }) => label === "workspace"));
      const there = new Set<string>();
      let [unread, all, ahead] = [left, 0, 0];
      for (const place of inOrder(places.filter((one) => !isTrusted(one)))) {
        const name = `${place.root.checkout}/${place.path}`;
        const stats = statLink(`${place.root.tree}/${place.path}`);
        if (stats?.isFile() !== true) continue;
        if (
          stats.size > dependencyBounds.file ||
          all + stats.size > dependencyBounds.all ||
          there.size >= dependencyBounds.files
        ) {
          unread += 1;
          continue;
        }
        all += stats.size;
        there.add(name);
        const mark = [stats.mtimeMs, stats.ctimeMs, stats.size, stats.ino].join(" ");
        if (known.get(name)?.mark === mark) continue;
        const octets = readPlace(place);
        known.set(name, { group: place.group, mark });
        if (octets === undefined) continue;
        tell({ kind: "dependency", path: name, group: place.group, code: !documents.test(place.path), octets });
        ahead += octets.length;
        if (ahead < dependencyBounds.ahead) continue;
        ahead = 0;
        await taken();
      }
      for (const [path, { group }] of known)
        if (!there.has(path)) {
          known.delete(path);
          tell({ kind: "dependency gone", path, group });
        }
      tell({ kind: "dependencies", unread });
    },
  };
}

/** A directory on the way may be a link by now. */
function readPlace({ root, path }: Place): Uint8Array | undefined {
  using stand = standAt(root.tree, path);
  return stand === undefined ? undefined : readWhole(stand.directory.at(stand.name), dependencyBounds.file);
}

const inOrder = (places: readonly Place[]): readonly Place[] =>
  places.toSorted(
    (a, b) =>
      Number(documents.test(b.path)) - Number(documents.test(a.path)) ||
      a.depth - b.depth ||
      (a.path < b.path ? -1 : 1),
  );

interface Walk {
  readonly places: Place[];
  names: number;
  left: number;
}

/** Breadth first, so that what is left out is what lies deepest. */
function findAll(roots: readonly SourceRoot[]): Walk {
  const walk: Walk = { places: [], names: 0, left: 0 };
  let next: Directory[] = roots.map((root) => ({ root, path: "", group: undefined, depth: 0 }));
  while (next.length > 0) {
    const deeper: Directory[] = [];
    for (const directory of next) deeper.push(...enter(walk, directory));
    next = deeper;
  }
  return walk;
}

interface Directory {
  readonly root: SourceRoot;
  readonly path: string;
  /** Undefined outside of what holds dependencies. */
  readonly group: string | undefined;
  readonly depth: number;
}

/** What of it is a file of a dependency is noted; gives the directories to look into. */
function enter(walk: Walk, { root, path: above, group, depth }: Directory): readonly Directory[] {
  const deeper: Directory[] = [];
  for (const entry of entriesIn(above === "" ? root.tree : `${root.tree}/${above}`)) {
    walk.names += 1;
    const path = above === "" ? entry.name : `${above}/${entry.name}`;
    if (walk.names > dependencyBounds.names || depth > dependencyBounds.depth) walk.left += 1;
    else if (entry.isDirectory()) {
      const own = groupOf({ path, name: entry.name, group });
      if (own !== "none") deeper.push({ root, path, group: own, depth: depth + 1 });
    } else if (entry.isFile() && group !== undefined && !pictures.test(entry.name))
      walk.places.push({ root, path, group: `${root.checkout}/${group === "" ? path : group}`, depth });
  }
  return deeper;
}

/** Of what lies in it: undefined, no dependency; empty, each name in it is one. */
function groupOf({ path, name, group }: { path: string; name: string; group: string | undefined }) {
  if (holders.test(name)) return "";
  if (group !== undefined) {
    if (name === ".git" || name === "__pycache__") return "none";
    // a scope holds packages
    return group === "" && !name.startsWith("@") ? path : group;
  }
  return never.test(name) && !environments.test(name) ? "none" : undefined;
}

function entriesIn(place: string) {
  try {
    return readdirSync(place, { withFileTypes: true });
  } catch {
    return [];
  }
}
