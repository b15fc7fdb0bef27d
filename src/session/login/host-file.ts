// The login that a tool keeps on this host in a file of its own: read as it is now, written back in its own form, with
// everything else in it as it was. The tool outside may change it at any moment; what is half written is read again later. Links
// to it are followed once, when the session begins; one that comes on the way or in its place afterwards is refused, and never
// written through, for who puts it there may be another session's tool.

import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { Fault } from "../../domain/fault.ts";
import { syncFile } from "../../ledger/file.ts";
import type { LoginGrant } from "../../policy/policy.ts";
import { type Fields, parseFields } from "../../protocol/oauth/fields.ts";
import { expiryOf } from "../../protocol/oauth/placeholder.ts";
import { tokenOf } from "../../protocol/oauth/reply.ts";
import { enter, inFolder } from "./folder.ts";
import { memberAt, withMember } from "./members.ts";
import type { StoredTokens } from "./slot.ts";

export type LoginFile = LoginGrant["file"];

/** Such a file is a few KiB. */
const most = 1_048_576;

/** The file itself, once: every link is followed. As it stands where there is none. */
export function findHostFile(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Changes whenever the file does, or what stands in its place. */
export function stampOfHost(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? undefined : `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}

/** Undefined where there is none; `unclear` where it is just being written. Throws a Fault `login-moved` where it is no plain file. */
export function readHostFile(path: string): Fields | undefined | "unclear" {
  try {
    return inFolder(enter("/", dirname(path), "throws"), (folder) => readPlain(`${folder}/${basename(path)}`, path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (isLedElsewhere(error)) throw moved(path);
    if (error instanceof Fault) throw error;
    return "unclear";
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** A link, or a file, where a directory was; a link where a file was. */
function isLedElsewhere(error: unknown): boolean {
  return codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP";
}

function readPlain(at: string, path: string): Fields | "unclear" {
  const file = openSync(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw moved(path);
    return stat.size > most ? "unclear" : (parseFields(readFileSync(file)) ?? "unclear");
  } finally {
    closeSync(file);
  }
}

function moved(path: string): Fault {
  return new Fault({
    code: "login-moved",
    message: `${path} is not the file any more that the session began with: a link stands in its place, or on the way to it`,
    hint: "see who put it there; begin the session again if it was you",
  });
}

export function tokensIn(fields: Fields, file: LoginFile): StoredTokens | undefined {
  const token = (way: readonly string[] | undefined) =>
    way === undefined ? undefined : tokenOf(memberAt(fields, way));
  const access = token(file.access);
  if (access === undefined) return undefined;
  const told = file.expires === undefined ? undefined : memberAt(fields, file.expires);
  const expires = typeof told === "number" ? told : expiryOf(access);
  const [refresh, id] = [token(file.refresh), token(file.id)];
  return {
    access,
    ...(refresh === undefined ? {} : { refresh }),
    ...(id === undefined ? {} : { id }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/** The scope in the words of RFC 6749 §3.3, where the tool keeps it. */
export function scopeIn(fields: Fields, file: LoginFile): string | undefined {
  const scope = file.scope === undefined ? undefined : memberAt(fields, file.scope);
  if (typeof scope === "string") return scope;
  return Array.isArray(scope) ? scope.filter((word) => typeof word === "string").join(" ") : undefined;
}

/** The file as the tool would have written it. */
export function withTokens(fields: Fields, file: LoginFile, tokens: StoredTokens, now: number): Fields {
  const members: readonly (readonly [readonly string[] | undefined, unknown])[] = [
    [file.access, tokens.access],
    [file.refresh, tokens.refresh],
    [file.id, tokens.id],
    [file.expires, tokens.expires],
    [file.refreshed, new Date(now).toISOString()],
  ];
  return members.reduce<Fields>(
    (all, [way, value]) => (way === undefined || value === undefined ? all : withMember(all, way, value)),
    fields,
  );
}

/** Replaced in one step, in the directory itself; mode and owner stay, but for what everybody may do. Throws a Fault `login-moved` or `login-unwritable`. Only in turn. */
export function writeHostFile(path: string, fields: Fields): void {
  try {
    inFolder(enter("/", dirname(path), "throws"), (folder) => replace(`${folder}/`, basename(path), fields));
  } catch (cause) {
    if (isLedElsewhere(cause)) throw moved(path);
    throw new Fault({
      code: "login-unwritable",
      message: `the host's login cannot be written to ${path}; what the server gave is kept, and put there as soon as it can be`,
      hint: `see that ${dirname(path)} can be written, with room left on its disk, and begin a session`,
      cause,
    });
  }
}

function replace(folder: string, name: string, fields: Fields): void {
  const next = `${folder}${name}.postern-next`;
  // what a session left that was killed here, or what somebody planted: the name itself goes, never what it leads to
  rmSync(next, { force: true });
  const file = openSync(next, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    keepOwner(file, lstatSync(`${folder}${name}`, { throwIfNoEntry: false }));
    writeFileSync(file, `${JSON.stringify(fields, undefined, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, `${folder}${name}`);
  syncFile(folder);
}

/** Never for everybody to read; for us alone where it cannot be given to whom it belonged. */
function keepOwner(file: number, before: Stats | undefined): void {
  if (before?.isFile() !== true) return;
  const { uid, gid } = fstatSync(file);
  try {
    if (before.uid !== uid || before.gid !== gid) fchownSync(file, before.uid, before.gid);
    fchmodSync(file, before.mode & 0o770);
  } catch {
    fchmodSync(file, 0o600);
  }
}
