// Names that the policy hides and that come to a live checkout while the session runs, by the person's hand or the tool's: a new
// file, or another in a covered one's place, which takes the cover with it. Each is covered as soon as it is seen, a masked one
// too, whole. Until then, some milliseconds, it can be read; that is on the record.

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
  readonly warnings: () => readonly string[];
}

export interface Lateness {
  readonly root: string;
  readonly view: View;
  readonly files: Policy["files"];
  readonly append: Append;
  readonly cover: Walls["cover"];
}

export function openLate({ root, view, files, append, cover }: Lateness): Late {
  let count = 0;
  let shown = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const enter = (path: string, rule: string, covered: boolean): void => {
    if (!covered) shown += 1;
    const why = covered
      ? "hidden since it came, while the session ran"
      : "shown: it came while the session ran, and could not be covered";
    const verdict = covered ? ({ verdict: "refuse" } as const) : {};
    append({ kind: "hidden-file", ...verdict, rule, sealed: { path, why } }).catch(() => undefined);
  };
  return {
    came: (path, { entry, fresh }) => {
      // what a link leads to was found at the start
      if (!fresh && entry.isSymbolicLink()) return;
      const place = `${root}/${path}`;
      const veiled = view.of(place, !entry.isFile());
      // a directory of masked files is looked into
      if (veiled === undefined || (veiled.kind === "mask" && entry.isDirectory())) return;
      if (view.lies(place, fresh)) return;
      count += 1;
      const rule = ruleOf(files, veiled);
      if (count > most) shown += 1;
      // one at a time: each is a program of its own
      else
        turn = turn.then(async () => enter(path, rule, await cover(place, entry.isDirectory() ? "directory" : "file")));
    },
    warnings: () =>
      shown === 0
        ? []
        : [
            `${shown} files that the policy hides came while the session ran and were shown: see the entries hidden-file`,
          ],
  };
}
