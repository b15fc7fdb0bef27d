// The tokens of one login as they are now, whoever changed them last: another session, or the tool on the host. Kept in our own
// file for a login made inside, and in the tool's own file for the host's.

import type { Secret as Sealed } from "../../domain/secret.ts";
import { Secret } from "../../domain/secret.ts";
import { stampOf } from "../../ledger/file.ts";
import type { Fields } from "../../protocol/oauth/fields.ts";
import { tellingPart } from "../../protocol/oauth/placeholder.ts";
import type { Tokens } from "../../protocol/oauth/reply.ts";
import { readHostFile, scopeIn, stampOfHost, tokensIn } from "./host-file.ts";
import { adoptNext, digestOf, openSlot, readSlot, type Slot } from "./slot.ts";
import {
  type Held,
  isAwaited,
  type Keeping,
  noteChange,
  noteHeard,
  noteSent,
  putBack,
  storeTokens,
} from "./storing.ts";

export interface Keep {
  readonly marks: Slot["marks"];
  readonly lock: string;
  /** Undefined where nobody is logged in. Throws where the files cannot be read. */
  readonly held: () => Held | undefined;
  /** Puts into the host's file what could not be put there before; notes what somebody else has changed, so that what they change next is told from it. Only in turn. */
  readonly settle: () => void;
  /** The refresh token is about to be sent. Durable when it returns. Only in turn. True where an earlier answer was lost. */
  readonly sending: () => boolean;
  /** Somebody has logged out meanwhile. */
  readonly isOut: () => boolean;
  /** The answer to what was sent has come, and gave nothing. Only in turn. */
  readonly heard: () => void;
  /** Durable when it returns. Only in turn. Throws where the host's file cannot be written; what was given is kept all the same. */
  readonly store: (tokens: Tokens, rest: Fields) => Held;
  /** What of real tokens must never leave: those of now and a few before, as far as this session met them. */
  readonly secrets: () => readonly Sealed[];
  /** Changes whenever `secrets` does. */
  readonly revision: () => number;
}

/** Generations whose tokens are still looked for. */
const remembered = 4;

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
    const stamp = `${stampOf(keeping.place.file)} ${keeping.grant.of === "host" ? stampOfHost(keeping.file) : ""}`;
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
    settle: () => {
      adoptNext(keeping.place.file);
      putBack(keeping);
      noteChange(keeping, held());
    },
    sending: () => noteSent(keeping, held()),
    isOut: () => keeping.grant.of === "inside" && readSlot(keeping.place.file) === undefined,
    heard: () => noteHeard(keeping),
    store: (tokens, rest) => meet(storeTokens(keeping, unlessLost(held, last?.held), { tokens, rest, marks })),
    secrets: () => [...new Set(met.flat())].map((part) => new Secret(part)),
    revision: () => revision,
  };
}

/** What the server gives is not lost because the host's file was led elsewhere meanwhile. */
function unlessLost(held: () => Held | undefined, before: Held | undefined): Held | undefined {
  try {
    return held();
  } catch {
    return before;
  }
}

/** `unclear`: there is a file that cannot be read as one. */
function readHeld({ grant, place, file }: Keeping): Held | undefined | "unclear" {
  const slot = readSlot(place.file);
  if (slot === undefined) return undefined;
  const { generation, rest } = slot;
  if (grant.of === "inside") return slot.tokens === undefined ? undefined : { ...slot.tokens, generation, rest };
  const fields = readHostFile(file);
  if (fields === undefined || fields === "unclear") return fields;
  const there = tokensIn(fields, grant.file);
  if (there === undefined) return undefined;
  const tokens = isAwaited(slot, there) ? slot.given.tokens : there;
  const scope = scopeIn(fields, grant.file);
  // the tool on the host has refreshed, or logged in anew
  const changed = slot.digest !== digestOf(tokens.refresh);
  return {
    ...tokens,
    generation: changed ? generation + 1 : generation,
    rest: { ...(scope === undefined ? {} : { scope }), ...rest },
  };
}
