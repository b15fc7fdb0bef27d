// The logins that are kept on this machine, for commands that list and end them. What enters: the state directory, the home. A slot that
// is none of ours is told as one that cannot be read, never passed over.

import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { Fault } from "../../domain/fault.ts";
import { Lock } from "../../ledger/lock.ts";
import { profileNamed } from "../../policy/profile.ts";
import type { State } from "../state.ts";
import { findHostFile, readHostFile, tokensIn } from "./host-file.ts";
import { placeOf, readSlot, type Slot, type StoredTokens } from "./slot.ts";

export interface KeptAccount {
  readonly tool: string;
  readonly of: "inside" | "host";
  /** Undefined for the host's, and where it is not noted. */
  readonly workspace: string | undefined;
  /** It is that checkout's. */
  readonly isOf: (workspace: string) => boolean;
  /** `broken`: what is kept cannot be read. */
  readonly state: "in" | "broken";
  /** Of the access token (ms since 1970); it is refreshed after that. */
  readonly expires: number | undefined;
  /** Ours; for the host's the tool's own. */
  readonly file: string;
  /** Only in turn; false where another session is at it and does not come to an end. */
  readonly forget: () => boolean;
}

/** A refresh that is under way is let end (ms). */
const patience = 60_000;

/** By tool and checkout; slots by which nobody is logged in are none. */
export function listKept(state: State, home: string): readonly KeptAccount[] {
  return namesIn(state.logins)
    .flatMap((name) => accountOf(state, home, name))
    .toSorted((a, b) => a.tool.localeCompare(b.tool) || (a.workspace ?? "").localeCompare(b.workspace ?? ""));
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function accountOf(state: State, home: string, name: string): readonly KeptAccount[] {
  const [, whose = "", tool = ""] = /^(.+)\.([a-z0-9-]+)\.json$/.exec(name) ?? [];
  const data = profileNamed(tool)?.login;
  if (data === undefined) return [];
  const { file, lock } = placeOf(state.logins, `${whose}.${tool}`);
  const holder = whose.replace(/-[0-9a-f]{16}$/, "");
  const common = {
    tool,
    isOf: (workspace: string) => whose !== "host" && basename(state.home(holder, workspace)) === whose,
    forget: () => remove(file, lock),
  };
  if (whose === "host") {
    const own = join(home, data.file.path);
    const read = readHost(own);
    const tokens = read === undefined ? undefined : tokensIn(read, data.file);
    if (tokens === undefined) return [];
    return [{ ...common, of: "host", workspace: undefined, state: "in", expires: tokens.expires, file: own }];
  }
  const slot = tryRead(file);
  if (slot === undefined) return [];
  const told =
    slot === "broken" ? { state: slot, workspace: undefined, tokens: undefined } : { ...slot, state: "in" as const };
  if (told.state === "in" && told.tokens === undefined) return [];
  const tokens: StoredTokens | undefined = told.tokens;
  return [{ ...common, of: "inside", workspace: told.workspace, state: told.state, expires: tokens?.expires, file }];
}

function readHost(path: string) {
  try {
    const fields = readHostFile(findHostFile(path));
    return fields === "unclear" ? undefined : fields;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function tryRead(file: string): Slot | "broken" | undefined {
  try {
    return readSlot(file);
  } catch {
    return "broken";
  }
}

function remove(file: string, lock: string): boolean {
  using turn = new Lock(lock);
  const removed = turn.attempt(() => {
    // first what a session that was killed had not put in its place: the slot leads here once more if we are killed between
    for (const at of [`${file}.next`, file]) rmSync(at, { force: true });
  }, patience);
  return removed !== undefined;
}
