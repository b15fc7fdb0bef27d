// What a session found in a workspace when it began, kept until its end was noted: where it was killed, the sweep it owes
// can be made up for. Enters and leaves: files of ours in the state directory, 0600; read with a parser all the same.

import { mkdirSync, rmSync } from "node:fs";
import { parseDigest, parseSessionId, type SessionId } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import type { Held, Odd, Personal } from "./collected.ts";
import type { Found } from "./control-files.ts";
import type { ReviewFault } from "./git.ts";
import { type Leaf, readWhole } from "./leaf.ts";
import { limits } from "./limits.ts";
import { replaceFile, workspaceKey } from "./object-store.ts";
import { isAll, isObject, isStrings, namesIn, parseJson } from "./own-files.ts";

export interface Unfinished {
  readonly session: SessionId;
  /** The process whose session it is: `<boot> <process namespace> <pid> <began>`. */
  readonly owner: string;
  readonly found: Found;
}

/** To be durable before the tool runs. */
export function noteUnfinished(state: string, unfinished: Unfinished): ReviewFault | undefined {
  const { session, owner, found } = unfinished;
  try {
    mkdirSync(`${state}/unfinished`, { recursive: true, mode: 0o700 });
    const plain = { ...found, leaves: [...found.leaves.values()], entered: [...found.entered] };
    replaceFile(place(state, found.workspace, session), JSON.stringify({ version: 1, session, owner, found: plain }));
    return undefined;
  } catch (cause) {
    const hint = `make ${state} writable and see that its disk is not full`;
    return new Fault({ code: "record", message: "the session's beginning cannot be noted", hint, cause });
  }
}

export function clearUnfinished(state: string, workspace: string, session: SessionId): void {
  rmSync(place(state, workspace, session), { force: true });
}

/** Sessions of a workspace that have not noted their end: they run, or were killed. */
export function listUnfinished(state: string, workspace: string): readonly Unfinished[] {
  return namesIn(`${state}/unfinished`)
    .filter((name) => name.startsWith(`${workspaceKey(workspace)}.`) && name.endsWith(".json"))
    .map((name) => parseUnfinished(readWhole(`${state}/unfinished/${name}`, limits.recordBytes)?.toString() ?? ""))
    .filter((each) => each !== undefined)
    .filter((each) => each.found.workspace === workspace);
}

function place(state: string, workspace: string, session: SessionId): string {
  return `${state}/unfinished/${workspaceKey(workspace)}.${session}.json`;
}

/** Text → one, or undefined where it is not one of ours. */
export function parseUnfinished(text: string): Unfinished | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value["version"] !== 1 || typeof value["session"] !== "string") return undefined;
  const [session, owner] = [parseSessionId(value["session"]), value["owner"]];
  const found = parseFound(value["found"]);
  if (session === undefined || typeof owner !== "string" || found === undefined) return undefined;
  return { session, owner, found };
}

function parseFound(value: unknown): Found | undefined {
  if (!isObject(value)) return undefined;
  const { workspace, ours, personal, taken, held, repositories, entered, leaves, odd, empty, truncated } = value;
  if (typeof workspace !== "string" || typeof taken !== "number") return undefined;
  if (ours !== undefined && typeof ours !== "string") return undefined;
  if (personal !== undefined && !isPersonal(personal)) return undefined;
  if (!isStrings(repositories) || !isStrings(entered) || !isStrings(empty)) return undefined;
  if (!isAll(held, isHeld) || !isAll(leaves, isLeaf) || !isAll(odd, isOdd)) return undefined;
  if (truncated !== undefined && typeof truncated !== "string") return undefined;
  return {
    ...(value["unheld"] === true ? { unheld: true } : {}),
    workspace,
    ...(ours === undefined ? {} : { ours }),
    ...(personal === undefined ? {} : { personal }),
    taken,
    held,
    repositories,
    entered: new Set(entered),
    leaves: new Map(leaves.map((leaf) => [leaf.path, leaf])),
    odd,
    empty,
    truncated,
  };
}

export function isPersonal(value: unknown): value is Personal {
  if (!isObject(value) || !isStrings(value["places"]) || !isStrings(value["files"])) return false;
  return value["tops"] === undefined || isStrings(value["tops"]);
}

function isHeld(value: unknown): value is Held {
  return isObject(value) && isIdentified(value) && ["file", "directory", "symlink"].includes(String(value["kind"]));
}

function isLeaf(value: unknown): value is Leaf {
  if (!isObject(value) || !isIdentified(value) || !["file", "symlink", "other"].includes(String(value["kind"])))
    return false;
  const numbers = [value["links"], value["size"], value["mode"], value["changed"]];
  return numbers.every((each) => typeof each === "number") && isOptionalText(value["text"]);
}

function isIdentified(value: Readonly<Record<string, unknown>>): boolean {
  const { path, pattern, device, inode, sha256 } = value;
  if (typeof path !== "string" || typeof pattern !== "string") return false;
  if (typeof device !== "number" || typeof inode !== "number") return false;
  return sha256 === undefined || (typeof sha256 === "string" && parseDigest(sha256) !== undefined);
}

function isOdd(value: unknown): value is Odd {
  return isObject(value) && typeof value["path"] === "string" && typeof value["what"] === "string";
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
