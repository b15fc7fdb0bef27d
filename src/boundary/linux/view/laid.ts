// Does the view show what was meant? Its mounts are laid by names, and between our look and bubblewrap's another session's tool
// may lead a name of a checkout elsewhere: then a file of the person's is shown, or a held one is not. So before the tool
// begins the kernel's own table of the inside is compared with the plan; from then on nobody mounts anything there.

import { readFileSync } from "node:fs";
import type { Detour, Mount } from "../../contract.ts";
import { holderOf, type Mounted, parseMounts, plain } from "../mountinfo.ts";

export interface Meant {
  /** Where a mount must be. */
  readonly path: string;
  /** What of the host it must show, where that is known: each name on the way to it as it was looked at. */
  readonly shows?: string;
  /** Where the kernel does not mount a link: itself, mounted on itself before. */
  readonly orItself?: boolean;
}

/** Those of a plan whose places, or what they show, a tool can change. */
export function meantBy(mounts: readonly Mount[], detours: readonly Detour[] = []): readonly Meant[] {
  const meant = mounts.flatMap((mount, index): Meant[] => {
    if (mount.kind === "link") return [];
    const around = mounts.slice(0, index).findLast(({ path }) => mount.path.startsWith(`${path}/`));
    const bound = mount.kind === "read" || mount.kind === "write";
    if (bound && mount.exact === true) return [{ path: mount.path, shows: mount.from }];
    if (around?.kind !== "write") return [];
    const itself = bound && mount.from === mount.path && around.from === around.path;
    return [{ path: mount.path, ...(itself ? { shows: mount.from } : {}) }];
  });
  return [...meant, ...detours.map(({ at, by }) => ({ path: at, shows: by, orItself: true }))];
}

/** `own`: the directory in /proc of a process inside. Throws where the view is another. */
export function checkView(meant: readonly Meant[], own: string | undefined): void {
  if (own === undefined) throw new Error("the first process inside is gone");
  const [outside = "", inside = ""] = ["/proc/self", own].map((each) => readFileSync(`${each}/mountinfo`, "utf8"));
  const stray = findStray(meant, outside, inside);
  if (stray !== undefined) throw new Error(`${stray} was led elsewhere while the view was built`);
}

/** The first that is not as meant; `outside`, `inside`: mountinfo (proc(5)) of where it was laid from, and of the view. */
export function findStray(meant: readonly Meant[], outside: string, inside: string): string | undefined {
  const [from, laid] = [parseMounts(outside), new Map(parseMounts(inside).map((one) => [plain(one.point), one]))];
  const plainly = from.map((one) => ({ ...one, point: plain(one.point) }));
  return meant.find(({ path, shows, orItself }) => {
    const found = laid.get(path);
    if (found === undefined) return true;
    if (shows === undefined || isOf(found, shows, plainly)) return false;
    return (
      orItself !== true ||
      !isOf(
        found,
        path,
        plainly.filter(({ point }) => point !== path),
      )
    );
  })?.path;
}

function isOf(found: Mounted, path: string, outside: readonly Mounted[]): boolean {
  const holder = holderOf(path, outside);
  if (holder === undefined || holder.device !== found.device) return false;
  const rest = holder.point === "/" ? path : path.slice(holder.point.length);
  const root = plain(holder.root);
  return plain(found.root) === ((root === "/" ? "" : root) + rest || "/");
}
