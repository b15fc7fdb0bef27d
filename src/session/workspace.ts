// Which directory a session works in: the checkout around the current directory, else that directory itself.

import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "../domain/fault.ts";

/** Absolute path, links resolved. Throws a Fault where that would open a whole home or system. */
export function findWorkspace(directory: string, home: string): string {
  const start = realpathSync(directory);
  const base = realpathSync(home);
  const workspace = checkoutAround(start, base) ?? start;
  if (contains(workspace, base) || isSystem(workspace))
    throw new Fault({
      code: "workspace",
      message: `the workspace would be ${workspace}, far more than a tool needs`,
      hint: "change into the directory of one project first",
    });
  return workspace;
}

function checkoutAround(start: string, home: string): string | undefined {
  for (let at = start; at !== dirname(at); at = dirname(at)) {
    if (contains(at, home)) return undefined;
    if (existsSync(join(at, ".git"))) return at;
  }
  return undefined;
}

/** True where `inner` is `outer` or lies below it. */
function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer === "/" ? "/" : `${outer}/`);
}

const wholes = ["/", "/home", "/mnt", "/opt", "/srv", "/tmp", "/usr", "/var", "/var/tmp"];
const systems = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/lib",
  "/lib64",
  "/proc",
  "/run",
  "/sbin",
  "/sys",
  "/usr/bin",
  "/usr/lib",
];

function isSystem(path: string): boolean {
  return wholes.includes(path) || systems.some((root) => contains(root, path));
}
