// Names that the policy hides and that come to a live checkout while the session runs, by the person's hand or the tool's: a new
// file, or another in a covered one's place, which takes the cover with it. Each is covered as soon as it is seen, a masked one
// too, whole. Until then, some milliseconds, it can be read; that is on the record. Those that were hidden at the start go
// first: a tool that makes hidden names keeps nobody waiting but itself.

import type { Walls } from "../boundary/contract.ts";
import type { Append } from "../domain/entry.ts";
import type { Policy } from "../policy/policy.ts";
import type { Arrival } from "../review/lookout.ts";
import { ruleOf, type View } from "./view.ts";

/** More are not covered one by one: a tool could go on making them. */
const most = 2_000;

export interface Late {
  /** Something is there with this name, from the checkout's root. Attacker-controlled. */
  readonly came: (path: string, arrival: Arrival) => void;
  /** Some directories are not watched. */
  readonly unwatched: () => void;
  readonly warnings: () => readonly string[];
}

export interface Lateness {
  readonly root: string;
  readonly view: Pick<View, "of" | "lies" | "hidden" | "masked">;
  readonly files: Pick<Policy["files"], "rules" | "hide" | "mask">;
  readonly append: Append;
  readonly cover: Walls["cover"];
}

interface Come {
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly rule: string;
}

export function openLate({ root, view, files, append, cover }: Lateness): Late {
  const known = new Set([...view.hidden, ...view.masked].map(({ path }) => path));
  let [count, shown, blind] = [0, 0, false];
  const line = lineUp(async ({ path, kind, rule }) => {
    const done = await cover(`${root}/${path}`, kind).catch(() => "failed" as const);
    if (done === "before") return;
    if (done === "failed") shown += 1;
    const why =
      done === "now"
        ? "hidden since it came, while the session ran"
        : "shown: it came while the session ran, and could not be covered";
    const verdict = done === "now" ? ({ verdict: "refuse" } as const) : {};
    append({ kind: "hidden-file", ...verdict, rule, sealed: { path, why } }).catch(() => undefined);
  });
  return {
    came: (path, { entry, fresh }) => {
      // what a link leads to was found at the start
      if (!fresh && entry.isSymbolicLink()) return;
      const place = `${root}/${path}`;
      const veiled = view.of(place, !entry.isFile());
      // a directory of masked files is looked into
      if (veiled === undefined || (veiled.kind === "mask" && entry.isDirectory())) return;
      if (view.lies(place)) return;
      const first = known.has(place);
      if (!first) count += 1;
      if (!first && count > most) shown += 1;
      else line({ path, kind: entry.isDirectory() ? "directory" : "file", rule: ruleOf(files, veiled) }, first);
    },
    unwatched: () => {
      blind = true;
    },
    warnings: () => {
      const what = `${shown} files that the policy hides came while the session ran and were shown`;
      const where =
        "not every directory could be watched: a hidden file that came there while the session ran was shown";
      const meant = files.hide.length + files.mask.length > 0;
      return [...(shown === 0 ? [] : [`${what}: see the entries hidden-file`]), ...(blind && meant ? [where] : [])];
    },
  };
}

/** One at a time, for each is a program of its own. `work` never rejects. */
function lineUp(work: (come: Come) => Promise<void>): (come: Come, first: boolean) => void {
  const [before, rest]: [Come[], Come[]] = [[], []];
  let working = false;
  const next = (): Come | undefined => before.shift() ?? rest.shift();
  const go = async (): Promise<void> => {
    working = true;
    for (let come = next(); come !== undefined; come = next()) await work(come);
    working = false;
  };
  return (come, first) => {
    (first ? before : rest).push(come);
    if (!working) void go();
  };
}
