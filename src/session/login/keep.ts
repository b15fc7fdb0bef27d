// The tokens of one login as they are now, whoever changed them last: another session, or the tool on the host. Kept in our own
// file for a login made inside, and in the tool's own file for the host's.

import type { Secret as Sealed } from "../../domain/secret.ts";
import { Secret } from "../../domain/secret.ts";
import { stampOf } from "../../ledger/file.ts";
import type { LoginGrant } from "../../policy/policy.ts";
import type { Fields } from "../../protocol/oauth/fields.ts";
import { expiryOf, tellingPart } from "../../protocol/oauth/placeholder.ts";
import type { Tokens } from "../../protocol/oauth/reply.ts";
import { readHostFile, scopeIn, tokensIn, withTokens, writeHostFile } from "./host-file.ts";
import { digestOf, openSlot, type Place, readSlot, type Slot, type StoredTokens, writeSlot } from "./slot.ts";

export interface Held extends StoredTokens {
  /** How often the refresh token has changed. */
  readonly generation: number;
  readonly rest: Fields;
}

export interface Keep {
  readonly marks: Slot["marks"];
  readonly lock: string;
  /** Undefined where nobody is logged in. Throws where the files cannot be read. */
  readonly held: () => Held | undefined;
  /** Notes what somebody else has changed, so that what they change next is told from it. Only in turn. */
  readonly settle: () => void;
  /** The refresh token is about to be sent. Durable when it returns. Only in turn. True where an earlier answer was lost. */
  readonly sending: () => boolean;
  /** Durable when it returns. Only in turn. */
  readonly store: (tokens: Tokens, rest: Fields) => Held;
  /** What of real tokens must never leave: those of now and a few before, as far as this session met them. */
  readonly secrets: () => readonly Sealed[];
  /** Changes whenever `secrets` does. */
  readonly revision: () => number;
}

/** Generations whose tokens are still looked for. */
const remembered = 4;

export interface Keeping {
  readonly grant: LoginGrant;
  readonly place: Place;
  /** Absolute; of the tool's own file, for the host's login. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Throws a Fault `login-state`. */
export function openKeep(keeping: Keeping): Keep {
  const { marks } = openSlot(keeping.place);
  const met: string[][] = [];
  let revision = 0;
  let last: { readonly stamp: string; readonly held: Held | undefined } | undefined;

  const meet = (held: Held): Held => {
    const parts = [held.access, held.refresh, held.id].flatMap((token) =>
      token === undefined ? [] : tellingPart(token),
    );
    if (met[0]?.join() === parts.join()) return held;
    met.unshift(parts);
    met.splice(remembered);
    revision += 1;
    return held;
  };

  const held = (): Held | undefined => {
    const stamp = `${stampOf(keeping.place.file)} ${keeping.grant.of === "host" ? stampOf(keeping.file) : ""}`;
    if (last?.stamp === stamp) return last.held;
    const now = readHeld(keeping);
    // the tool outside writes its file in place: what it is now is there in a moment
    if (now === "unclear") return last?.held;
    last = { stamp, held: now };
    return now === undefined ? undefined : meet(now);
  };

  return {
    marks,
    lock: keeping.place.lock,
    held,
    settle: () => noteChange(keeping, held()),
    sending: () => noteSent(keeping, held()),
    store: (tokens, rest) => meet(storeTokens(keeping, held(), { tokens, rest, marks })),
    secrets: () => [...new Set(met.flat())].map((part) => new Secret(part)),
    revision: () => revision,
  };
}

/** `unclear`: there is a file that cannot be read as one. */
function readHeld({ grant, place, file }: Keeping): Held | undefined | "unclear" {
  const slot = readSlot(place.file);
  if (slot === undefined) return undefined;
  const { generation, rest } = slot;
  if (grant.of === "inside") return slot.tokens === undefined ? undefined : { ...slot.tokens, generation, rest };
  const fields = readHostFile(file);
  if (fields === undefined) return stampOf(file) === undefined ? undefined : "unclear";
  const tokens = tokensIn(fields, grant.file);
  if (tokens === undefined) return undefined;
  const scope = scopeIn(fields, grant.file);
  // the tool on the host has refreshed, or logged in anew
  const changed = slot.digest !== digestOf(tokens.refresh);
  return {
    ...tokens,
    generation: changed ? generation + 1 : generation,
    rest: { ...(scope === undefined ? {} : { scope }), ...rest },
  };
}

function noteChange({ place }: Keeping, held: Held | undefined): void {
  const slot = readSlot(place.file);
  if (slot === undefined || held === undefined || slot.generation === held.generation) return;
  writeSlot(place.file, { ...slot, generation: held.generation, digest: digestOf(held.refresh) });
}

function noteSent({ place }: Keeping, held: Held | undefined): boolean {
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

/** The tokens first: a session killed between two writes leaves what the next one reads as a change made by somebody else. */
function storeTokens(keeping: Keeping, before: Held | undefined, given: Given): Held {
  const { grant, place, file, clock } = keeping;
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
  if (grant.of === "host") writeHostFile(file, withTokens(readHostFile(file) ?? {}, grant.file, stored, now));
  const changed = refresh !== before?.refresh;
  const generation = (before?.generation ?? 0) + (changed ? 1 : 0);
  // where somebody has taken it away, logging out, it is made again; not under the lock, which is ours already
  const marks = readSlot(place.file)?.marks ?? given.marks;
  const own = grant.of === "host" ? {} : { tokens: stored };
  writeSlot(place.file, { version: 1, marks, generation, digest: digestOf(refresh), rest, ...own });
  return { ...stored, generation, rest };
}
