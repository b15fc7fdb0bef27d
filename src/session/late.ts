// Names that the policy hides and that come to a live checkout while the session runs, by the person's hand or the tool's: a new
// file, or another in a covered one's place, which takes the cover with it. Each is covered as soon as it is seen, a masked one
// too, whole. Until then, some milliseconds, it can be read; that is on the record. Those that were hidden at the start go
// first: a tool that makes hidden names keeps nobody waiting but itself.

import type { Walls } from "../boundary/contract.ts";
import type { Append } from "../domain/entry.ts";
import type { Policy } from "../policy/policy.ts";
import type { Veiled } from "../policy/veil.ts";
import type { Arrival } from "../review/lookout.ts";
import { type Come, type CoverLine, lineUp } from "./cover-line.ts";
import { kindAt, Links } from "./late-links.ts";
import { hiddenFiles, ruleOf, type View } from "./view.ts";

/** More are not covered one by one: a tool could go on making them. */
const most = 2_000;
/** More are not counted. */
const counted = 20_000;

export interface Late {
  /** Something is there with this name, from the checkout's root. Attacker-controlled. Leaves: a directory to be looked into for it. */
  readonly came: (path: string, arrival: Arrival) => string | undefined;
  /** Some directories are not watched. */
  readonly unwatched: () => void;
  /** More came to the end than could be looked at. */
  readonly missed: () => void;
  /** What was not covered, on the record too. Nothing is covered any more. */
  readonly finish: () => readonly string[];
}

export interface Lateness {
  readonly root: string;
  readonly view: Pick<View, "of" | "leads" | "lies" | "hidden" | "masked">;
  readonly files: Pick<Policy["files"], "rules" | "hide" | "mask">;
  readonly append: Append;
  readonly cover: Walls["cover"];
}

const uncovered = "shown: it came while the session ran, and could not be covered";

export function openLate(lateness: Lateness): Late {
  const late = new Names(lateness);
  return {
    came: (path, arrival) => late.came(path, arrival),
    unwatched: () =>
      late.lack("not every directory could be watched: a hidden file that came there while the session ran was shown"),
    missed: () => late.missed(),
    finish: () => late.finish(),
  };
}

/** Each name once, however often it comes; all of them attacker-controlled. */
class Names {
  readonly #given: Lateness;
  /** Found at the start, by whatever name: a link's end or another name of a file is meant by its place alone. */
  readonly #known: ReadonlyMap<string, Veiled>;
  readonly #covered = new Set<string>();
  readonly #beyond = new Set<string>();
  /** Links among them: what they lead to is covered once, for nobody can tell by the link that it is. */
  readonly #links = new Set<string>();
  readonly #bare = new Set<string>();
  /** Directories that were covered since. */
  readonly #away = new Set<string>();
  readonly #lacks = new Set<string>();
  readonly #line: CoverLine;
  readonly #ways: Links;

  constructor(given: Lateness) {
    this.#given = given;
    const kind = (glob: string) => (given.files.hide.includes(glob) ? "hide" : "mask");
    const found = [...given.view.hidden, ...given.view.masked];
    this.#known = new Map(found.map(({ path, glob }) => [path, { kind: kind(glob), glob }]));
    this.#ways = new Links(given.root);
    this.#line = lineUp((come) => this.#cover(come));
  }

  came(path: string, { entry, seen }: Arrival): string | undefined {
    if (!entry.isFile()) this.#ways.forget();
    const names = [path, ...this.#ways.namesOf(path)];
    for (const name of names) if (this.#meant(path, name, { entry, seen })) break;
    return entry.isSymbolicLink() ? this.#behind(names, seen) : undefined;
  }

  /** `name`: its own, or one by which a link leads there. False: it is not meant by it. */
  #meant(path: string, name: string, { entry, seen }: Arrival): boolean {
    const { root, view, files } = this.#given;
    const [place, meant] = [`${root}/${path}`, `${root}/${name}`];
    const veiled = view.of(meant, !entry.isFile()) ?? this.#known.get(meant);
    // a directory of masked files is looked into
    if (veiled === undefined || (veiled.kind === "mask" && entry.isDirectory())) return false;
    if (view.lies(meant)) return true;
    if (entry.isSymbolicLink() && this.#isFound(place, seen)) return true;
    const known = this.#known.has(meant);
    if (!known && !this.#admits(place)) return true;
    const kind = entry.isSymbolicLink() ? kindAt(place) : entry.isDirectory() ? "directory" : "file";
    this.#line.add({ path, kind, rule: ruleOf(files, veiled), known, fresh: seen === "now" });
    return true;
  }

  /** Where a link leads by which names of the policy's are reached, or which is one itself. */
  #behind(names: readonly string[], seen: Arrival["seen"]): string | undefined {
    const { root, view } = this.#given;
    for (const name of names) {
      const place = `${root}/${name}`;
      const reached = view.leads(place) || [...this.#known.keys()].some((each) => each.startsWith(`${place}/`));
      // one that leads to a directory has it covered whole
      const meant = view.of(place, true) !== undefined && kindAt(place) === "file";
      if (reached && seen !== "start" && this.#ways.leadsOut(name)) this.#out(name);
      const end = reached || meant ? this.#ways.add(name, seen === "now") : undefined;
      if (reached && end !== undefined) return end;
    }
    if (this.#ways.over) this.lack("more links lead to names that the policy hides than are followed");
    return undefined;
  }

  /** Told once: one that the tool laid is one too many. */
  #out(path: string): void {
    const what =
      "a link that came while the session ran leads out of the checkout: what was written by a hidden name behind it was not covered";
    if (!this.#lacks.has(what)) this.#enter({ path, rule: hiddenFiles }, what);
    this.lack(what);
  }

  /** What it leads to was found at the start, or is covered already. */
  #isFound(link: string, seen: Arrival["seen"]): boolean {
    const found = seen === "start" || (seen === "again" && this.#links.has(link));
    if (this.#links.size < most) this.#links.add(link);
    return found;
  }

  #admits(place: string): boolean {
    if (this.#covered.size < most) this.#covered.add(place);
    if (this.#covered.has(place)) return true;
    if (this.#beyond.size < counted) this.#beyond.add(place);
    return false;
  }

  async #cover(come: Come): Promise<boolean> {
    const { root, cover } = this.#given;
    const done = await cover(`${root}/${come.path}`, come.kind).catch(() => "failed" as const);
    if (done !== "failed" && come.kind === "directory") this.#away.add(come.path);
    // by its path it cannot be reached inside any more
    const lies =
      done === "failed" && come.path.split("/").some((_, at, all) => this.#away.has(all.slice(0, at).join("/")));
    if (lies) return true;
    if (done === "failed") this.#show(come);
    if (done === "now") this.#enter(come, "hidden since it came, while the session ran", { verdict: "refuse" });
    return done !== "failed";
  }

  #show(come: Come): void {
    if (!this.#bare.has(come.path)) this.#enter(come, uncovered);
    this.#bare.add(come.path);
  }

  #enter(
    { path, rule }: Pick<Come, "path" | "rule">,
    why: string,
    verdict: { readonly verdict?: "refuse" } = {},
  ): void {
    // of a name that is no UTF-8 what can be written
    const sealed = { path: path.toWellFormed(), why };
    this.#given.append({ kind: "hidden-file", ...verdict, rule, sealed }).catch(() => undefined);
  }

  lack(what: string): void {
    const { hide, mask } = this.#given.files;
    if (hide.length + mask.length > 0) this.#lacks.add(what);
  }

  missed(): void {
    const what = "more names came at the session's end than were told of: a hidden file among them was shown";
    this.lack(what);
    if (this.#lacks.has(what))
      this.#enter({ path: "the checkout", rule: hiddenFiles }, `not known to the end: ${what}`);
  }

  finish(): readonly string[] {
    for (const come of this.#line.finish()) this.#show(come);
    const count = this.#bare.size + this.#beyond.size;
    const many = `${count}${this.#beyond.size === counted ? " or more" : ""}`;
    const what = `${many} files that the policy hides came while the session ran and were shown: see the entries hidden-file`;
    return [...(count === 0 ? [] : [what]), ...this.#lacks];
  }
}
