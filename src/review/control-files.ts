// One walk over a workspace: every control file there, every git directory, what is empty and what is odd. Enters: the
// workspace's real path; everything below it is *attacker-controlled*. Follows no symbolic link; below `node_modules`
// only git directories count, because packages ship agents', editors' and CI files nobody loads from there.

import type { Dirent } from "node:fs";
import { matchControl } from "./control-class.ts";
import { type Collected, Collector } from "./control-collector.ts";
import { entriesOf } from "./entries.ts";
import { isGitName, looksLikeRepository } from "./git-directory.ts";
import { limits } from "./limits.ts";

export type Found = Collected;

/** Milliseconds grow with directories, not with file sizes: nothing but control files is opened. */
export function findControlFiles(workspace: string): Found {
  const collector = new Collector(workspace);
  let queue = [""];
  let seen = 0;
  for (let depth = 0; queue.length > 0; depth += 1) {
    if (depth > limits.walkDepth) {
      collector.truncate("directories nested too deep");
      break;
    }
    const next: string[] = [];
    for (const directory of queue) {
      const entries = list(workspace, directory, collector);
      seen += entries.length;
      if (seen > limits.walkEntries) {
        collector.truncate("too many files");
        return collector.finish();
      }
      visit(directory, entries, collector, next);
    }
    // breadth first: what lies near the top, where tools look, is found even in a tree made to be too large
    queue = next;
  }
  return collector.finish();
}

/** Only what stands in these directories, and control directories and repositories there whole. */
export function findControlFilesIn(workspace: string, directories: readonly string[]): Found {
  const collector = new Collector(workspace);
  for (const directory of directories) visit(directory, list(workspace, directory, collector), collector, []);
  return collector.finish();
}

function list(workspace: string, directory: string, collector: Collector): readonly Dirent[] {
  const entries = entriesOf(`${workspace}/${directory}`);
  if (entries === undefined) collector.odd(directory, "directory cannot be listed");
  return entries ?? [];
}

function visit(directory: string, entries: readonly Dirent[], collector: Collector, next: string[]): void {
  const parents = directory === "" ? [] : directory.split("/");
  const dependency = parents.includes("node_modules");
  if (entries.length === 0 && !dependency) collector.empty(directory);
  if (looksLikeRepository(entries)) collector.repository(directory);
  for (const entry of entries) {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    const kind = kindOf(entry);
    if (kind === "other") collector.odd(path, entry.isSocket() ? "socket" : entry.isFIFO() ? "fifo" : "device");
    if (entry.name.includes("\ufffd")) collector.odd(path, "name is not UTF-8");
    if (isGitName(entry.name)) {
      collector.gitEntry(path, kind);
      continue;
    }
    const row = dependency ? undefined : matchControl(parents, entry.name, kind);
    if (row !== undefined) collector.control(path, kind, row.pattern);
    if (kind === "directory") next.push(path);
  }
}

function kindOf(entry: Dirent): "file" | "directory" | "symlink" | "other" {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "other";
}
