// Spans of one body → what is found in them. Each text is judged once in a session: what is sent again, as a conversation is with
// every request, is known, by its place where the body begins as the one before did, else by its hash. In: spans, seekers of texts.
// Out: findings with their span, in order. Pure, bounded; texts are *attacker-controlled*.

import type { Span } from "../domain/span.ts";
import { sameFrom } from "./prefix.ts";
import { openRemembered } from "./remembered.ts";
import { openTally } from "./tally.ts";

/** What a seeker sees in a text; places in UTF-16 units of it. */
export interface Seen {
  /** Which seeker's. `closed`: a bound was met, and what lies there was not looked into. */
  readonly kind: "secret" | "personal" | "covert" | "closed";
  /** Rule, kind of data, or label: never a value. */
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Of a secret: how much it says. */
  readonly sure?: string;
  /** Of `closed`: there are more of this kind and label than are told. */
  readonly cut?: "secret" | "personal" | "covert";
  /** Bits that it can carry, where that is what it is about. */
  readonly bits?: number;
  /** Codings it was written in, from the outermost in. */
  readonly within?: readonly string[];
  /** Of what was taken apart over several texts: which part, from 1. */
  readonly part?: number;
  /** Of what is covert: told by how it changes or is mixed, so nothing can be taken out. */
  readonly estimate?: boolean;
}

/** One text → what is in it; pure and bounded. */
export type SeekText = (text: string) => readonly Seen[];

export interface SpanFinding {
  /** Of the list of spans. */
  readonly span: number;
  readonly seen: Seen;
}

export interface Inspected {
  readonly findings: readonly SpanFinding[];
  /** How many texts were judged anew, and how many characters of them. */
  readonly judged: { readonly spans: number; readonly characters: number };
}

export interface Inspector {
  /** `conversation`: bodies of the same one begin alike, most of the time. */
  readonly inspect: (spans: readonly Span[], conversation: string) => Inspected;
}

/** SHA-256 of a text under a key of the session's. */
export type HashText = (text: string) => string;

export interface InspectBounds {
  /** Texts remembered: their hashes, and what was found. */
  readonly remembered: number;
  /** Conversations of whose last body the spans are kept. */
  readonly conversations: number;
  /** Characters: shorter texts are their own hash. */
  readonly short: number;
  /** Findings of one kind and label in a body; of the first beyond it is said that there are more. */
  readonly findings: number;
}

export const inspectBounds: InspectBounds = {
  remembered: 200_000,
  conversations: 8,
  short: 64,
  findings: 5_000,
};

export function openInspector(seekers: readonly SeekText[], hash: HashText, bounds = inspectBounds): Inspector {
  return new Inspecting(seekers, hash, bounds);
}

interface Before {
  readonly spans: readonly Span[];
  /** Those in which something was seen, in their order: few. */
  readonly hits: readonly Hit[];
}

interface Hit {
  readonly span: number;
  readonly seen: readonly Seen[];
}

const nothing: readonly Seen[] = [];

class Inspecting implements Inspector {
  readonly #seekers: readonly SeekText[];
  readonly #hash: HashText;
  readonly #bounds: InspectBounds;
  readonly #known;
  readonly #before = new Map<string, Before>();

  constructor(seekers: readonly SeekText[], hash: HashText, bounds: InspectBounds) {
    this.#seekers = seekers;
    this.#hash = hash;
    this.#bounds = bounds;
    this.#known = openRemembered<readonly Seen[]>(bounds.remembered);
  }

  inspect(spans: readonly Span[], conversation: string): Inspected {
    const before = this.#before.get(conversation);
    const same = before === undefined ? 0 : sameFrom(before.spans, spans);
    const hits = (before?.hits ?? []).filter(({ span }) => span < same);
    let [judged, characters] = [0, 0];
    for (let nth = same; nth < spans.length; nth += 1) {
      const text = spans[nth]?.text ?? "";
      const { seen, fresh } = this.#recall(text);
      if (seen.length > 0) hits.push({ span: nth, seen });
      if (fresh) [judged, characters] = [judged + 1, characters + text.length];
    }
    this.#keep(conversation, { spans, hits });
    return { findings: this.#told(hits), judged: { spans: judged, characters } };
  }

  #told(hits: readonly Hit[]): SpanFinding[] {
    const tally = openTally(this.#bounds.findings);
    return hits.flatMap(({ span, seen }) =>
      seen.flatMap((one): readonly SpanFinding[] => {
        const told = tally(one);
        return told === undefined ? [] : [{ span, seen: told }];
      }),
    );
  }

  #recall(text: string): { readonly seen: readonly Seen[]; readonly fresh: boolean } {
    const key = text.length < this.#bounds.short ? ` ${text}` : this.#hash(text);
    const known = this.#known.get(key);
    if (known !== undefined) return { seen: known, fresh: false };
    const all = this.#seekers.flatMap((seek) => seek(text));
    const seen = all.length === 0 ? nothing : all;
    this.#known.set(key, seen);
    return { seen, fresh: true };
  }

  #keep(conversation: string, before: Before): void {
    this.#before.delete(conversation);
    this.#before.set(conversation, before);
    for (const oldest of this.#before.keys())
      if (this.#before.size > this.#bounds.conversations) this.#before.delete(oldest);
  }
}
