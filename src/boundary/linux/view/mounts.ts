// The plan's own mounts in, arguments out. A mount point inside a tree of the host must already exist there and must
// not be reached through a link (both would write to the host, or cover another place than was meant); only inside our
// own directories is it made. What is refused comes back as a fault before anything runs.

import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { Fault } from "../../../domain/fault.ts";
import type { BoundaryFault, Mount } from "../../contract.ts";
import type { Arguments } from "./arguments.ts";

/** What the base view has from the host; everything else there is fresh, and bubblewrap makes mount points itself. */
const base: readonly Mount[] = [{ kind: "read", path: "/usr", from: "/usr" }];
const reserved = ["/proc", "/dev", "/sys"];

/** Throws the fault. */
export function addMounts(args: Arguments, mounts: readonly Mount[]): void {
  for (const [index, mount] of mounts.entries()) {
    checkPath(mount.path);
    const under = covering(mount.path, [...base, ...mounts.slice(0, index)]);
    const found = under === undefined ? undefined : settleOnHost(mount, under);
    // a link that an earlier session's view left in a directory of ours, just as it is wanted
    if (mount.kind !== "link" || found === undefined) addMount(args, mount, found);
  }
}

function checkPath(path: string): void {
  const plain = path.startsWith("/") && path === join(path) && path !== "/" && !path.endsWith("/");
  if (!plain || reserved.some((top) => path === top || path.startsWith(`${top}/`))) {
    throw refusal(`cannot mount at ${JSON.stringify(path)}`, "use an absolute path outside /proc, /dev and /sys");
  }
}

type Bind = Extract<Mount, { kind: "read" | "write" }>;

/** The last earlier mount that holds this path, if it shows a tree of the host. */
function covering(path: string, earlier: readonly Mount[]): Bind | undefined {
  const last = earlier.findLast((mount) => path === mount.path || path.startsWith(`${mount.path}/`));
  return last?.kind === "read" || last?.kind === "write" ? last : undefined;
}

/** The host's file at the mount point, made where it is ours to make. */
function settleOnHost(mount: Mount, under: Bind): Stats | undefined {
  const root = realpathSync(under.from);
  const steps = relative(under.path, mount.path).split("/").filter(Boolean);
  let place = root;
  for (const [at, step] of steps.entries()) {
    place = join(place, step);
    if (mount.kind === "link" && at === steps.length - 1) break;
    if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw refusal(`cannot mount at ${mount.path}: ${place} is a symbolic link`, "name the place it leads to");
    }
  }
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (mount.kind === "link") return settleLink(mount, place, { found, under });
  if (found !== undefined) return found;
  if (under.kind !== "write" || under.ours !== true) {
    throw refusal(`cannot mount at ${mount.path}: ${place} does not exist on the host`, `create ${place} first`);
  }
  make(place, mount);
  return lstatSync(place);
}

/** The link that is there already where it is the one wanted; another link in a directory of ours gives way to it. */
function settleLink(
  { path, target }: Extract<Mount, { kind: "link" }>,
  place: string,
  { found, under }: { found: Stats | undefined; under: Bind },
): Stats | undefined {
  const ours = under.kind === "write" && under.ours === true;
  if (ours && found?.isSymbolicLink() === true) {
    if (readlinkSync(place) === target) return found;
    dropLink(path, place);
    return undefined;
  }
  if (ours && found === undefined) return undefined;
  throw refusal(`cannot put a link at ${path}: that would change ${place} on the host`, "leave it out of the policy");
}

/** By the directory that was looked at, not by its name: a session that still runs there could lead it elsewhere. */
function dropLink(path: string, place: string): void {
  const folder = openSync(dirname(place), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    if (readlinkSync(`/proc/self/fd/${folder}`) !== dirname(place))
      throw refusal(`cannot put a link at ${path}: ${dirname(place)} leads elsewhere`, "start it again");
    unlinkSync(`/proc/self/fd/${folder}/${basename(place)}`);
  } finally {
    closeSync(folder);
  }
}

function make(place: string, mount: Mount): void {
  const folder =
    mount.kind === "empty" || (mount.kind !== "text" && "from" in mount && statSync(mount.from).isDirectory());
  mkdirSync(folder ? place : dirname(place), { recursive: true });
  if (!folder) writeFileSync(place, "", { flag: "wx" });
}

function addMount(args: Arguments, mount: Mount, found: Stats | undefined): void {
  switch (mount.kind) {
    case "read":
    case "write":
      if (!existsSync(mount.from))
        throw refusal(`${mount.from} does not exist`, "take it out of the policy or create it");
      args.add(mount.kind === "read" ? "--ro-bind" : "--bind", mount.from, mount.path);
      return;
    case "empty":
      if (found === undefined || found.isDirectory()) args.addScratch(mount.path, 0o700);
      else args.addText(mount.path, "");
      return;
    case "text":
      args.addText(mount.path, mount.text, mount.program === true ? "0555" : "0444");
      return;
    case "link":
      args.add("--symlink", mount.target, mount.path);
      return;
  }
}

const refusal = (message: string, hint: string): BoundaryFault => new Fault({ code: "no-mount", message, hint });
