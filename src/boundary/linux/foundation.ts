// What other programs do in the new namespaces before anything is started from them: addresses, redirect, mounts made
// read-only. All in one shell, because each start of a program costs the helper some milliseconds. Out: words for sh.

import type { Step } from "./channel.ts";
import { type Ports, writeRoutes, writeRules } from "./network.ts";

export interface Builders {
  readonly ip: string;
  readonly nft: string;
  readonly mount: string;
}

export interface Foundation {
  readonly ports: Ports;
  readonly v6: boolean;
  readonly mounts: readonly Mounting[];
}

/** Words for mount(8): over itself, or once more as it is. */
export type Mounting = readonly ["--bind", "-o", string, string, string] | readonly ["-o", string, string];

/** Reads no file and no variable, and takes no text for words: they come as arguments of its own. */
const script = `
ip=$1 nft=$2 mount=$3
printf %s "$4" | "$ip" -batch - || exit 3
printf %s "$5" | "$nft" -f - || exit 4
shift 5
while [ $# -gt 0 ]; do
  if [ "$1" = --bind ]
  then "$mount" --no-mtab "$1" "$2" "$3" "$4" "$5" || exit 5; shift 5
  else "$mount" --no-mtab "$1" "$2" "$3" || exit 5; shift 3
  fi
done`;

export function writeFoundation({ ip, nft, mount }: Builders, { ports, v6, mounts }: Foundation): readonly string[] {
  return ["-c", script, "sh", ip, nft, mount, writeRoutes(v6), writeRules(ports, v6), ...mounts.flat()];
}

/** Which step it was, by the code with which the shell ended. */
export function failedStep(code: number | null): Step {
  return code === 4 ? "rules" : code === 5 ? "seal" : "routes";
}
