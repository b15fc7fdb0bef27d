// The system's own programs a boundary is built with, found in a fixed list of directories and never through the
// caller's PATH, where a repository could put its own. A missing one is a fault with the command that mends it.

import { accessSync, constants } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault } from "../contract.ts";

const directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Each with the Debian package that holds it. */
const packages = {
  bwrap: "bubblewrap",
  mount: "mount",
  unshare: "util-linux",
  prlimit: "util-linux",
  setsid: "util-linux",
  setpriv: "util-linux",
  ip: "iproute2",
  nft: "nftables",
  sh: "dash",
} as const;

export type Program = keyof typeof packages;
export type Programs = Readonly<Record<Program, string>>;

export const programNames: readonly Program[] = [
  "bwrap",
  "mount",
  "unshare",
  "prlimit",
  "setsid",
  "setpriv",
  "ip",
  "nft",
  "sh",
];

export function findProgram(name: Program, places: readonly string[] = directories): string | undefined {
  return places.map((place) => `${place}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const installing = (names: readonly Program[]): string =>
  `sudo apt-get install -y ${[...new Set(names.map((name) => packages[name]))].join(" ")}`;

/** Every program, or a fault naming all that are missing at once. */
export function findPrograms(places: readonly string[] = directories): Programs | BoundaryFault {
  const found = programNames.map((name) => [name, findProgram(name, places)] as const);
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name);
  if (missing.length > 0) {
    return new Fault({
      code: missing.includes("bwrap") ? "no-bubblewrap" : "no-tools",
      message: `the boundary cannot be built: ${missing.join(", ")} not found in ${places.join(", ")}`,
      hint: installing(missing),
    });
  }
  const path = (name: Program): string => found.find(([known]) => known === name)?.[1] ?? "";
  return {
    bwrap: path("bwrap"),
    mount: path("mount"),
    unshare: path("unshare"),
    prlimit: path("prlimit"),
    setsid: path("setsid"),
    setpriv: path("setpriv"),
    ip: path("ip"),
    nft: path("nft"),
    sh: path("sh"),
  };
}
