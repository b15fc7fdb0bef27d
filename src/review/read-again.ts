// git is given names, and follows what a name leads to by the time it opens it. While a tool still works in the workspace, a file
// or a directory that became a link in that moment would have the person's own files captured, and shown to the next session in
// its private copy. So whatever was touched since the capture began is read once more, by a way on which no link is followed.
// Enters: paths that were given to git, *attacker-controlled*.

import { Fault } from "../domain/fault.ts";
import { type ReviewFault, runGit } from "./git.ts";
import { blobName, keepBlob } from "./keep-blob.ts";
import { statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";
import { contentNow, sideNow } from "./path-state.ts";

/** Milliseconds by which the kernel's coarse clock may be behind ours. */
const tick = 100;

/** `began`: before the first look. The index holds what we read then; what we could not read it lets go of: those. */
export async function readAgain(
  store: ObjectStore,
  paths: readonly string[],
  began: number,
): Promise<readonly string[] | ReviewFault> {
  const doubtful = new Set(paths.filter(touchedSince(store.workspace, began - tick)));
  if (doubtful.size === 0) return [];
  const listed = await runGit({ place: placeOf(store), arguments: ["ls-files", "--stage", "-z"] });
  if (listed instanceof Fault) return listed;
  const lines: string[] = [];
  const gone: string[] = [];
  // `<mode> <object> <stage>` TAB `<path>` NUL (git-ls-files, --stage)
  for (const line of listed.toString().split("\0")) {
    const [, mode = "", object = "", path = ""] = /^(\d{6}) ([0-9a-f]+) 0\t(.*)$/s.exec(line) ?? [];
    if (!doubtful.has(path)) continue;
    const side = sideNow(store.workspace, path);
    if (side !== undefined && side !== "unknown" && side.object === object && mode.startsWith(kinds[side.kind]))
      continue;
    const own = lines.length < limits.readAgain ? await readOurselves(store, path) : undefined;
    if (own instanceof Fault) return own;
    lines.push(own === undefined ? `0 ${"0".repeat(40)}\t${path}\0` : `${own}\t${path}\0`);
    if (own === undefined) gone.push(path);
  }
  if (lines.length === 0) return [];
  const put = { place: placeOf(store), arguments: ["update-index", "-z", "--index-info"], input: lines.join("") };
  const done = await runGit(put);
  return done instanceof Fault ? done : gone;
}

const kinds = { file: "100", symlink: "120" } as const;

/** `<mode> <object>`; undefined where nothing that could be read is there. */
async function readOurselves(store: ObjectStore, path: string): Promise<string | undefined | ReviewFault> {
  const side = sideNow(store.workspace, path);
  const content = contentNow(store.workspace, path);
  if (side === undefined || side === "unknown" || content === undefined) return undefined;
  // it gave way to something else in between
  if (blobName(content) !== side.object) return undefined;
  const object = await keepBlob(store, content);
  if (object instanceof Fault) return object;
  return side.kind === "symlink" ? `120000 ${object}` : `${(side.mode & 0o100) === 0 ? "100644" : "100755"} ${object}`;
}

/** A rename, too, changes the time of what is renamed (ctime), which nobody can set. */
function touchedSince(workspace: string, moment: number): (path: string) => boolean {
  const known = new Map<string, boolean>();
  const isFresh = (path: string): boolean => (statLink(`${workspace}/${path}`)?.ctimeMs ?? 0) >= moment;
  const below = (path: string): boolean => {
    const end = path.lastIndexOf("/");
    if (end < 0) return false;
    const directory = path.slice(0, end);
    const found = known.get(directory) ?? (below(directory) || isFresh(directory));
    known.set(directory, found);
    return found;
  };
  return (path) => below(path) || isFresh(path);
}
