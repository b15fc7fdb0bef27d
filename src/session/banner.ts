// The line a session starts with: how strong its walls are, under which mode and edits it runs, what it is let reach, and
// its name in the record. One line of 80 columns: hosts that have no room are counted.

import type { Host } from "../domain/brand.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { type Session, sayGrade } from "../domain/session.ts";

const columns = 80;

interface Reach {
  readonly network: readonly NetworkGrant[];
  /** The organisation's limit: it holds in audit too. */
  readonly widest?: readonly unknown[] | undefined;
}

/** `keyed`: hosts that a credential is put in for: those will be gone to. */
export function bannerOf(
  session: Pick<Session, "grade" | "mode" | "edits" | "id">,
  { network, widest }: Reach,
  keyed: readonly Host[] = [],
): string {
  const { grade, mode, edits, id } = session;
  // the longest of the grades leaves no room for the word
  const how = grade === "record-only" ? edits : `${edits} edits`;
  const [before, after] = [`postern: ${sayGrade(grade)}, ${mode}, ${how}, `, `, ${id}`];
  const audited =
    widest === undefined ? ["reaches what is public", "to the public"] : ["reaches what is allowed", "to the allowed"];
  const reaches = mode === "audit" ? audited : sayReach(network, keyed);
  const room = columns - before.length - after.length;
  return `${before}${reaches.find((text) => text.length <= room) ?? reaches.at(-1)}${after}`;
}

/** From the richest to the barest. */
function sayReach(network: readonly NetworkGrant[], keyed: readonly Host[]): string[] {
  // what inference goes to is named first: it is why the tool is run
  const rank = ({ host, purpose }: NetworkGrant): number =>
    host.kind === "exact" && keyed.includes(host.name) ? 0 : purpose === "inference" ? 1 : 2;
  const ordered = network.toSorted((a, b) => rank(a) - rank(b));
  const hosts = [...new Set(ordered.map(({ host }) => (host.kind === "exact" ? host.name : `*${host.suffix}`)))];
  const [first] = hosts;
  if (first === undefined) return ["reaches nothing", "to nothing"];
  const more = hosts.length - 1;
  return [
    `reaches ${hosts.slice(0, 3).join(", ")}${hosts.length > 3 ? ` +${hosts.length - 3}` : ""}`,
    `reaches ${first}${more > 0 ? ` +${more}` : ""}`,
    `to ${first}${more > 0 ? ` +${more}` : ""}`,
    `reaches ${hosts.length} host${more > 0 ? "s" : ""}`,
    `to ${hosts.length} hosts`,
  ];
}
