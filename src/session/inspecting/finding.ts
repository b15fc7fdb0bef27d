// All that is sought in the spans of a body: each text by itself, and what is known over several of them; and what is found of secrets, kept
// to be known from then on. Everything here is *attacker-controlled*, and bounded.

import type { Span } from "../../domain/span.ts";
import { openAcross } from "../../inspection/across.ts";
import { openApartSeeker } from "../../inspection/apart.ts";
import { openDriftSeeker } from "../../inspection/covert/drift.ts";
import { openOpaqueSeeker } from "../../inspection/covert/opaque.ts";
import {
  type HashText,
  type Inspected,
  openInspector,
  type SeekText,
  type Seen,
  type SpanFinding,
} from "../../inspection/inspect.ts";
import { openDigestSeeker } from "../../inspection/known-digests.ts";
import { type KnownValue, openKnownSeeker } from "../../inspection/known-text.ts";
import type { OpenText } from "../../inspection/open/opener.ts";
import { ownRules } from "../../inspection/rules/own.ts";
import type { ForeignRule } from "../../inspection/rules/rule.ts";
import { openRules } from "../../inspection/rules/seek.ts";
import { openSeeker } from "../../inspection/seekers.ts";

export interface Finding {
  /** One text by itself. */
  readonly seek: SeekText;
  readonly find: (spans: readonly Span[], conversation: string, socket: number | undefined) => Inspected;
}

/** What is sought beside what the product knows by itself. */
export interface Sought {
  readonly known: readonly KnownValue[];
  readonly more?: readonly ForeignRule[];
}

export function openFinding({ known, more = [] }: Sought, hash: HashText, open: OpenText): Finding {
  const secrets = openRules(ownRules, more);
  const taken = openTaken(known, (value) => secrets(value).some(({ from, to }) => from === 0 && to === value.length));
  const values = (): readonly KnownValue[] => taken.all;
  const ways = [openKnownSeeker(known), taken.seek, openApartSeeker(values), openDigestSeeker(values)];
  const seekers = { secrets, known: (text: string) => ways.flatMap((way) => way(text)) };
  const seek = openSeeker(seekers, open);
  const inspector = openInspector([seek], hash);
  const across = openAcross(values);
  const [drift, opaque] = [openDriftSeeker(), openOpaqueSeeker()];
  return {
    seek,
    find: (spans, conversation, socket) => {
      const { findings, judged } = inspector.inspect(spans, conversation);
      for (const [span, own] of Map.groupBy(findings, (one) => one.span)) taken.take(spans[span], own);
      const over = across.look(spans, conversation, socket);
      const estimates = [...drift.look(spans, conversation), ...opaque.look(spans)];
      return { findings: [...findings, ...over, ...estimates], judged };
    },
  };
}

/** Values that were found once, kept to be known again; and of those that were found by what stood beside them. */
const mostTaken = 500;
const mostBeside = 50;

/** What is known, and what is found of secrets as they are written: known from then on, alone too. */
function openTaken(known: readonly KnownValue[], isFoundAlone: (value: string) => boolean) {
  const all: KnownValue[] = [...known];
  const beside: KnownValue[] = [];
  let seek: SeekText = () => [];
  const values = new Set(known.map(({ value }) => value));
  return {
    all,
    seek: (text: string) => seek(text),
    take: (span: Span | undefined, found: readonly SpanFinding[]): void => {
      const sure = found.filter(({ seen }) => isTaken(seen));
      if (span === undefined || sure.length === 0) return;
      const { text } = span;
      for (const { seen } of sure) {
        const value = text.slice(seen.from, seen.to);
        if (values.has(value) || values.size >= known.length + mostTaken) continue;
        values.add(value);
        all.push({ label: seen.label, value });
        if (beside.length >= mostBeside || !isUncommon(value) || isFoundAlone(value)) continue;
        beside.push({ label: seen.label, value });
        seek = openKnownSeeker(beside);
      }
    },
  };
}

/** No word that stands in other texts for itself. */
const isUncommon = (value: string): boolean =>
  value.length >= 16 || (value.length >= 10 && /\d/.test(value) && /[A-Za-z]/.test(value));

const isTaken = ({ kind, sure, within }: Seen): boolean =>
  kind === "secret" && sure !== "generic" && within === undefined;
