// What changes of what is kept, and in which order it becomes durable: that a token is about to be sent, what the server gave, what the
// host's file has of it. All of it only in turn.

import type { LoginGrant } from "../../policy/policy.ts";
import type { Fields } from "../../protocol/oauth/fields.ts";
import { expiryOf } from "../../protocol/oauth/placeholder.ts";
import type { Tokens } from "../../protocol/oauth/reply.ts";
import { readHostFile, tokensIn, withTokens, writeHostFile } from "./host-file.ts";
import { digestOf, fingerprintOf, type Place, readSlot, type Slot, type StoredTokens, writeSlot } from "./slot.ts";

export interface Held extends StoredTokens {
  /** How often the refresh token has changed. */
  readonly generation: number;
  readonly rest: Fields;
}

export interface Keeping {
  readonly grant: LoginGrant;
  readonly place: Place;
  /** Absolute, and no link is on the way; of the tool's own file, for the host's login. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export function noteChange({ place }: Keeping, held: Held | undefined): void {
  const slot = readSlot(place.file);
  if (slot === undefined || held === undefined || slot.generation === held.generation) return;
  writeSlot(place.file, { ...slot, generation: held.generation, digest: digestOf(held.refresh) });
}

type Awaiting = Slot & { readonly given: NonNullable<Slot["given"]> };

/** What the server gave has not come to the host's file, and nobody else has changed that since. */
export function isAwaited(slot: Slot, there: StoredTokens): slot is Awaiting {
  return slot.given?.replaces === fingerprintOf(there);
}

/** What could not be put into the host's file before. Throws where it still cannot. */
export function putBack({ grant, place, file, clock }: Keeping): void {
  const slot = readSlot(place.file);
  if (slot?.given === undefined) return;
  const fields = readHostFile(file);
  if (fields === "unclear") return;
  const there = fields === undefined ? undefined : tokensIn(fields, grant.file);
  if (fields !== undefined && there !== undefined && isAwaited(slot, there))
    writeHostFile(file, withTokens(fields, grant.file, slot.given.tokens, clock()));
  const { given: _, ...rest } = slot;
  writeSlot(place.file, rest);
}

export function noteHeard({ place }: Keeping): void {
  const slot = readSlot(place.file);
  if (slot?.sent === undefined) return;
  const { sent: _, ...rest } = slot;
  writeSlot(place.file, rest);
}

export function noteSent({ place }: Keeping, held: Held | undefined): boolean {
  const slot = readSlot(place.file);
  if (slot === undefined || held === undefined) return false;
  const digest = digestOf(held.refresh);
  const lost = slot.sent === digest;
  if (!lost) writeSlot(place.file, { ...slot, generation: held.generation, digest, sent: digest });
  return lost;
}

interface Given {
  readonly tokens: Tokens;
  readonly rest: Fields;
  /** Those this session began with. */
  readonly marks: Slot["marks"];
}

/**
 * What the server gave is durable in the first write, which is ours to make: the host's file may be unwritable by now. A session
 * killed between two writes leaves what the next one finishes.
 */
export function storeTokens(keeping: Keeping, before: Held | undefined, given: Given): Held {
  const { grant, place, clock } = keeping;
  const now = clock();
  const { tokens, rest } = given;
  const refresh = tokens.refresh ?? before?.refresh;
  const id = tokens.id ?? before?.id;
  const expires = tokens.expiresIn === undefined ? expiryOf(tokens.access) : now + tokens.expiresIn * 1000;
  const stored: StoredTokens = {
    access: tokens.access,
    ...(refresh === undefined ? {} : { refresh }),
    ...(id === undefined ? {} : { id }),
    ...(expires === undefined ? {} : { expires }),
  };
  const changed = refresh !== before?.refresh;
  const generation = (before?.generation ?? 0) + (changed ? 1 : 0);
  // where somebody has taken it away, logging out, it is made again; not under the lock, which is ours already
  const marks = readSlot(place.file)?.marks ?? given.marks;
  const where = place.workspace === undefined ? {} : { workspace: place.workspace };
  const slot: Slot = { version: 1, marks, generation, digest: digestOf(refresh), rest, ...where };
  if (grant.of === "inside") writeSlot(place.file, { ...slot, tokens: stored });
  else {
    const replaces = before === undefined ? "" : fingerprintOf(before);
    writeSlot(place.file, { ...slot, given: { tokens: stored, replaces } });
    putBack(keeping);
  }
  return { ...stored, generation, rest };
}
