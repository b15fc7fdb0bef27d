// Pairs of contents → their differences, all through one git process: two trees whose names are numbers, so that no name
// from a checkout stands in what git answers. Enters: objects of that place.

import { Fault } from "../../domain/fault.ts";
import { type GitPlace, type ReviewFault, runGit } from "../git.ts";
import { limits } from "../limits.ts";
import { type Difference, parseDifferences } from "./hunks.ts";

export interface ContentPair {
  /** Undefined: nothing there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** In the order of the pairs; undefined where both are the same content. */
export async function differencesOf(
  place: GitPlace,
  pairs: readonly ContentPair[],
): Promise<readonly (Difference | undefined)[] | ReviewFault> {
  const found: (Difference | undefined)[] = [];
  for (let from = 0; from < pairs.length; from += limits.diffed) {
    const part = await diff(place, pairs.slice(from, from + limits.diffed));
    if (part instanceof Fault) return part;
    found.push(...part);
  }
  return found;
}

async function diff(
  place: GitPlace,
  pairs: readonly ContentPair[],
): Promise<readonly (Difference | undefined)[] | ReviewFault> {
  const [before, after] = await Promise.all([
    tree(
      place,
      pairs.map((pair) => pair.before),
    ),
    tree(
      place,
      pairs.map((pair) => pair.after),
    ),
  ]);
  if (before instanceof Fault) return before;
  if (after instanceof Fault) return after;
  const options = ["-r", "-p", "--no-renames", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv"];
  const output = await runGit({
    place,
    arguments: ["diff-tree", ...options, "--src-prefix=a/", "--dst-prefix=b/", before, after],
    settings: [`core.bigFileThreshold=${limits.diffedBytes}`],
  });
  if (output instanceof Fault) return output;
  const found = parseDifferences(output.toString("latin1"));
  return pairs.map((_, number) => found.get(number));
}

async function tree(place: GitPlace, objects: readonly (string | undefined)[]): Promise<string | ReviewFault> {
  const lines = objects.flatMap((object, number) =>
    object === undefined ? [] : [`100644 blob ${object}\t${number}\n`],
  );
  const output = await runGit({ place, arguments: ["mktree"], input: lines.join("") });
  return output instanceof Fault ? output : output.toString().trim();
}
