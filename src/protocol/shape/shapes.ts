// What the descriptions of protocols are put together from. A description is data: names of fields, and how each is read.

import type { Role } from "../../domain/span.ts";
import { kind } from "../json/tree.ts";
import { below, count, depthOf, type Shape } from "./walk.ts";

/** A string that somebody said, or wrote. */
export const text: Shape = (walk, node, at) => walk.span(node, at, "text");

/** Names, identifiers, settings, numbers, of whatever shape: the protocol's own. */
export const setting: Shape = (walk, node, at) => walk.all(node, { ...at, role: "structure" }, "text");

/** Fields that are, by their names with blanks between. */
export const settings = (names: string): Readonly<Record<string, Shape>> =>
  Object.fromEntries(names.split(" ").map((name) => [name, setting]));

/** JSON of somebody else's shape: arguments, schemas. */
export const free: Shape = (walk, node, at) => walk.all(node, at);

/** Signed or encrypted: looked at, never changed. */
export const opaque: Shape = (walk, node, at) => walk.all(node, at, "opaque");

/** Octets in base64. */
export const media: Shape = (walk, node, at) => walk.span(node, at, "media");

type Fields = Readonly<Record<string, Shape>>;

/** Members that `fields` has not are drift. `null` stands for any member that is left out. */
export function object(fields: Fields): Shape {
  const known = new Map(Object.entries(fields));
  return (walk, node, at) => {
    if (walk.tree.kindOf(node) !== kind.object) return walk.strange("kind", node, at);
    const top = depthOf(at) === 0;
    for (const each of walk.tree.below(node)) {
      const shape = known.get(walk.tree.keyOf(each) ?? "");
      const read = (): void => {
        if (shape === undefined) walk.strangeField(each, at);
        else if (!walk.isNull(each)) shape(walk, each, below(at, walk.nameOf(each)));
      };
      if (top) walk.part(each, { shape, at }, read);
      else read();
    }
  };
}

export const list =
  (shape: Shape): Shape =>
  (walk, node, at) => {
    if (walk.tree.kindOf(node) !== kind.array) return walk.strange("kind", node, at);
    const read = (each: number, nth: number): void => shape(walk, each, below(at, `[${nth}]`));
    if (depthOf(at) === 1) walk.parts(node, { shape, at }, read);
    else for (const [nth, each] of count(walk.tree.below(node))) read(each, nth);
  };

/** A string by the first, an array by the second. */
export const either =
  (string: Shape, array: Shape): Shape =>
  (walk, node, at) =>
    (walk.tree.kindOf(node) === kind.string ? string : array)(walk, node, at);

/** By the string that its member `name` holds; one that nobody has described is drift. */
export function by(name: string, shapes: Fields, what: "type" | "role" = "type", otherwise?: Shape): Shape {
  const known = new Map(Object.entries(shapes));
  return (walk, node, at) => {
    const value = walk.tree.stringIn(node, name);
    const shape = value === undefined ? otherwise : known.get(value);
    if (shape === undefined) walk.strange(what, node, at, value ?? "");
    else shape(walk, node, at);
  };
}

export const as =
  (role: Role, shape: Shape): Shape =>
  (walk, node, at) =>
    shape(walk, node, { ...at, role });

export const fixed =
  (shape: Shape): Shape =>
  (walk, node, at) =>
    shape(walk, node, { ...at, fixed: true });

interface CallFields {
  /** The member that holds the call's identifier. */
  readonly id: string;
  /** The members that lead to the tool's name. */
  readonly name?: readonly string[];
}

/** What is below is a call's; whoever answers it later is told the tool's name by the identifier. */
export const call =
  ({ id, name = ["name"] }: CallFields, shape: Shape): Shape =>
  (walk, node, at) => {
    const [identifier, tool] = [walk.tree.stringIn(node, id), walk.stringAt(node, name)];
    if (identifier !== undefined && tool !== undefined) walk.called(identifier, tool);
    shape(walk, node, { ...at, role: "call", call: identifier, tool });
  };

/** What is below came of a call. */
export const result =
  ({ id, name }: CallFields, shape: Shape): Shape =>
  (walk, node, at) => {
    const identifier = walk.tree.stringIn(node, id);
    const named = name === undefined ? undefined : walk.stringAt(node, name);
    const tool = named ?? (identifier === undefined ? undefined : walk.toolOf(identifier));
    shape(walk, node, { ...at, role: "result", call: identifier, tool });
  };

/** What stands where a person's words stand. A tool wraps what it adds in tags (`<system-reminder>`, `<environment_context>`). */
export const said: Shape = (walk, node, at) => {
  const { tree } = walk;
  let first = tree.fromOf(node);
  while (first < tree.toOf(node) && (tree.bytes[first] ?? 0) <= 0x20) first += 1;
  const isTagged = at.role === "person" && tree.bytes[first] === 0x3c;
  walk.span(node, isTagged ? { ...at, role: "scaffold" } : at, "text");
};
