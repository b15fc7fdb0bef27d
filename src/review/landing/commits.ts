// What a branch brings with it: commits, each with its author, subject and paths. Enters: objects of a private copy,
// *attacker-controlled*, through a git directory of ours; leaves: what a person is shown, and which paths are control
// files or no file's at all.

import { Fault } from "../../domain/fault.ts";
import { type GitPlace, type ReviewFault, runGit } from "../git.ts";
import { limits } from "../limits.ts";
import { isGitsOwn, rowOf } from "./apart.ts";

export interface Commit {
  readonly object: string;
  readonly author: string;
  readonly subject: string;
  /** Against each of its parents. */
  readonly changes: readonly CommitChange[];
  /** Control files among them. */
  readonly control: readonly string[];
  /** One of them has a name that means a git directory. */
  readonly forbidden: boolean;
}

export interface CommitChange {
  readonly path: string;
  /** Contents; undefined where there is none, or where it is a submodule's commit. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** git's, six digits: file, executable, link, submodule; `000000` for none. */
  readonly modes: readonly [before: string, after: string];
}

/** Newest first: what `after` holds and `known` does not. `named`: control files by the person's own configuration. */
export async function commitsOf(
  place: GitPlace,
  after: string,
  { known, named }: { readonly known: readonly string[]; readonly named: readonly string[] },
): Promise<readonly Commit[] | ReviewFault> {
  const told = await runGit({
    place,
    arguments: ["log", "-z", "--stdin", "--format=%H%n%an%n%s", `--max-count=${limits.commits + 1}`],
    input: [after, ...known.map((each) => `^${each}`), ""].join("\n"),
  });
  if (told instanceof Fault) return told;
  const records = told
    .toString()
    .split("\0")
    .filter((record) => record !== "");
  if (records.length > limits.commits)
    return new Fault({ code: "landing", message: `a branch brings more than ${limits.commits} commits` });
  const heads = records.map((record) => record.split("\n"));
  const changes = await changesOf(
    place,
    heads.map(([object = ""]) => object),
  );
  if (changes instanceof Fault) return changes;
  return heads.map(([object = "", author = "", subject = ""]) => {
    const own = changes.get(object) ?? [];
    const paths = own.map(({ path }) => path);
    const isNamed = (path: string): boolean => named.some((each) => `${path}/`.startsWith(`${each}/`));
    const control = paths.filter((path) => rowOf(path) !== undefined || isNamed(path));
    return { object, author, subject, changes: own, control, forbidden: paths.some(isGitsOwn) };
  });
}

/** `<commit>` NUL, then `:<mode> <mode> <object> <object> <status>` NUL `<path>` NUL (git-diff-tree); a merge once a parent. */
async function changesOf(
  place: GitPlace,
  commits: readonly string[],
): Promise<ReadonlyMap<string, readonly CommitChange[]> | ReviewFault> {
  const options = ["--stdin", "-r", "-m", "-z", "--root", "--raw", "--full-index", "--no-renames"];
  const input = commits.map((commit) => `${commit}\n`).join("");
  const output = await runGit({ place, arguments: ["diff-tree", ...options], input });
  if (output instanceof Fault) return output;
  const found = new Map<string, CommitChange[]>(commits.map((commit) => [commit, []]));
  const words = output.toString().split("\0");
  let current: CommitChange[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, old, fresh, from, to] = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) [A-Z]/.exec(word) ?? [];
    if (old === undefined || fresh === undefined) current = found.get(word) ?? current;
    else {
      at += 1;
      const content = (mode: string, object: string | undefined) => (/^(?:100|120)/.test(mode) ? object : undefined);
      const path = words[at] ?? "";
      current.push({ path, before: content(old, from), after: content(fresh, to), modes: [old, fresh] });
    }
  }
  return found;
}

/** How many commits the one holds that the other does not: 0 is a branch that only went on. */
export async function countDropped(
  place: GitPlace,
  { before, after }: { readonly before: string | undefined; readonly after: string | undefined },
): Promise<number | ReviewFault> {
  if (before === undefined) return 0;
  const output = await runGit({
    place,
    arguments: ["rev-list", "--count", "--stdin"],
    input: after === undefined ? `${before}\n` : `${before}\n^${after}\n`,
  });
  return output instanceof Fault ? output : Number(output.toString());
}
