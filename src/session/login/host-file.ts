// The login that a tool keeps on this host in a file of its own: read as it is now, written back in its own form, with
// everything else in it as it was. The tool outside may change it at any moment; what is half written is read again later.

import { readFileSync, realpathSync, statSync } from "node:fs";
import { writeSmallFile } from "../../ledger/file.ts";
import type { LoginGrant } from "../../policy/policy.ts";
import { type Fields, parseFields } from "../../protocol/oauth/fields.ts";
import { expiryOf } from "../../protocol/oauth/placeholder.ts";
import { tokenOf } from "../../protocol/oauth/reply.ts";
import { memberAt, withMember } from "./members.ts";
import type { StoredTokens } from "./slot.ts";

export type LoginFile = LoginGrant["file"];

/** Such a file is a few KiB. */
const most = 1_048_576;

/** Undefined where there is none, or nobody is logged in by it, or it is just being written. */
export function readHostFile(path: string): Fields | undefined {
  try {
    if (statSync(path).size > most) return undefined;
    return parseFields(readFileSync(path));
  } catch {
    return undefined;
  }
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

/** Replaced in one step, through a link where it is one; 0600, as the tools have it. Only in turn. */
export function writeHostFile(path: string, fields: Fields): void {
  writeSmallFile(realpathSync(path), `${JSON.stringify(fields, undefined, 2)}\n`);
}
