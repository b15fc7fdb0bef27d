// All that is sought in a text, in it and in what is written within it in other codings. In: a text, *attacker-controlled*. Out: what
// was seen, with its place in the text itself. Pure and bounded.

import { type CovertHit, mostMarks, seekCovert } from "./covert/seek.ts";
import type { SeekText, Seen } from "./inspect.ts";
import type { OpenText } from "./open/opener.ts";
import { seekPersonal } from "./personal/seek.ts";
import type { SeekSecrets } from "./rules/rule.ts";
import { steps } from "./steps.ts";
import { openTally, type Tally } from "./tally.ts";

/** Of one kind and label in one text; of further ones it is said that there are more. */
const most = 2_000;

/** What is sought for the session. */
export interface Sought {
  readonly secrets: SeekSecrets;
  readonly known: SeekText;
}

export function openSeeker(sought: Sought, open: OpenText): SeekText {
  return (text) => {
    const tally = openTally(most);
    const seen = told(seekPlain(text, sought), tally);
    const { found, left } = open(text);
    const plain = new Set(seen.map(placed));
    for (const { text: inner, codings, at } of found)
      for (const one of seekPlain(inner, sought)) {
        const there = { ...one, ...at(one.from, one.to) };
        // what has no escape in it was seen before its surroundings were opened
        if (plain.has(placed(there))) continue;
        seen.push(...told([{ ...there, within: [...codings, ...(one.within ?? [])] }], tally));
      }
    if (left) seen.push({ kind: "closed", label: "codings", from: 0, to: text.length });
    return seen;
  };
}

const told = (seen: readonly Seen[], tally: Tally): Seen[] =>
  seen.flatMap((one) => {
    const said = tally(one);
    return said === undefined ? [] : [said];
  });

const placed = ({ kind, label, from, to }: Seen): string => `${kind} ${label} ${from} ${to}`;

/** What stands for a secret is none: a tool's credential (docs/spec/gateway.md), or what we put in a secret's place. */
const standIn = /^[^\n]{0,40}postern[0-9a-f]{48}$|^PSTN_[A-Z0-9_]{1,21}_[A-Z2-7]{16}$/;

function seekPlain(text: string, { secrets, known }: Sought): Seen[] {
  steps.scanned += text.length;
  const hits = secrets(text).filter(({ from, to }) => !standIn.test(text.slice(from, to)));
  return [
    ...known(text),
    ...hits.map(
      ({ rule, from, to, sure, unread }): Seen =>
        unread === true
          ? { kind: "closed", label: rule, cut: "secret", from, to, sure }
          : { kind: "secret", label: rule, from, to, sure },
    ),
    ...seekPersonal(text).map(
      ({ kind, from, to, more }): Seen =>
        more === true
          ? { kind: "closed", label: kind, cut: "personal", from, to }
          : { kind: "personal", label: kind, from, to },
    ),
    ...seekCovert(text).flatMap(coverts),
  ];
}

function coverts({ kind, from, to, bits, count }: CovertHit): readonly Seen[] {
  const seen: Seen = { kind: "covert", label: kind, from, to, bits };
  return count < mostMarks ? [seen] : [seen, { kind: "closed", label: kind, cut: "covert", from, to }];
}
