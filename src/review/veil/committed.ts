// Which hidden and masked files git has all the same: tracked, or kept under the very content they have now. Whoever may read
// a repository reads its objects, so such a file is hidden in the working tree alone; that is said. Enters: the checkout's own
// index and objects, read as data by our git, without its configuration. What was committed once and says something else now
// is not found.

import { Fault } from "../../domain/fault.ts";
import { isWithin } from "../../policy/way.ts";
import { entriesOf } from "../entries.ts";
import { runGit, splitPaths } from "../git.ts";
import { gitDirectoryOf } from "../git-file.ts";
import { blobName } from "../keep-blob.ts";
import { readWhole, statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import { openObjectStore } from "../object-store.ts";
import { findRepositories } from "../repositories.ts";
import type { Concealed } from "./concealed.ts";

/** Paths below the root. */
export async function committedIn(
  state: string,
  root: string,
  { hidden, masked }: Pick<Concealed, "hidden" | "masked">,
): Promise<readonly string[]> {
  const meant = [...hidden, ...masked].map(({ path }) => path).filter((path) => isWithin(path, root));
  const store = openObjectStore(state, root);
  const [place] = gitDirectoryOf(root) === undefined ? [] : findRepositories(root, []);
  if (meant.length === 0 || place === undefined || store instanceof Fault) return [];
  const index = { store: store.directory, workTree: root, index: `${place.own}/index` };
  const listed = await runGit({ place: index, arguments: ["ls-files", "-z", "--cached"] });
  const tracked = listed instanceof Fault ? [] : splitPaths(listed).paths;
  const found = new Set(tracked.filter((path) => meant.some((one) => isWithin(`${root}/${path}`, one))));
  const rest = filesIn(meant).filter((path) => !found.has(path.slice(root.length + 1)));
  const names = rest.flatMap((path) => {
    const content = readWhole(path, limits.ignoredBytes);
    return content === undefined || content.length === 0 ? [] : [{ path, object: blobName(content) }];
  });
  if (names.length === 0) return [...found];
  const asked = await runGit({
    place: { ...index, objects: { directory: `${place.common}/objects`, borrowed: [] } },
    arguments: ["cat-file", "--batch-check=%(objectname) %(objecttype)"],
    input: names.map(({ object }) => `${object}\n`).join(""),
  });
  const lines = asked instanceof Fault ? [] : asked.toString().split("\n");
  const kept = names.filter((_, at) => lines[at]?.endsWith(" blob") === true);
  return [...found, ...kept.map(({ path }) => path.slice(root.length + 1))];
}

/** Regular files among these and below those that are directories, as far as the bound. */
function filesIn(paths: readonly string[]): readonly string[] {
  const files: string[] = [];
  const queue = [...paths];
  for (let path = queue.pop(); path !== undefined && files.length < limits.committed; path = queue.pop()) {
    const stats = statLink(path);
    if (stats?.isFile() === true) files.push(path);
    else if (stats?.isDirectory() === true) queue.push(...(entriesOf(path) ?? []).map(({ name }) => `${path}/${name}`));
  }
  return files;
}
