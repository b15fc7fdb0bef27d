// Nothing of Postern's own may be seen inside: the keys of the record and of the vault, and other sessions' homes, lie in
// the state directory. What enters: that directory and the trees to be shown. What leaves: the tree that would show it.

import { dirname } from "node:path";
import { followLinks, realPath } from "../inventory/search.ts";

/** The first tree that holds the state directory or lies in it, links followed; undefined where none does. */
export function showing(state: string, trees: readonly string[]): string | undefined {
  const own = realPath(state);
  return trees.find((tree) => holds(realPath(tree), own) || holds(own, realPath(tree)));
}

/** The first tree in which a link on the way to this file lies: who can change the tree can lead whoever follows elsewhere. */
export function leading(file: string, trees: readonly string[]): string | undefined {
  const links = [dirname(file), file].flatMap((path) => followLinks(path).links);
  return trees.find((tree) => links.some((link) => holds(realPath(tree), link)));
}

function holds(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer === "/" ? "/" : `${outer}/`);
}
