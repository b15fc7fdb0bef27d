// Where a link leads, name by name as the kernel goes, also where nothing lies there yet: a later session may make it.
// Enters: a link's path, its text and those of all on the way *attacker-controlled*. Opens nothing.

import { readlinkSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { limits } from "./limits.ts";
import { kernelPath, nameOf } from "./raw-names.ts";

/** An absolute path on which no link is left; undefined where it goes round in circles. */
function destinationOf(path: string): string | undefined {
  let [at, left] = ["/", limits.links];
  for (let names = path.split("/"); names.length > 0; ) {
    const [name = "", ...rest] = names;
    names = rest;
    if (name === "..") at = dirname(at);
    if (name === "" || name === "." || name === "..") continue;
    const next = at === "/" ? `/${name}` : `${at}/${name}`;
    const target = targetAt(next);
    if (target === undefined) at = next;
    else {
      left -= 1;
      if (left < 0) return undefined;
      if (target.startsWith("/")) at = "/";
      names = [...target.split("/"), ...rest];
    }
  }
  return at;
}

export function leadsInto(directory: string, link: string): boolean {
  return `${destinationOf(link)}/`.startsWith(`${directory}/`);
}

/** Deeper below a workspace than a walk goes, or by more than a path can say, which links upon links can reach. */
export function leadsDeep(workspace: string, link: string): boolean {
  try {
    const place = nameOf(realpathSync(kernelPath(link), { encoding: "buffer" }));
    if (!place.startsWith(`${workspace}/`)) return false;
    const depth = place.slice(workspace.length + 1).split("/").length;
    return depth > limits.walkDepth || Buffer.byteLength(place) > limits.walkBytes;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENAMETOOLONG";
  }
}

function targetAt(path: string): string | undefined {
  try {
    return nameOf(readlinkSync(kernelPath(path), { encoding: "buffer" }));
  } catch {
    return undefined;
  }
}
