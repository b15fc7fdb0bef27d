// A private copy without what the policy hides, and with other values in what it masks: in the tree of its store, so that none
// of it counts as a change; in the files, where everything that came another way (ignored directories, what is too large to be
// kept) is looked through once more; and in its indexes, where git is told not to look. Enters: names in the copy,
// *attacker-controlled*. What is to be masked and is not known by its text is taken out.

import { writeFileSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import { fold } from "../../domain/fold.ts";
import { type Veil, type Veiled, veilOf } from "../../policy/veil.ts";
import { removeTree } from "../copy.ts";
import { entriesOf } from "../entries.ts";
import { standAt } from "../foothold.ts";
import { type ReviewFault, runGit, splitPaths } from "../git.ts";
import { isGitName } from "../git-directory.ts";
import { keepBlob } from "../keep-blob.ts";
import { readWhole } from "../leaf.ts";
import { limits } from "../limits.ts";
import { type ObjectStore, placeOf, replaceFile } from "../object-store.ts";
import type { UndoPoint } from "../undo-point.ts";
import type { Concealed } from "../veil/concealed.ts";

/** What a copy was made without, as its record keeps it: globs, and paths of the checkout that are meant by another name. */
export interface CopyVeil {
  readonly hide: readonly string[];
  readonly mask: readonly string[];
  readonly hidden: readonly string[];
  readonly masked: readonly string[];
  /** Where the copied checkout lies below the workspace; empty: nowhere, or it is the workspace. */
  readonly at: string;
}

export interface Concealing {
  readonly veil: CopyVeil;
  /** Path → what is there instead. */
  readonly texts: ReadonlyMap<string, string>;
}

export function concealingOf(
  checkout: string,
  { hidden, masked }: Pick<Concealed, "hidden" | "masked">,
  { hide, mask, at }: Pick<CopyVeil, "hide" | "mask" | "at">,
): Concealing {
  const within = (path: string): readonly string[] =>
    path.startsWith(`${checkout}/`) ? [path.slice(checkout.length + 1)] : [];
  const texts = new Map(masked.flatMap(({ path, text }) => within(path).map((each) => [each, text] as const)));
  const veil = { hide, mask, at, hidden: hidden.flatMap(({ path }) => within(path)), masked: [...texts.keys()] };
  return { veil, texts };
}

/** By the globs, and by what they were found to mean beside them. */
export function veilOfCopy({ hide, mask, hidden, masked, at }: CopyVeil): Veil["of"] {
  const { of } = veilOf({ hide, mask });
  const [away, other] = [new Set(hidden), new Set(masked)];
  return (path, directory) => {
    const around = at === "" ? undefined : of(`${at}/${path}`, directory);
    const own = of(path, directory);
    const found = around?.kind === "hide" ? around : (own ?? around);
    if (found?.kind === "hide") return found;
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1))
      if (away.has(path.slice(0, end))) return { kind: "hide", glob: "" };
    return found ?? (other.has(path) ? { kind: "mask", glob: "" } : undefined);
  };
}

/** Something hidden or masked lies below, in a directory that is none of these itself. */
export function isAbove({ hidden, masked }: CopyVeil, path: string): boolean {
  const start = `${fold(path)}/`;
  return [...hidden, ...masked].some((each) => fold(each).startsWith(start));
}

/** Why nothing lands there. */
export function sayVeiled({ kind, glob }: Veiled): string {
  const [done, key] = kind === "hide" ? ["hidden", "files.hide"] : ["masked", "files.mask"];
  return `it is ${done} by the policy (${glob === "" ? `another name, ${key}` : `${key}: ${glob}`}), and what is made there inside does not land`;
}

/** The point as the copy begins with it. The store is the copy's own. */
export async function concealBase(
  store: ObjectStore,
  base: UndoPoint,
  { veil, texts }: Concealing,
): Promise<UndoPoint | ReviewFault> {
  const of = veilOfCopy(veil);
  const read = await runGit({ place: placeOf(store), arguments: ["read-tree", base.tree] });
  if (read instanceof Fault) return read;
  const listed = await runGit({ place: placeOf(store), arguments: ["ls-files", "--stage", "-z"] });
  if (listed instanceof Fault) return listed;
  const lines: string[] = [];
  // `<mode> <object> <stage>` TAB `<path>` NUL (git-ls-files, --stage)
  for (const line of listed.toString().split("\0")) {
    const [, mode = "", path = ""] = /^(\d{6}) [0-9a-f]+ 0\t(.*)$/s.exec(line) ?? [];
    const veiled = path === "" ? undefined : of(path, mode === "120000");
    if (veiled === undefined) continue;
    const text = veiled.kind === "mask" && mode.startsWith("100") ? texts.get(path) : undefined;
    const object = text === undefined ? undefined : await keepBlob(store, Buffer.from(text));
    if (object instanceof Fault) return object;
    lines.push(object === undefined ? `0 ${"0".repeat(40)}\t${path}\0` : `${mode} ${object}\t${path}\0`);
  }
  const changed = await runGit({
    place: placeOf(store),
    arguments: ["update-index", "-z", "--index-info"],
    input: lines.join(""),
  });
  if (changed instanceof Fault) return changed;
  const tree = await runGit({ place: placeOf(store), arguments: ["write-tree"] });
  if (tree instanceof Fault) return tree;
  const point = {
    ...base,
    tree: tree.toString().trim(),
    empty: base.empty.filter((path) => of(path, true)?.kind !== "hide"),
    ignored: base.ignored.filter((path) => of(path.replace(/\/$/, ""), true)?.kind !== "hide"),
  };
  replaceFile(`${store.directory}/last.json`, JSON.stringify({ tree: point.tree, modes: point.modes, ownIndex: "" }));
  return point;
}

/** Whatever else came into the tree. Throws where it cannot be taken out again. */
export function concealTree(tree: string, { veil, texts }: Concealing): void {
  const of = veilOfCopy(veil);
  const queue = [""];
  for (let directory = queue.pop(); directory !== undefined; directory = queue.pop())
    for (const entry of entriesOf(`${tree}/${directory}`) ?? unreached(directory)) {
      if (isGitName(entry.name)) continue;
      const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
      const veiled = of(path, !entry.isFile());
      if (entry.isDirectory() && veiled?.kind !== "hide") queue.push(path);
      else if (veiled !== undefined && path.includes("\ufffd")) unreached(path);
      else if (veiled !== undefined)
        conceal(tree, path, veiled.kind === "mask" && entry.isFile() ? texts.get(path) : undefined);
    }
}

function unreached(path: string): never {
  const message = `${path} cannot be reached in the private copy, and may hold what is to be hidden`;
  throw new Fault({ code: "veil", message, hint: "let every directory be one you may list, every name UTF-8" });
}

function conceal(tree: string, path: string, text: string | undefined): void {
  using stand = standAt(tree, path);
  const place = stand?.directory.at(stand.name) ?? unreached(path);
  if (text === undefined) removeTree(place);
  else if (readWhole(place, limits.maskedBytes)?.toString() !== text) writeFileSync(place, text);
}

export interface ConcealedIndex {
  /** Of a git directory of the copy. */
  readonly index: string;
  /** Where its working tree lies in the checkout; empty: the checkout itself. */
  readonly at: string;
}

/** What is hidden is no deletion to git inside, what is masked no change (git-update-index(1), skip-worktree). False: it cannot be told so. */
export async function concealIndex(
  store: ObjectStore,
  { index, at }: ConcealedIndex,
  { veil }: Concealing,
): Promise<boolean> {
  const of = veilOfCopy(veil);
  const place = { ...placeOf(store), index };
  const listed = await runGit({ place, arguments: ["ls-files", "-z", "--cached"] });
  if (listed instanceof Fault) return false;
  const meant = splitPaths(listed).paths.filter((path) => of(at === "" ? path : `${at}/${path}`) !== undefined);
  if (meant.length === 0) return true;
  const input = meant.map((path) => `${path}\0`).join("");
  const marked = await runGit({ place, arguments: ["update-index", "--skip-worktree", "-z", "--stdin"], input });
  return !(marked instanceof Fault);
}
