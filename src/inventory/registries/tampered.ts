// What decides where a client fetches, and what a tool inside can write → what of it a tool could have changed: it would send the
// person's token to a host of its own choosing.

import { lstatSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { real } from "../../policy/reading.ts";
import { isWithin } from "../../policy/way.ts";

/** Links on one way; the kernel has the same bound. */
const mostLinks = 40;

/** The first of these that lies, or is led to by way of a link, where a tool writes. */
export async function tampered(paths: Iterable<string>, writable: readonly string[]): Promise<string | undefined> {
  const trees = await Promise.all(writable.map(real));
  return [...paths].find((path) => stationsOf(path).some((at) => trees.some((tree) => isWithin(at, tree))));
}

/** Each place on the way to a file, links followed one by one: whoever changes one of them changes what is found. */
function stationsOf(path: string): string[] {
  const stations: string[] = [];
  const rest = path.split("/");
  let here = "/";
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const at = join(here, name);
    if (name !== "" && name !== "." && name !== "..") stations.push(at);
    // attacker-controlled: a link of the tool's own may stand here
    const target = linkAt(at);
    if (target === undefined) here = at;
    else if (links === mostLinks) break;
    else {
      links += 1;
      rest.unshift(...target.split("/"));
      here = target.startsWith("/") ? "/" : dirname(at);
    }
  }
  return stations;
}

function linkAt(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
