// A path as some process inside means it → the file it leads to, opened as a place only (O_PATH), or why there is none.
// The kernel follows it from the tool's own root; only links of /proc, which are each process's own, are followed here.
// *Attacker-controlled*: the tool may change what lies there at any moment.

import { closeSync, fstatSync, openSync, readlinkSync, statfsSync, statSync } from "node:fs";
import { limits } from "../limits.ts";
import type { Calls } from "./calls.ts";
import { bytesOf, textOf } from "./names.ts";

export interface Whose {
  /** The tool's root, open. */
  readonly root: number;
  /** As seen inside; asked only where a link of /proc is met. Undefined: gone. */
  readonly numbers: () => { readonly process: number; readonly thread: number } | undefined;
}

export type Place =
  | { readonly kind: "found"; readonly descriptor: number }
  /** What the kernel would answer, too: we answer in its stead, so that nothing put there meanwhile begins unseen. */
  | { readonly kind: "missing"; readonly errno: number }
  /** Cannot be followed from here. */
  | { readonly kind: "unknown" };

/** asm-generic/errno-base.h and errno.h. */
export const errno = { missing: 2, denied: 13, fault: 14, notDirectory: 20, tooLong: 36 } as const;
/** What says that a path leads nowhere, or not for this person. */
const final: readonly number[] = [errno.missing, errno.denied, errno.notDirectory, errno.tooLong];
/** O_PATH of asm-generic/fcntl.h. */
export const pathOnly = 0o10000000;
/** ELOOP of asm-generic/errno.h. */
const exhausted = 40;
/** PROC_SUPER_MAGIC of linux/magic.h. */
const procType = 0x9fa0;

/** How many places may be opened yet: a way can be made so long that following it takes seconds. */
export interface Patience {
  left: number;
}

export const patience = (): Patience => ({ left: limits.placesOpened });

export function findPlace(open: Calls["openIn"], whose: Whose, path: string, given = patience()): Place {
  const openIn: Calls["openIn"] = (root, sought) => {
    given.left -= 1;
    return given.left < 0 ? -exhausted : open(root, sought);
  };
  let target = path;
  for (let hop = 0; hop <= limits.links && given.left > 0; hop += 1) {
    const descriptor = openIn(whose.root, target);
    if (descriptor >= 0) return { kind: "found", descriptor };
    const next = follow(openIn, whose, target);
    if (given.left < 0) {
      if (typeof next === "object" && next.kind === "found") closeSync(next.descriptor);
      return unknown;
    }
    if (next === undefined) return final.includes(-descriptor) ? { kind: "missing", errno: -descriptor } : unknown;
    if (typeof next !== "string") return next;
    target = next;
  }
  return unknown;
}

const unknown: Place = { kind: "unknown" };

/** The first step on the way that leads nowhere: where it is a link, the path behind it; a link of /proc may be the end. */
function follow(openIn: Calls["openIn"], whose: Whose, path: string): string | Place | undefined {
  const steps = path.split("/").filter(Boolean);
  for (let known = steps.length - 1; known >= 0; known -= 1) {
    const base = `/${steps.slice(0, known).join("/")}`;
    const folder = openIn(whose.root, base);
    if (folder < 0) continue;
    try {
      const name = steps[known] ?? "";
      const rest = steps.slice(known + 1).join("/");
      return inProc(folder)
        ? followInProc(openIn, folder, { whose, base, name, rest })
        : followLink(folder, base, name, rest);
    } finally {
      closeSync(folder);
    }
  }
  return undefined;
}

/** What cannot be asked is no /proc: a file system whose server has died. */
function inProc(folder: number): boolean {
  try {
    return statfsSync(`/proc/self/fd/${folder}`).type === procType;
  } catch {
    return false;
  }
}

function followLink(folder: number, base: string, name: string, rest: string): string | undefined {
  const target = read(`/proc/self/fd/${folder}/${name}`);
  if (target === undefined) return undefined;
  return joined(target.startsWith("/") ? "" : base, target, rest);
}

interface Step {
  readonly whose: Whose;
  readonly base: string;
  readonly name: string;
  readonly rest: string;
}

function followInProc(
  openIn: Calls["openIn"],
  folder: number,
  { whose, base, name, rest }: Step,
): string | Place | undefined {
  if (name === "self" || name === "thread-self") {
    const own = whose.numbers();
    if (own === undefined) return unknown;
    const thread = name === "self" ? [] : ["task", String(own.thread)];
    return joined(base, String(own.process), ...thread, rest);
  }
  const link = `/proc/self/fd/${folder}/${name}`;
  const target = read(link);
  if (target === undefined) return undefined;
  if (rest !== "" && name === "root") return `/${rest}`;
  if (rest !== "") return isNamed(openIn, whose.root, link, target) ? joined(target, rest) : unknown;
  try {
    return { kind: "found", descriptor: openSync(bytesOf(link), pathOnly) };
  } catch {
    return undefined;
  }
}

/** Never shortened: `..` behind a link is the kernel's to follow. */
const joined = (...steps: readonly string[]): string => steps.filter((step) => step !== "").join("/");

function read(link: string): string | undefined {
  try {
    return textOf(readlinkSync(bytesOf(link), "buffer"));
  } catch {
    return undefined;
  }
}

/**
 * Is what a link of /proc leads to what its name leads to from this root? A directory that was removed, or lies too deep, has
 * no name, and the tool may have made another by what the link says.
 */
export function isNamed(openIn: Calls["openIn"], root: number, link: string, name: string): boolean {
  const descriptor = openIn(root, name);
  if (descriptor < 0) return false;
  try {
    const [one, other] = [fstatSync(descriptor, { bigint: true }), statSync(bytesOf(link), { bigint: true })];
    return one.dev === other.dev && one.ino === other.ino;
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}

/** A descriptor of another process, as /proc names it. */
export function openPlace(path: string): Place {
  try {
    return { kind: "found", descriptor: openSync(path, pathOnly) };
  } catch {
    return unknown;
  }
}
