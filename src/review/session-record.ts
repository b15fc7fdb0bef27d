// What `postern undo` and `postern review` know of a session, one small file each in the state directory, 0600. The name
// carries the workspace and the time, so that the newest of a workspace is found without opening the others.

import { mkdirSync } from "node:fs";
import { parseSessionId, type SessionId } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import type { ReviewFault } from "./git.ts";
import { isIndexState } from "./histories.ts";
import { readWhole } from "./leaf.ts";
import { limits } from "./limits.ts";
import { replaceFile, workspaceKey } from "./object-store.ts";
import { isAll, isObject, isStrings, namesIn, parseJson } from "./own-files.ts";
import type { UndoPoint } from "./undo-point.ts";

export interface SessionRecord {
  readonly session: SessionId;
  /** Real path. */
  readonly workspace: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly before: UndoPoint;
  /** Undefined while it runs, or where it was killed before the second capture. */
  readonly after: UndoPoint | undefined;
  /** It was killed: the second capture was made up for later, so `after` may hold what others changed meanwhile. */
  readonly interrupted?: boolean;
  /** Where the sweep put things away. */
  readonly quarantine: string;
  /** Changed while it ran, and hidden or masked: by nobody in there, unless the name came meanwhile. */
  readonly veiled?: readonly string[];
}

/** Saved once at the start and again at the end; the second replaces the first. */
export function saveSessionRecord(state: string, record: SessionRecord): ReviewFault | undefined {
  try {
    mkdirSync(`${state}/sessions`, { recursive: true, mode: 0o700 });
    const started = Math.trunc(record.started).toString().padStart(15, "0");
    const name = `${workspaceKey(record.workspace)}.${started}.${record.session}.json`;
    replaceFile(`${state}/sessions/${name}`, JSON.stringify({ version: 1, ...record }));
    return undefined;
  } catch (cause) {
    const hint = `make ${state} writable and see that its disk is not full`;
    return new Fault({ code: "record", message: "the session cannot be noted for undo", hint, cause });
  }
}

/** One for each workspace the session could write. */
export function loadSessionRecords(state: string, session: SessionId): readonly SessionRecord[] {
  return namesIn(`${state}/sessions`)
    .filter((each) => each.endsWith(`.${session}.json`))
    .map((name) => read(state, name))
    .filter((record) => record !== undefined);
}

/** The newest session of a workspace. */
export function latestFor(state: string, workspace: string): SessionRecord | undefined {
  const own = namesIn(`${state}/sessions`).filter((each) => each.startsWith(`${workspaceKey(workspace)}.`));
  for (const name of own.toReversed()) {
    const record = read(state, name);
    if (record?.workspace === workspace) return record;
  }
  return undefined;
}

function read(state: string, name: string): SessionRecord | undefined {
  return parseSessionRecord(readWhole(`${state}/sessions/${name}`, limits.recordBytes)?.toString() ?? "");
}

/** Text → a record, or undefined where it is not one of ours. */
export function parseSessionRecord(text: string): SessionRecord | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value["version"] !== 1) return undefined;
  const session = typeof value["session"] === "string" ? parseSessionId(value["session"]) : undefined;
  const { workspace, started, before, after, quarantine } = value;
  if (session === undefined || typeof workspace !== "string" || typeof started !== "number") return undefined;
  if (typeof quarantine !== "string" || !isPoint(before) || !(after === undefined || isPoint(after))) return undefined;
  const interrupted = value["interrupted"] === true ? { interrupted: true } : {};
  const veiled = isStrings(value["veiled"]) ? { veiled: value["veiled"] } : {};
  return { session, workspace, started, before, after, quarantine, ...interrupted, ...veiled };
}

export function isPoint(value: unknown): value is UndoPoint {
  if (!isObject(value)) return false;
  const { tree, modes, empty, ignored, uncaptured, references, seconds, looked } = value;
  if (typeof tree !== "string" || !/^[0-9a-f]{40}$/.test(tree) || typeof modes !== "string") return false;
  if (typeof seconds !== "number" || typeof looked !== "number" || !isObject(references)) return false;
  const { indexes, underway } = value;
  if (!isObject(indexes) || !Object.values(indexes).every(isIndexState)) return false;
  if (![references, underway].every((each) => isObject(each) && Object.values(each).every(isStrings))) return false;
  return isStrings(empty) && isStrings(ignored) && isAll(uncaptured, isObject);
}
