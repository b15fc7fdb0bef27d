// The host's login, for the tool inside: its own file in its private home, with placeholders in the place of tokens and nothing
// else but what the profile says may be shown. The home is the tool's to change, also while another session of it runs: every
// directory on the way is entered by itself, and a link among them is refused.

import { closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Fault } from "../../domain/fault.ts";
import type { LoginGrant } from "../../policy/policy.ts";
import type { Fields } from "../../protocol/oauth/fields.ts";
import { makePlaceholder } from "../../protocol/oauth/placeholder.ts";
import { enter, inFolder } from "./folder.ts";
import { readHostFile, tokensIn, withTokens } from "./host-file.ts";
import type { Keep } from "./keep.ts";
import { memberAt, withMember } from "./members.ts";

export interface Seeding {
  readonly grant: LoginGrant;
  readonly keep: Keep;
  /** The tool's own file on the host. */
  readonly from: string;
  /** The private home, on the host. */
  readonly home: string;
}

/** Leaves one that holds this login's placeholders as it is. Throws a Fault `login-seed`. */
export function seedLogin(seeding: Seeding): void {
  const { grant, home } = seeding;
  const { path } = grant.file;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    inFolder(enter(home, dirname(path), "is made"), (folder) => seedIn(folder, basename(path), seeding));
  } catch (cause) {
    const hint = `look at what is there, and take it away: ${home}/${dirname(path)}`;
    throw new Fault({ code: "login-seed", message: `the login cannot be put into the private home`, hint, cause });
  }
}

function seedIn(folder: string, name: string, { grant, keep, from }: Seeding): void {
  if (readOwn(`${folder}/${name}`)?.includes(keep.marks.access) === true) return;
  const fields = readHostFile(from);
  const text = fields === undefined || fields === "unclear" ? undefined : seedOf(fields, grant, keep);
  if (text === undefined) return;
  const next = `${folder}/.${name}.postern`;
  const flags =
    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = openSync(next, flags, 0o600);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
  renameSync(next, `${folder}/${name}`);
}

/** What the tool left there, attacker-controlled; undefined where it is no plain small file. */
function readOwn(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return readFileSync(file, "latin1").slice(0, 1_048_576);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function seedOf(fields: Fields, grant: LoginGrant, keep: Keep): string | undefined {
  const { file, prefixes } = grant;
  const tokens = tokensIn(fields, file);
  const held = keep.held();
  if (tokens === undefined || held === undefined) return undefined;
  const { marks } = keep;
  const { generation } = held;
  const make = (real: string, kind: "access" | "refresh" | "id"): string =>
    makePlaceholder(real, { mark: marks[kind], generation, prefix: kind === "id" ? undefined : prefixes[kind] });
  const { access, refresh, id, expires } = tokens;
  const shown = {
    access: make(access, "access"),
    ...(refresh === undefined ? {} : { refresh: make(refresh, "refresh") }),
    ...(id === undefined ? {} : { id: make(id, "id") }),
    ...(expires === undefined ? {} : { expires }),
  };
  const kept = file.keep.reduce<Fields>((all, way) => {
    const value = memberAt(fields, way);
    return value === undefined ? all : withMember(all, way, value);
  }, {});
  const refreshed = file.refreshed === undefined ? undefined : memberAt(fields, file.refreshed);
  const whole = withTokens(kept, file, shown, Date.now());
  return `${JSON.stringify(refreshed === undefined ? whole : withMember(whole, file.refreshed ?? [], refreshed))}\n`;
}
