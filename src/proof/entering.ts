// A proof's entry: counts in the leaf, every row sealed. It is a session of Postern's own, under the digest of the policy that
// was tried and the grade it was tried at.

import type { Session } from "../domain/session.ts";
import { openBook } from "../ledger/book.ts";
import { newSessionId } from "../session/prepare.ts";
import type { State } from "../session/state.ts";
import type { Outcome, Row } from "./row.ts";

export interface Proved {
  readonly state: State;
  readonly session: Session;
  /** Whose policy it is. */
  readonly checkout: string;
  readonly rows: readonly Row[];
}

/** Its number. Throws a BookFault where it cannot be written. */
export async function enterProof({ state, session, checkout, rows }: Proved): Promise<number> {
  const count = (...outcomes: readonly Outcome[]) => rows.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const own = {
    ...session,
    id: newSessionId(),
    tool: { name: "postern", recognised: true, version: undefined, path: process.execPath, sha256: session.build },
    workspace: checkout,
  };
  await using book = await openBook({ state: state.directory, session: own });
  const { index } = await book.append({
    kind: "proof",
    counts: {
      "rules-held": count("held"),
      "rules-granted": count("granted"),
      "rules-open": count("open", "broken"),
      "rules-untried": count("untried"),
    },
    sealed: { of: session.id, workspace: checkout, rows: rows.slice(0, most).map(bounded) },
  });
  return index;
}

/** Rows in one entry: more grants than a person reads. */
const most = 1_000;

function bounded({ place, tried, by, ...row }: Row) {
  const at = place === undefined ? {} : { place: `${place.file}:${place.line}` };
  return { ...row, ...at, tried: tried.slice(0, 300), by: by.slice(0, 300) };
}
