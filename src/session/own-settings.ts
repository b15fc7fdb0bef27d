// What of a checkout's automation a tool may write in a live session without anybody outside running it: its git configuration,
// and what husky generates. Each is a copy of the session's own, in the place of the checkout's; at the end what tracking and
// submodules need is set in the checkout's own configuration, the rest is told, and the copies are gone.

import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, type Stats, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Detour, Mount } from "../boundary/contract.ts";
import type { Found } from "../review/control-files.ts";
import { copyTree, removeTree } from "../review/copy.ts";
import { standAt } from "../review/foothold.ts";
import { containing } from "../review/holds.ts";
import { type Leaf, readWhole, statLink } from "../review/leaf.ts";
import { limits } from "../review/limits.ts";
import { landSettings } from "../review/settings-landing.ts";

export interface OwnSettings {
  readonly mounts: readonly Mount[];
  readonly detours: readonly Detour[];
  readonly environment: Readonly<Record<string, string>>;
  /**
   * What was not taken over, each file with its keys. Before the sweep, after the tool's last process. `unheld`: the tool wrote the
   * checkout's own, which says again what it said.
   */
  readonly settle: (unheld: boolean) => Promise<readonly Left[]>;
}

export interface Left {
  /** Relative to its checkout. */
  readonly path: string;
  readonly pattern: string;
  readonly keys: readonly string[];
}

interface Own {
  readonly leaf: Leaf;
  readonly text: string;
  /** The copy, on the host. */
  readonly copy: string;
}

interface Ground {
  /** Of this session and checkout, not there yet. */
  readonly directory: string;
  /** Of the checkout. */
  readonly number: number;
  /** What is hidden or masked, by its real place: in no copy. */
  readonly concealed: readonly string[];
}

export function openOwnSettings(found: Found, { directory, number, concealed }: Ground): OwnSettings {
  const configurations = writable(found).map(({ leaf, text }, index): Own & { inside: string; at: string } => {
    const at = join(directory, String(index));
    mkdirSync(at, { recursive: true, mode: 0o700 });
    writeFileSync(join(at, "config"), text, { mode: 0o600 });
    const inside = `/run/postern/git/${number}-${index}`;
    symlinkSync(`${inside}/config`, `${at}.link`);
    return { leaf, text, copy: join(at, "config"), inside, at };
  });
  const husky = shareHusky(found, directory, concealed);
  return {
    mounts: [
      ...configurations.map(({ inside, at }): Mount => ({ kind: "write", path: inside, from: at, ours: true })),
      ...husky.mounts,
    ],
    detours: configurations.map(({ leaf, at }) => ({ at: `${found.workspace}/${leaf.path}`, by: `${at}.link` })),
    environment: husky.environment,
    settle: async (unheld) => {
      const left: Left[] = [];
      for (const own of configurations) left.push(...(await settle(found.workspace, own, unheld)));
      return left;
    },
  };
}

/** Held by themselves: those in a held directory stay as unwritable as what is around them. */
function writable({ held, leaves }: Found): readonly { leaf: Leaf; text: string }[] {
  const directories = new Set(held.filter(({ kind }) => kind === "directory").map(({ path }) => path));
  return held
    .filter(
      ({ kind, pattern, path }) => kind === "file" && pattern.startsWith("<git>/config") && alone(path, directories),
    )
    .flatMap(({ path }) => {
      const leaf = leaves.get(path);
      return leaf?.text === undefined || leaf.links > 1 ? [] : [{ leaf, text: leaf.text }];
    })
    .slice(0, limits.settingsOwn);
}

const alone = (path: string, directories: ReadonlySet<string>): boolean => containing(path, directories) === undefined;

/** The tool may have moved a directory on the way, and left in its place what leads to another repository. */
async function settle(workspace: string, own: Own, unheld: boolean): Promise<readonly Left[]> {
  const { leaf, text, copy } = own;
  const { path, pattern } = leaf;
  using stand = standAt(workspace, path);
  const place = stand?.directory.at(stand.name);
  if (unheld && place !== undefined) takeBack(place, own);
  // attacker-controlled
  const now = readWhole(copy, limits.settingsBytes)?.toString();
  if (now === text) return [];
  if (now === undefined) return [{ path, pattern, keys: ["everything: it cannot be read"] }];
  const there = place === undefined ? undefined : statLink(place);
  if (place === undefined || there?.isFile() !== true || !(unheld || isSameFile(there, leaf)))
    return [{ path, pattern, keys: ["everything: another file lies there"] }];
  // git is another process
  const { left } = await landSettings(place.replace("/self/", `/${process.pid}/`), text, now);
  return left.length === 0 ? [] : [{ path, pattern, keys: left }];
}

function isSameFile({ dev, ino }: Stats, leaf: Leaf): boolean {
  return dev === leaf.device && ino === leaf.inode;
}

/** What the tool made of it becomes the copy; attacker-controlled. What is something else now is left to the sweep. */
function takeBack(file: string, own: Own): void {
  const now = putBack(file, own);
  if (now !== undefined) writeFileSync(own.copy, now);
}

/** It says again what it said; what it said until now, where that was something else. */
function putBack(file: string, { text, leaf }: Pick<Own, "text" | "leaf">): string | undefined {
  const now = readWhole(file, limits.settingsBytes)?.toString();
  if (now === text || (now === undefined && statLink(file) !== undefined)) return undefined;
  const fresh = `${file}.postern-${randomBytes(5).toString("hex")}`;
  writeFileSync(fresh, text, { flag: "wx", mode: leaf.mode & 0o777 });
  renameSync(fresh, file);
  return now;
}

/** After a session that held nothing and was killed: nobody takes anything over of what it set. */
export function putBackSettings(found: Found): void {
  for (const own of writable(found)) {
    using stand = standAt(found.workspace, own.leaf.path);
    if (stand !== undefined) putBack(stand.directory.at(stand.name), own);
  }
}

interface Husky {
  readonly mounts: readonly Mount[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Installing writes `.husky/_` anew each time, in a directory that is held, and fails where it cannot. Where it is there, the tool
 * writes a copy; where husky was never installed outside, it is told to leave that.
 */
function shareHusky({ held, workspace }: Found, directory: string, concealed: readonly string[]): Husky {
  const homes = held.filter(({ kind, path }) => kind === "directory" && basename(path) === ".husky");
  const mounts = homes.flatMap(({ path }, index): Mount[] => {
    const generated = `${workspace}/${path}/_`;
    if (statLink(generated)?.isDirectory() !== true || readdirSync(generated).length > limits.hooks) return [];
    const copy = join(directory, `husky-${index}`);
    using stand = standAt(workspace, `${path}/_`);
    if (stand === undefined) return [];
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    copyTree(stand.directory.at(stand.name), copy);
    for (const each of concealed) if (each.startsWith(`${generated}/`)) removeTree(copy + each.slice(generated.length));
    return [{ kind: "write", path: generated, from: copy, ours: true }];
  });
  return { mounts, environment: homes.length > mounts.length ? { HUSKY: "0" } : {} };
}

/** One for each of a session's checkouts lies in it. */
export const ownSettingsOf = (state: string, session: string): string => join(state, "settings", session);
