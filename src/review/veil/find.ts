// What a policy's `hide` and `mask` mean in the trees a session is shown, as they stand now: by real paths, so that it makes no
// difference by which way something inside gets there. Enters: real roots and a veil; everything below a root is
// *attacker-controlled*. Links are not followed but for where they lead: a link that is meant means what it leads to. What
// cannot be looked at to its end is a fault, for one file that was not found is one that is shown.

import { realpathSync } from "node:fs";
import { basename } from "node:path";
import { Fault } from "../../domain/fault.ts";
import type { Veil, Veiled } from "../../policy/veil.ts";
import { isWithin } from "../../policy/way.ts";
import { entriesOf } from "../entries.ts";
import type { ReviewFault } from "../git.ts";
import { isGitName } from "../git-directory.ts";
import { readWhole, statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import { isShut } from "../sockets.ts";
import type { Concealed, Hidden, Masked } from "./concealed.ts";
import { maskFile } from "./mask/mask.ts";
import { secondNames } from "./second-names.ts";

/** `roots`: real paths; globs are read from each. `beside`: what else is shown, where other names of the same files may lie. */
export function findConcealed(
  roots: readonly string[],
  veil: Veil,
  beside: readonly string[] = [],
): Concealed | ReviewFault {
  if (veil.empty) return { hidden: [], masked: [], whole: [] };
  try {
    const search = new Search(roots, veil);
    for (const root of roots) search.walk({ root, directory: root, path: "" });
    return search.finish(beside);
  } catch (error) {
    if (error instanceof Unfound) return refusal(error.message);
    throw error;
  }
}

class Unfound extends Error {}

const refusal = (message: string): ReviewFault =>
  new Fault({
    code: "veil",
    message: `not everything that files.hide and files.mask mean can be found: ${message}`,
    hint: "hide the directory as a whole, or make the checkout smaller",
  });

interface Walk {
  readonly root: string;
  /** Real, where the walk is. */
  readonly directory: string;
  /** From the root, by the names that lead there. */
  readonly path: string;
  /** Behind so many links. */
  readonly links?: number;
}

class Search {
  readonly #roots: readonly string[];
  readonly #veil: Veil;
  readonly #hidden = new Map<string, Hidden>();
  readonly #masked = new Map<string, Masked>();
  readonly #whole = new Set<string>();
  #seen = 0;

  constructor(roots: readonly string[], veil: Veil) {
    this.#roots = roots;
    this.#veil = veil;
  }

  walk(from: Walk): void {
    let queue: readonly Walk[] = [from];
    for (let depth = 0; queue.length > 0; depth += 1) {
      if (depth > limits.walkDepth) throw new Unfound("directories nested too deep");
      queue = queue.flatMap((each) => this.#visit(each));
    }
  }

  #visit(walk: Walk): readonly Walk[] {
    const entries = entriesOf(walk.directory);
    if (entries === undefined && !isShut(walk.directory)) throw new Unfound(`${walk.directory} cannot be listed`);
    this.#seen += entries?.length ?? 0;
    if (this.#seen > limits.walkEntries) throw new Unfound("too many files");
    const below: Walk[] = [];
    for (const entry of entries ?? []) {
      if (isGitName(entry.name)) continue;
      const path = walk.path === "" ? entry.name : `${walk.path}/${entry.name}`;
      const directory = `${walk.directory}/${entry.name}`;
      const veiled = this.#veil.of(path, !entry.isFile());
      // not its name: by this one it can neither be covered nor looked into
      if (entry.name.includes("\ufffd") && (veiled !== undefined || entry.isDirectory()))
        throw new Unfound(`the name of ${directory} is no UTF-8`);
      const next = { ...walk, path, directory };
      if (entry.isSymbolicLink()) below.push(...this.#link(next, veiled));
      else if (veiled?.kind === "hide") {
        this.#hide(directory, veiled.glob, entry.isDirectory());
        if (entry.isDirectory()) this.#linksIn(directory, veiled.glob);
      } else if (entry.isDirectory()) {
        // behind a link only what is meant by way of it: all else is found where it lies
        if (walk.links === undefined || veiled !== undefined || this.#veil.below(path) !== undefined) below.push(next);
      } else if (veiled !== undefined) this.#mask(directory, veiled.glob);
    }
    return below;
  }

  /** One that is meant means its end; behind any other, globs with a place in them may mean what lies there by this way. */
  #link(link: Walk, veiled: Veiled | undefined): readonly Walk[] {
    const end = endOf(link.directory);
    const is = end === undefined ? undefined : statLink(end);
    if (end === undefined || is === undefined) return [];
    if (veiled === undefined) {
      const links = (link.links ?? 0) + 1;
      const reach = is.isDirectory() ? this.#veil.below(link.path) : undefined;
      const around = this.#roots.some((root) => isWithin(root, end));
      // by `**` every link could lead to something, and around in circles
      const crossed = reach === "crossed" && links === 1 && !around && !link.path.includes("node_modules/");
      const worth = crossed || (reach === "named" && links <= limits.veilLinks);
      return worth && this.#roots.some((root) => isWithin(end, root)) ? [{ ...link, directory: end, links }] : [];
    }
    if (this.#roots.some((root) => isWithin(root, end)))
      throw new Unfound(`${link.directory} is a link to ${end}, in which everything lies`);
    if (veiled.kind === "mask" && is.isDirectory()) this.#whole.add(end);
    if (veiled.kind === "hide" || is.isDirectory()) this.#hide(end, veiled.glob, is.isDirectory());
    else this.#mask(end, veiled.glob);
    return [];
  }

  /** A link in what is hidden whole is meant with all that is in it: so is what it leads to elsewhere in these trees. */
  #linksIn(top: string, glob: string): void {
    const queue = [top];
    for (let directory = queue.pop(); directory !== undefined; directory = queue.pop())
      for (const entry of entriesOf(directory) ?? []) {
        this.#seen += 1;
        if (this.#seen > limits.walkEntries) throw new Unfound("too many files");
        const path = `${directory}/${entry.name}`;
        if (entry.isDirectory()) queue.push(path);
        const end = entry.isSymbolicLink() ? endOf(path) : undefined;
        // in it, or around it or another tree; among git's own nothing is meant
        const around = end !== undefined && [top, ...this.#roots].some((each) => isWithin(each, end));
        if (end === undefined || around || isWithin(end, top) || end.split("/").some(isGitName)) continue;
        const shown = this.#roots.some((each) => isWithin(end, each));
        const is = shown ? statLink(end) : undefined;
        if (is !== undefined) this.#hide(end, glob, is.isDirectory());
      }
  }

  #hide(path: string, glob: string, directory: boolean): void {
    this.#hidden.set(path, { path, glob, directory });
    if (this.#hidden.size + this.#masked.size > limits.veiled)
      throw new Unfound(`more than ${limits.veiled} files and directories are meant one by one`);
  }

  #mask(path: string, glob: string): void {
    const content = readWhole(path, limits.maskedBytes);
    const text = content === undefined ? undefined : maskFile(basename(path), content);
    if (text === undefined || this.#masked.size >= limits.masked) {
      this.#whole.add(path);
      this.#hide(path, glob, false);
    } else this.#masked.set(path, { path, glob, text });
  }

  finish(beside: readonly string[]): Concealed {
    const directories = [...this.#hidden.values()].filter(({ directory }) => directory);
    const { names, truncated } = secondNames({
      roots: [...this.#roots, ...beside.filter((path) => !this.#roots.some((root) => isWithin(path, root)))],
      hidden: [...this.#hidden.values()],
      masked: [...this.#masked.values()],
    });
    for (const { path, first } of names) {
      if (path.split("/").some(isGitName))
        throw new Unfound(`${path} is another name of ${first.path}, among git's own files: take it away`);
      if ("text" in first) this.#masked.set(path, { ...first, path });
      else this.#hide(path, first.glob, false);
    }
    const below = (path: string) => directories.some((one) => one.path !== path && isWithin(path, one.path));
    const hidden = [...this.#hidden.values()].filter(({ path }) => !below(path));
    const masked = [...this.#masked.values()].filter(({ path }) => !below(path) && !this.#hidden.has(path));
    const whole = [...this.#whole].filter((path) => !below(path));
    if (truncated) throw new Unfound("too many files among which other names (hard links) of hidden ones may be");
    return { hidden, masked, whole };
  }
}

function endOf(link: string): string | undefined {
  try {
    return realpathSync(link);
  } catch {
    return undefined;
  }
}
