// What Postern keeps of one login, a file of the state directory (0600): the marks of its placeholders, how often its refresh
// token changed, and, for a login made inside, the tokens themselves. It is not encrypted: a key would have to lie beside it.
// What protects it is what protects the tool's own file, that only its owner can read it, and that nothing inside sees it.

import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../domain/fault.ts";
import { makeDirectory, readSmallFile, takePlace, writeSmallFile } from "../../ledger/file.ts";
import { Lock } from "../../ledger/lock.ts";
import { writeMark } from "../../protocol/oauth/placeholder.ts";

const tokens = z.strictObject({
  access: z.string(),
  refresh: z.string().optional(),
  id: z.string().optional(),
  /** Milliseconds since 1970. */
  expires: z.number().optional(),
});

const slot = z.strictObject({
  version: z.literal(1),
  marks: z.strictObject({ access: z.string().min(40), refresh: z.string().min(40), id: z.string().min(40) }),
  generation: z.number().int().nonnegative(),
  /** Of the refresh token this generation stands for; empty where there is none. */
  digest: z.string(),
  tokens: tokens.optional(),
  /** What else the server said last that the tool may see. */
  rest: z.record(z.string(), z.unknown()),
  /** Digest of a refresh token that was sent and whose answer is not written yet. */
  sent: z.string().optional(),
  /** The checkout whose login it is; undefined for the host's. */
  workspace: z.string().optional(),
  /** For the host's login: what the server gave and the host's file has not yet, and the fingerprint of what stands there instead. */
  given: z.strictObject({ tokens, replaces: z.string() }).optional(),
});

export type Slot = z.infer<typeof slot>;
export type StoredTokens = z.infer<typeof tokens>;

export interface Place {
  readonly file: string;
  readonly lock: string;
  readonly workspace: string | undefined;
}

/** `name`: whose login it is, of which tool in which checkout. */
export function placeOf(directory: string, name: string, workspace?: string): Place {
  return { file: join(directory, `${name}.json`), lock: join(directory, `${name}.lock`), workspace };
}

/** Makes it where there is none yet: two sessions that begin at once get the same. Throws a Fault `login-state`. */
export function openSlot({ file, lock, workspace }: Place): Slot {
  makeDirectory(file.slice(0, file.lastIndexOf("/")));
  const found = readSlot(file);
  if (found !== undefined) return found;
  using turn = new Lock(lock);
  return turn.hold(() => {
    const mark = (): string => writeMark(randomBytes(24));
    const marks = { access: mark(), refresh: mark(), id: mark() };
    const where = workspace === undefined ? {} : { workspace };
    const made: Slot = readSlot(file) ?? { version: 1, marks, generation: 0, digest: "", rest: {}, ...where };
    writeSlot(file, made);
    return made;
  });
}

/** Undefined where there is none. Throws a Fault `login-state` where it is something else. */
export function readSlot(file: string): Slot | undefined {
  const text = readSmallFile(file);
  if (text === undefined) return undefined;
  try {
    return slot.parse(JSON.parse(text));
  } catch {
    const hint = `if nobody is to stay logged in by it: rm ${file}`;
    throw new Fault({ code: "login-state", message: `${file} is no login of Postern's`, hint });
  }
}

/** Durable when it returns. Only in turn. */
export function writeSlot(file: string, value: Slot): void {
  writeSmallFile(file, `${JSON.stringify(value)}\n`);
}

/**
 * A session that was killed while what the server gave was on its way to the disk: it is whole beside the slot, and has not taken its
 * place. Only in turn. Whatever stands there was written after the token was sent, for that note went the same way.
 */
export function adoptNext(file: string): void {
  const now = readSlot(file);
  if (now?.sent === undefined) return;
  const next = `${file}.next`;
  const given = tryRead(next);
  if (given === undefined || given.sent !== undefined || given.marks.access !== now.marks.access) return;
  takePlace(next, file);
}

function tryRead(file: string): Slot | undefined {
  try {
    return readSlot(file);
  } catch {
    // half written: the kernel itself stopped then, for a write is one step
    return undefined;
  }
}

/** Of a login's tokens as they stand in a file. */
export function fingerprintOf({ access, refresh }: Pick<StoredTokens, "access" | "refresh">): string {
  return digestOf(`${access} ${refresh ?? ""}`);
}

export function digestOf(token: string | undefined): string {
  return token === undefined ? "" : createHash("sha256").update(token).digest("hex");
}
