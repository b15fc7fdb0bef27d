// Where a reader may go on in a body that begins as another one did: behind the last value that both have, however deep it stands.

import type { SpanPlace } from "../../domain/span.ts";
import { type JsonTree, kind } from "./tree.ts";

export interface Resumed {
  /** Octets read by then, and nodes. */
  readonly at: number;
  readonly size: number;
  /** Containers that are open there, from the outermost in; of an object the keys it has had. */
  readonly open: readonly Open[];
}

interface Open {
  readonly node: number;
  readonly keys: readonly SpanPlace[] | undefined;
}

/** `common`: octets that both begin with. Undefined where no value within another has ended by then. */
export function resumeIn(tree: JsonTree, common: number): Resumed | undefined {
  const { octets, nodes } = tree.trail.stands;
  const end = Math.min(common, octets);
  const open: Open[] = [];
  let resumed: Resumed | undefined;
  // what has ended as a whole is gone on with behind its last member
  for (let node: number | undefined = isContainer(tree, 0) ? 0 : undefined; node !== undefined; ) {
    const { last, next, keys } = membersOf(tree, node, { end, nodes });
    const isObject = tree.kindOf(node) === kind.object;
    const own: Open = { node, keys: isObject ? keys : undefined };
    if (last !== undefined) resumed = { at: endOf(tree, last), size: tree.afterOf(last), open: [...open, own] };
    const key = next === undefined ? undefined : tree.keyPlaceOf(next);
    open.push(key === undefined ? own : { node, keys: [...keys, key] });
    node = next !== undefined && isContainer(tree, next) ? next : undefined;
  }
  return resumed;
}

interface Bound {
  readonly end: number;
  readonly nodes: number;
}

/** The last one that has ended, the one behind it, and the keys up to the former. */
function membersOf(tree: JsonTree, node: number, { end, nodes }: Bound) {
  const keys: SpanPlace[] = [];
  const all = Math.min(tree.afterOf(node), nodes);
  let last: number | undefined;
  let at = node + 1;
  for (; at < all && hasEnded(tree, at, end); at = tree.afterOf(at)) {
    last = at;
    const key = tree.keyPlaceOf(at);
    if (key !== undefined) keys.push(key);
  }
  return { last, next: at < all ? at : undefined, keys };
}

const isContainer = (tree: JsonTree, node: number): boolean =>
  tree.kindOf(node) === kind.object || tree.kindOf(node) === kind.array;

/** A number or a word goes on as long as nothing else comes. */
const hasEnded = (tree: JsonTree, node: number, end: number): boolean =>
  endOf(tree, node) + (isContainer(tree, node) || tree.kindOf(node) === kind.string ? 0 : 1) <= end;

/** Behind its closing quote or bracket. */
const endOf = (tree: JsonTree, node: number): number => tree.toOf(node) + (tree.kindOf(node) === kind.string ? 1 : 0);
