// A place in the state directory where control files that a session brought are put away, and given back from. Enters:
// paths below a workspace, *attacker-controlled*; leaves: one numbered directory each with a manifest. Follows no symbolic
// link, overwrites nothing, and takes the file's name away first, so that it is inert from then on.

import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { Fault } from "../domain/fault.ts";
import { copyTree, removeTree } from "./copy.ts";
import { openUp, type Stand, standAt } from "./foothold.ts";
import type { ReviewFault } from "./git.ts";
import { readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import { isObject, namesIn, parseJson } from "./own-files.ts";
import { kernelPath } from "./raw-names.ts";

export interface Quarantined {
  readonly id: string;
  /** Where it lay, relative to the workspace. */
  readonly path: string;
  readonly workspace: string;
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly pattern: string;
  /** Lower case: new, changed, or what in it runs. */
  readonly why: string;
  /** True where it stood in the place of a control file that was there before the session. */
  readonly replaced: boolean;
  readonly mode: number;
  readonly sha256: string | undefined;
}

export type Candidate = Omit<Quarantined, "id" | "workspace">;

/** Moves one thing away. The directory is made, 0700, when the first thing comes. */
export function quarantine(directory: string, workspace: string, candidate: Candidate): Quarantined | ReviewFault {
  const id = randomBytes(5).toString("hex");
  const item: Quarantined = { id, workspace, ...candidate };
  try {
    mkdirSync(`${directory}/${id}`, { recursive: true, mode: 0o700 });
    writeFileSync(`${directory}/${id}/manifest.json`, JSON.stringify(item), { flag: "wx", mode: 0o600 });
    using stand = standAt(workspace, candidate.path);
    if (stand === undefined) throw new Error("its directory is gone or a link");
    withRights([stand, workspace, candidate.path], () => move(stand, id, `${directory}/${id}/content`));
    return item;
  } catch (cause) {
    const beside = setAside(workspace, candidate.path, id);
    const where = beside === undefined ? "" : `; it lies beside its place as ${beside}`;
    return new Fault({
      code: "quarantine",
      message: `cannot put ${candidate.path} into quarantine${where}`,
      hint: `look at it before you run anything in this workspace; kept files lie in ${directory}`,
      cause,
    });
  }
}

/** Neither its directory nor, where it is one, it itself need be writable for the owner: a tool may have seen to that. */
function withRights([stand, workspace, path]: readonly [Stand, string, string], work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EACCES")) throw error;
    stand.directory.openUp();
    openUp(workspace, path);
    work();
  }
}

/** No room for it with us, as on a disk the tool has filled: inert all the same. The name it has now, or undefined. */
function setAside(workspace: string, path: string, id: string): string | undefined {
  using stand = standAt(workspace, path);
  if (stand === undefined) return undefined;
  const name = asideName(id);
  const aside = stand.directory.at(name);
  try {
    // a move across file systems may have come as far as this before
    if (statLink(aside) === undefined) renameSync(kernelPath(stand.directory.at(stand.name)), aside);
    return name;
  } catch {
    return undefined;
  }
}

const asideName = (id: string): string => `.postern-quarantine-${id}`;

function move(stand: Stand, id: string, content: string): void {
  const from = stand.directory.at(stand.name);
  try {
    renameSync(kernelPath(from), content);
  } catch (error) {
    if (!isCrossDevice(error)) throw error;
    // another file system: inert under another name first, then copied, then removed
    const aside = stand.directory.at(asideName(id));
    renameSync(kernelPath(from), aside);
    copyTree(aside, content);
    removeTree(aside);
  }
}

function isCrossDevice(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EXDEV";
}

/** What lies in a quarantine, oldest name first; a directory that is not ours is left out. */
export function listQuarantine(directory: string): readonly Quarantined[] {
  const names = namesIn(directory).filter((name) => /^[0-9a-f]{10}$/.test(name));
  return names
    .map((name) => parseManifest(readWhole(`${directory}/${name}/manifest.json`, limits.manifestBytes)?.toString()))
    .filter((item) => item !== undefined);
}

/** Gives one thing back to where it lay; refuses where something lies there now. */
export function restore(directory: string, id: string): Quarantined | ReviewFault {
  const item = listQuarantine(directory).find((each) => each.id === id);
  const content = `${directory}/${id}/content`;
  if (item === undefined || statLink(content) === undefined) {
    return new Fault({ code: "quarantine", message: `nothing is kept under ${id}` });
  }
  try {
    using stand = standAt(item.workspace, item.path, true);
    if (stand === undefined) throw new Error("its directory is gone or a link");
    const to = stand.directory.at(stand.name);
    if (statLink(to) !== undefined) throw new Error("something lies there now");
    const aside = stand.directory.at(`.postern-restore-${id}`);
    removeTree(aside);
    copyTree(content, aside);
    renameSync(aside, kernelPath(to));
    removeTree(`${directory}/${id}`);
    return item;
  } catch (cause) {
    const message = `cannot give ${item.path} back: ${cause instanceof Error ? cause.message : "unknown"}`;
    return new Fault({ code: "quarantine", message, hint: `its content lies in ${content}`, cause });
  }
}

function parseManifest(text: string | undefined): Quarantined | undefined {
  const item = parseJson(text);
  return isItem(item) ? item : undefined;
}

function isItem(item: unknown): item is Quarantined {
  const strings = ["id", "path", "workspace", "kind", "pattern", "why"];
  return isObject(item) && strings.every((key) => typeof item[key] === "string");
}
