// What a person said to accept → the items meant, or why not. Pure. `all` is everything that needs no naming; a path is
// that item, or what lies below that directory; `path#2,4-5` is some of a file's hunks, counted from 1 as they are shown.

import type { Item, Review } from "./review.ts";

export interface Chosen {
  readonly item: Item;
  /** Places in its list of hunks; undefined: all of it. */
  readonly hunks: readonly number[] | undefined;
}

export type Selection =
  | { readonly kind: "chosen"; readonly all: readonly Chosen[] }
  | { readonly kind: "refused"; readonly why: string; readonly hint: string };

export interface Wanted {
  readonly words: readonly string[];
  /** With conflicts, the rest all the same. */
  readonly rest: boolean;
  /** How a name is written where it holds what cannot be printed. */
  readonly spell: (name: string) => string;
}

export function select(review: Review, wanted: Wanted): Selection {
  const chosen = new Map<string, Chosen>();
  for (const word of wanted.words) {
    const meant = word === "all" ? everything(review, wanted) : named(review, word, wanted.spell);
    if (meant.kind === "refused") return meant;
    for (const each of meant.all) {
      const before = chosen.get(each.item.id);
      chosen.set(each.item.id, before === undefined ? each : join(before, each));
    }
  }
  return { kind: "chosen", all: review.items.map(({ id }) => chosen.get(id)).filter((each) => each !== undefined) };
}

function join(left: Chosen, right: Chosen): Chosen {
  const some = left.hunks !== undefined && right.hunks !== undefined;
  const hunks = some ? [...new Set([...(left.hunks ?? []), ...(right.hunks ?? [])])].sort((a, b) => a - b) : undefined;
  return { item: left.item, hunks };
}

const refuse = (why: string, hint: string): Selection => ({ kind: "refused", why, hint });
const whole = (item: Item): Chosen => ({ item, hunks: undefined });

function everything({ items, conflicts }: Review, { rest }: Wanted): Selection {
  const stuck = conflicts.filter(({ apart }) => apart === undefined);
  const [first] = stuck;
  if (first !== undefined && !rest) {
    const more = stuck.length > 1 ? ` and ${stuck.length - 1} more` : "";
    return refuse(`${first.id}${more}: ${first.why}`, "name what is to land, or add --rest for all but these");
  }
  return { kind: "chosen", all: items.filter((item) => item.apart === undefined).map(whole) };
}

function named(review: Review, word: string, spell: Wanted["spell"]): Selection {
  const is = (id: string) => id === word || spell(id) === word || id === `${word}/`;
  const item = review.items.find(({ id }) => is(id));
  if (item !== undefined) return { kind: "chosen", all: [whole(item)] };
  const conflict = review.conflicts.find(({ id }) => is(id));
  if (conflict !== undefined)
    return refuse(`${word}: ${conflict.why}`, "change the copy or the checkout, and look again");
  const [, path, numbers] = /^(.+)#([\d,-]+)$/.exec(word) ?? [];
  if (path !== undefined && numbers !== undefined) return someHunks(review, { path, numbers }, spell);
  const directory = `${word.replace(/\/$/, "")}/`;
  const below = review.items.filter(({ id, apart }) => id.startsWith(directory) && apart === undefined);
  if (below.length > 0) return { kind: "chosen", all: below.map(whole) };
  return refuse(`nothing called ${spell(word)} waits to land`, "postern review lists what does");
}

interface Part {
  readonly path: string;
  readonly numbers: string;
}

function someHunks({ items }: Review, { path, numbers }: Part, spell: Wanted["spell"]): Selection {
  const item = items.find(({ id }) => id === path || spell(id) === path);
  if (item?.kind !== "file" || item.difference?.kind !== "hunks")
    return refuse(`${spell(path)} has no hunks that could be told apart`, "name it whole");
  const count = item.difference.hunks.length;
  const hunks = parseNumbers(numbers);
  if (hunks === undefined || hunks.some((each) => each < 1 || each > count))
    return refuse(`${spell(path)} has hunks 1 to ${count}`, "such as #1, #1,3 or #2-4");
  return { kind: "chosen", all: [{ item, hunks: hunks.map((each) => each - 1) }] };
}

/** `1,3-4` → its numbers, ascending; undefined where it is not written so. */
export function parseNumbers(text: string): readonly number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from)) return undefined;
    for (let each = Number(from); each <= Number(to); each += 1) found.add(each);
  }
  return [...found].sort((left, right) => left - right);
}
