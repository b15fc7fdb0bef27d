// The system's own part of the file view: /usr read-only, the linking directories as on the host, a chosen /etc, fresh
// everything else. No /sys: it describes the machine, and to the real root's id inside, parts of it would be writable.

import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Plan } from "../../contract.ts";
import type { Proc } from "../entrance.ts";
import { writeAccounts } from "./accounts.ts";
import type { Arguments } from "./arguments.ts";
import { authorityPath, bundlePath } from "./authorities.ts";
import { browserPolicies, bundlePlaces, etcEntries } from "./etc.ts";
import { javaPlaces, javaStores, writeJavaTrust } from "./java-trust.ts";
import { addProc } from "./proc.ts";

/** Where what is told to the tool, or laid over something later, lies. */
export const ours = "/run/postern";

const linking = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

export function addBase(args: Arguments, plan: Plan, proc: Proc): void {
  args.add("--ro-bind", "/usr", "/usr");
  for (const path of linking) addAsOnHost(args, path);
  addProc(args, proc);
  args.add("--dev", "/dev");
  args.addScratch("/dev/shm", 0o1777);
  // else it would be one more place to fill
  args.add("--remount-ro", "/dev");
  for (const path of ["/tmp", "/var/tmp"]) args.addScratch(path, 0o1777);
  args.addScratch("/run", 0o755);
  // a mount of its own, unwritable in the end (room.ts): /run is the tool's, which may rename what is no mount point there
  args.add("--perms", "0755", "--tmpfs", ours);
  args.add("--symlink", "/run", "/var/run", "--perms", "0755", "--dir", "/etc");
  for (const name of Object.keys(etcEntries)) addEtc(args, `/etc/${name}`);
  for (const [name, text] of Object.entries(writeAccounts(plan.identity))) args.addFile(`/etc/${name}`, text);
  args.add("--symlink", "/proc/self/mounts", "/etc/mtab");
  addTrust(args, plan.authority);
}

function addAsOnHost(args: Arguments, path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) args.add("--symlink", readlinkSync(path), path);
  else if (found?.isDirectory()) args.add("--ro-bind", path, path);
}

/** Directories are bound, files copied, links into /usr kept; a file only root can read stays out for others. */
function addEtc(args: Arguments, path: string): void {
  if (!existsSync(path)) return;
  const link = lstatSync(path).isSymbolicLink() ? resolve("/etc", readlinkSync(path)) : "";
  if (link.startsWith("/usr/")) args.add("--symlink", link, path);
  else if (statSync(path).isDirectory()) args.add("--ro-bind", path, path);
  else {
    const content = readAllowed(path);
    if (content !== undefined) args.addFile(path, content);
  }
}

function readAllowed(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Of the system's own Javas. */
function addJavaTrust(args: Arguments, trust: string): void {
  const stores = javas().flatMap((java) => javaStores.map((store) => `/usr/lib/jvm/${java}/${store}`));
  const places = [...javaPlaces, ...stores].filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile());
  if (places.length === 0) return;
  const store = writeJavaTrust(trust);
  for (const path of places) args.addText(path, store);
}

/** After the plan's own mounts, in which these lie: unwritable trees of the host. */
export function addJavaStores(args: Arguments, { trustStores = [], authority }: Plan): void {
  if (trustStores.length === 0) return;
  const store = writeJavaTrust(mergedTrust(authority));
  for (const path of trustStores) args.addText(path, store);
}

function javas(): readonly string[] {
  try {
    return readdirSync("/usr/lib/jvm", { withFileTypes: true }).flatMap((each) =>
      each.isDirectory() ? [each.name] : [],
    );
  } catch {
    return [];
  }
}

/** The system's certificates, then the session's. */
export function mergedTrust(authority: string): string {
  const place = bundlePlaces.find((path) => existsSync(path));
  const system = place === undefined ? "" : readFileSync(place, "utf8");
  return `${system}${system.endsWith("\n") || system === "" ? "" : "\n"}${authority}`;
}

/** Every bundle the host has is covered; where it has none, there is one with the authority alone. */
function addTrust(args: Arguments, authority: string): void {
  const places = bundlePlaces.filter((path) => existsSync(path));
  const merged = mergedTrust(authority);
  args.addFile(authorityPath, authority);
  args.addFile(bundlePath, merged);
  const insideBind = (path: string): boolean =>
    ["/etc/ssl/certs/", "/etc/pki/"].some((folder) => path.startsWith(folder));
  for (const path of places) {
    if (insideBind(path)) args.addText(path, merged);
    else args.add("--symlink", bundlePath, path);
  }
  addJavaTrust(args, merged);
  for (const path of browserPolicies) args.addFile(path, writeBrowserPolicy(authority));
}

/** Chromium and Chrome keep a list of their own; what stands here is added to it (their policy CACertificates). */
function writeBrowserPolicy(authority: string): string {
  return `${JSON.stringify({ CACertificates: [authority.replaceAll(/-----[^-]+-----|\s/g, "")] })}\n`;
}
