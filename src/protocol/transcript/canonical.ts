// Texts and arguments in one way of writing, so that what clients do to them by themselves makes no difference: white space, the order
// of members, how a number or a letter is written, members that say nothing. *Attacker-controlled*; the reader bounds its depth.

import { readJson } from "../json/reader.ts";
import { type JsonTree, kind } from "../json/tree.ts";

/** Without white space: clients trim texts, join them and part them. */
export const squeezed = (text: string): string => text.replaceAll(/\s+/g, "");

/** Members that are null, false or empty count as left out: clients put defaults in, and leave them out. */
const sayNothing = /^(?:null|false|""|\[\]|\{\})$/;

/** A value as it is read, members by their names. */
export function canonical(tree: JsonTree, node: number): string {
  switch (tree.kindOf(node)) {
    case kind.string:
      return JSON.stringify(squeezed(tree.textOf(node)));
    case kind.number:
      return String(Number(tree.bytes.toString("latin1", tree.fromOf(node), tree.toOf(node))));
    case kind.array:
      return `[${[...tree.below(node)].map((each) => canonical(tree, each)).join(",")}]`;
    case kind.object: {
      const members = [...tree.below(node)].map((each) => [tree.keyOf(each) ?? "", canonical(tree, each)] as const);
      const telling = members.filter(([, value]) => !sayNothing.test(value));
      const sorted = telling.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
    }
    case kind.literal:
      return tree.bytes.toString("latin1", tree.fromOf(node), tree.toOf(node));
  }
}

/** Arguments as a client or vendor writes them: JSON, JSON within a string, or a text. */
export function canonicalArguments(tree: JsonTree, node: number | undefined): string {
  if (node === undefined) return "{}";
  if (tree.kindOf(node) === kind.string) return canonicalText(tree.textOf(node));
  const made = canonical(tree, node);
  return made === "null" ? "{}" : made;
}

export function canonicalText(text: string): string {
  const plain = text.trim();
  if (plain === "" || plain === "null") return "{}";
  const done = /^[[{]/.test(plain) ? readJson(Buffer.from(plain)) : undefined;
  return done?.kind === "json" ? canonical(done.tree, 0) : squeezed(plain);
}
