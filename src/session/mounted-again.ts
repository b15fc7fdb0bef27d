// What is hidden or masked and lies in a shown tree once more because somebody mounted it there (`mount --bind`): the same file
// by another name, which neither a link nor the file's own count of its names tells of. Told by the kernel's own table.

import { statSync } from "node:fs";
import { holderOf, type Mounted, parseMounts, plain } from "../boundary/linux/mountinfo.ts";
import { isWithin } from "../policy/way.ts";
import type { Concealed, Hidden, Masked } from "../review/veil/concealed.ts";

/** `trees`: real paths of all that is shown; `mountinfo`: of this process. */
export function withMounted(concealed: Concealed, trees: readonly string[], mountinfo: string): Concealed {
  const mounts = parseMounts(mountinfo).map((one) => ({ ...one, point: plain(one.point), root: plain(one.root) }));
  const again = <One extends Hidden | Masked>(all: readonly One[]): readonly One[] => {
    const known = new Set(all.map(({ path }) => path));
    const more = all.flatMap((one) =>
      placesOf(one.path, mounts)
        .filter((path) => !known.has(path) && trees.some((tree) => isWithin(path, tree)))
        .map((path) => ({ ...one, path, ...("directory" in one ? { directory: isDirectory(path) } : {}) })),
    );
    return [...all, ...more];
  };
  const hidden = again(concealed.hidden);
  const away = new Set(hidden.map(({ path }) => path));
  return { ...concealed, hidden, masked: again(concealed.masked).filter(({ path }) => !away.has(path)) };
}

/** Wherever another mount shows it, or a part of it. */
function placesOf(path: string, mounts: readonly Mounted[]): readonly string[] {
  const own = holderOf(path, mounts);
  if (own === undefined) return [];
  const whole = below(own.root, path.slice(own.point === "/" ? 0 : own.point.length));
  return mounts.flatMap((mount) => {
    if (mount === own || mount.device !== own.device) return [];
    const place = isWithin(whole, mount.root)
      ? below(mount.point, whole.slice(mount.root === "/" ? 0 : mount.root.length))
      : isWithin(mount.root, whole)
        ? mount.point
        : undefined;
    // another may lie over it there
    return place === undefined || holderOf(place, mounts) !== mount ? [] : [place];
  });
}

const below = (place: string, rest: string): string => (place === "/" ? rest || "/" : place + rest);

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
