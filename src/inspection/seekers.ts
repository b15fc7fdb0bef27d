// All that is sought in a text, in it and in what is written within it in other codings. In: a text, *attacker-controlled*. Out: what
// was seen, with its place in the text itself. Pure and bounded.

import { seekCovert } from "./covert/seek.ts";
import type { SeekText, Seen } from "./inspect.ts";
import { type Inflate, openAll } from "./open/open.ts";
import { seekPersonal } from "./personal/seek.ts";
import type { SeekSecrets } from "./rules/rule.ts";

/** Of one text; further ones say no more. */
const most = 2_000;

/** What is sought for the session. */
export interface Sought {
  readonly secrets: SeekSecrets;
  readonly known: SeekText;
}

export function openSeeker(sought: Sought, inflate: Inflate): SeekText {
  return (text) => {
    const seen = seekPlain(text, sought);
    const { found, left } = openAll(text, inflate);
    const plain = new Set(seen.map(placed));
    for (const { text: inner, codings, at } of found)
      for (const one of seekPlain(inner, sought)) {
        const there = { ...one, ...at(one.from, one.to) };
        // what has no escape in it was seen before its surroundings were opened
        if (!plain.has(placed(there))) seen.push({ ...there, within: [...codings, ...(one.within ?? [])] });
      }
    if (left) seen.push({ kind: "closed", label: "codings", from: 0, to: text.length });
    return seen.length > most ? [...seen.slice(0, most), tooMany(text)] : seen;
  };
}

const placed = ({ kind, label, from, to }: Seen): string => `${kind} ${label} ${from} ${to}`;

const tooMany = (text: string): Seen => ({ kind: "closed", label: "findings", from: 0, to: text.length });

/** What stands for a secret is none: a tool's credential (docs/spec/gateway.md), or what we put in a secret's place. */
const standIn = /^[^\n]{0,40}postern[0-9a-f]{48}$|^PSTN_[A-Z0-9_]{1,21}_[A-Z2-7]{16}$/;

function seekPlain(text: string, { secrets, known }: Sought): Seen[] {
  const hits = secrets(text).filter(({ from, to }) => !standIn.test(text.slice(from, to)));
  return [
    ...known(text),
    ...hits.map(
      ({ rule, from, to, sure, unread }): Seen =>
        unread === true ? { kind: "closed", label: rule, from, to } : { kind: "secret", label: rule, from, to, sure },
    ),
    ...seekPersonal(text).map(({ kind, from, to }): Seen => ({ kind: "personal", label: kind, from, to })),
    ...seekCovert(text).map(({ kind, from, to, bits }): Seen => ({ kind: "covert", label: kind, from, to, bits })),
  ];
}
