// Nothing of Postern's own may be seen inside: the keys of the record and of the vault, and other sessions' homes, lie in
// the state directory. What enters: that directory and the trees to be shown. What leaves: the tree that would show it.

import { realpathSync } from "node:fs";

/** The first tree that holds the state directory or lies in it, links followed; undefined where none does. */
export function showing(state: string, trees: readonly string[]): string | undefined {
  const own = real(state);
  return trees.find((tree) => holds(real(tree), own) || holds(own, real(tree)));
}

function holds(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer === "/" ? "/" : `${outer}/`);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
