// One walk over a workspace: every control file there, every git directory, what is empty and what is odd. Enters: the
// workspace's real path; everything below it is *attacker-controlled*. Follows no symbolic link; below `node_modules`
// only git directories count, because packages ship agents', editors' and CI files nobody loads from there.

import type { Collected, Surroundings } from "./collected.ts";
import { deepPattern, isAboveControl, matchControl, oursPattern, personalPattern } from "./control-class.ts";
import { Collector } from "./control-collector.ts";
import { leadsDeep, leadsInto } from "./destination.ts";
import { type Entry, join, kindOf, rawEntriesOf } from "./entries.ts";
import { isGitName, looksLikeRepository } from "./git-directory.ts";
import { limits } from "./limits.ts";
import { isRaw } from "./raw-names.ts";
import { shutIn } from "./shut.ts";

export type Found = Collected;

/** Milliseconds grow with directories, not with file sizes: nothing but control files is opened. */
export function findControlFiles(workspace: string, around: Surroundings = {}): Found {
  return walk(new Collector(workspace, around), [""]);
}

/** Once more, after a tool worked there: a directory of ours that could be listed before can be again. */
export function findControlFilesAgain(before: Surroundings & Pick<Found, "workspace" | "odd">): Found {
  return walk(new Collector(before.workspace, before, shutIn(before)), [""]);
}

/** Of one git directory of a private copy, at this path below: its parts, and what lies among them that git knows nothing of. */
export function findInRepository(directory: string, path: string): Found {
  const collector = new Collector(directory, {}, new Set());
  collector.repository(path);
  return walk(collector, collector.takeForeign());
}

function walk(collector: Collector, from: readonly string[]): Found {
  findNamed(collector);
  let queue = from;
  let seen = 0;
  for (let depth = 0; queue.length > 0; depth += 1) {
    if (depth > limits.walkDepth) {
      collector.truncate("directories nested too deep");
      break;
    }
    const next: string[] = [];
    for (const directory of queue) {
      const entries = collector.entries(directory);
      seen += entries.length;
      if (seen > limits.walkEntries) {
        collector.truncate("too many files");
        return collector.finish();
      }
      visit(directory, entries, collector, next);
    }
    next.push(...collector.takeForeign());
    // breadth first: what lies near the top, where tools look, is found even in a tree made to be too large
    queue = next;
  }
  return collector.finish();
}

/** As that walk would: only what stands in these directories, and control directories and repositories there whole. */
export function findControlFilesIn(before: Found, directories: readonly string[]): Found {
  const collector = new Collector(before.workspace, before, shutIn(before));
  findNamed(collector);
  for (const directory of directories) visit(directory, collector.entries(directory), collector, []);
  for (const directory of collector.takeForeign()) visit(directory, collector.entries(directory), collector, []);
  return collector.finish();
}

/** What a link of the person's home leads to, and what the tops of a private copy hold. */
function findNamed(collector: Collector): void {
  const { files = [], tops = [] } = collector.around.personal ?? {};
  for (const path of files) collector.named(path, personalPattern);
  for (const top of tops) findBelowTop(top, collector);
}

/** A working tree of git's begins here. */
function findBelowTop(top: string, collector: Collector): void {
  for (const place of collector.around.personal?.places ?? []) collector.named(join(top, place), personalPattern);
}

function visit(directory: string, entries: readonly Entry[], collector: Collector, next: string[]): void {
  const parents = directory === "" ? [] : directory.split("/");
  const dependency = collector.isDependency(directory);
  const within = parents.some(isGitName);
  if (entries.length === 0 && !dependency && !within) collector.empty(directory);
  if (looksLikeRepository(entries)) {
    collector.repository(directory, !within);
    findBelowTop(directory, collector);
  }
  for (const entry of entries) {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    const kind = kindOf(entry);
    if (kind === "other") collector.odd(path, entry.isSocket() ? "socket" : entry.isFIFO() ? "fifo" : "device");
    if (isRaw(entry.name)) collector.odd(path, "name is not UTF-8");
    if (isGitName(entry.name)) {
      collector.gitEntry(path, kind);
      findBelowTop(directory, collector);
      continue;
    }
    const row = dependency ? undefined : matchControl(parents, entry.name, kind);
    if (row !== undefined) collector.control(path, kind, row.pattern);
    if (kind === "directory") next.push(path);
    if (kind === "symlink" && !dependency) follow({ path, parents, name: entry.name }, collector);
  }
}

/** What is there by a link's name as well, wherever in the workspace it lies. */
function follow(
  { path, parents, name }: { readonly path: string; readonly parents: readonly string[]; readonly name: string },
  collector: Collector,
): void {
  // no walk looks there, and whoever follows it stands among a tool's own files
  if (collector.around.ours !== undefined && leadsInto(collector.around.ours, `${collector.workspace}/${path}`))
    collector.control(path, "symlink", oursPattern);
  if (leadsDeep(collector.workspace, `${collector.workspace}/${path}`)) collector.control(path, "symlink", deepPattern);
  const target = collector.leadsTo(path);
  if (target === undefined) return;
  collector.shows(target);
  if (!isAboveControl(name)) return;
  for (const entry of rawEntriesOf(`${collector.workspace}/${target}`) ?? []) {
    const kind = kindOf(entry);
    const row = matchControl([...parents, name], entry.name, kind);
    if (row !== undefined) collector.control(`${target}/${entry.name}`, kind, row.pattern);
  }
}
