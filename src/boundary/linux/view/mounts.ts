// The plan's own mounts in, arguments out. A mount point inside a tree of the host must already exist there and must
// not be reached through a link (both would write to the host, or cover another place than was meant); only inside our
// own directories is it made. What is refused comes back as a fault before anything runs.

import { existsSync, lstatSync, mkdirSync, realpathSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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
    addMount(args, mount, under === undefined ? undefined : settleOnHost(mount, under));
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
  for (const step of steps) {
    place = join(place, step);
    if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw refusal(`cannot mount at ${mount.path}: ${place} is a symbolic link`, "name the place it leads to");
    }
  }
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (mount.kind === "link") return settleLink(mount.path, place, { found, under });
  if (found !== undefined) return found;
  if (under.kind !== "write" || under.ours !== true) {
    throw refusal(`cannot mount at ${mount.path}: ${place} does not exist on the host`, `create ${place} first`);
  }
  make(place, mount);
  return lstatSync(place);
}

function settleLink(
  path: string,
  place: string,
  { found, under }: { found: Stats | undefined; under: Bind },
): undefined {
  if (found === undefined && under.kind === "write" && under.ours === true) return undefined;
  throw refusal(`cannot put a link at ${path}: that would change ${place} on the host`, "leave it out of the policy");
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
      if (found === undefined || found.isDirectory()) args.add("--perms", "0700", "--tmpfs", mount.path);
      else args.addText(mount.path, "");
      return;
    case "text":
      args.addText(mount.path, mount.text);
      return;
    case "link":
      args.add("--symlink", mount.target, mount.path);
      return;
  }
}

const refusal = (message: string, hint: string): BoundaryFault => new Fault({ code: "no-mount", message, hint });
