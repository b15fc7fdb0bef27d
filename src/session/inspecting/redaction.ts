// Secrets found in a body → the same body with a placeholder for each, or why that cannot be. Between the placeholders no octet is
// written anew. The same secret is the same placeholder in all of a session, so what is sent again stays the octets it was.

import type { ContentRules, PersonalKind } from "../../domain/content-rules.ts";
import type { RequestHead } from "../../domain/exchange.ts";
import type { RedactedPart, Redaction } from "../../domain/inspection.ts";
import type { Span } from "../../domain/span.ts";
import { plainly } from "../../inspection/covert/normalise.ts";
import type { Seen, SpanFinding } from "../../inspection/inspect.ts";
import type { Placeholders } from "../../inspection/placeholders/placeholders.ts";
import { type Change, openOctets, splice, written } from "../../protocol/json/splice.ts";
import type { Said } from "../../protocol/read.ts";
import { signatureOf } from "../../protocol/signature.ts";
import { openStanding } from "./standing.ts";

export interface Redacting {
  readonly head: RequestHead;
  readonly body: Buffer;
  readonly said: Said;
  readonly findings: readonly SpanFinding[];
}

/** Undefined where there is nothing to be taken out. */
export function redact(
  { head, body, said, findings }: Redacting,
  placeholders: Placeholders,
  rules: ContentRules | undefined,
): Redaction | undefined {
  const taken = findings.flatMap(({ span, seen }) => {
    const rule = ruleOf(seen, rules);
    return rule === undefined ? [] : [{ span, seen, rule }];
  });
  const beyond = findings.flatMap((one) => cutIn(one, rules));
  if (taken.length + beyond.length === 0) return undefined;
  const parts = partsOf(taken.length === 0 ? beyond : taken);
  const impossible = beyond.length === 0 ? objectionTo(head, said, taken) : tooMany;
  if (impossible !== undefined) return { parts, impossible, body: undefined };
  const changes = [...Map.groupBy(taken, ({ span }) => span)].flatMap(([nth, own]) =>
    changesIn(body, said.spans[nth], own, placeholders),
  );
  return { parts, impossible, body: splice(body, changes) };
}

/** Found, and to be taken out by this rule. */
interface Taken extends SpanFinding {
  readonly rule: string;
}

function ruleOf({ kind, label, sure, within, estimate }: Seen, rules: ContentRules | undefined): string | undefined {
  if (kind === "secret") return sure === "generic" ? undefined : "built-in:secrets";
  if (kind === "personal") {
    const said = rules?.personal[label as PersonalKind];
    return said?.action === "redact" ? said.rule : undefined;
  }
  // what is coded was not written for a reader's eye: its bits count, and nothing is taken out of a coding
  return kind === "covert" && within === undefined && estimate !== true ? rules?.normalise?.rule : undefined;
}

/** Of what there is more of than was told, and so more than is known where: the rule by which the rest would be taken out. */
function cutIn({ span, seen }: SpanFinding, rules: ContentRules | undefined): readonly Taken[] {
  if (seen.kind !== "closed" || seen.cut === undefined) return [];
  const meant = { ...seen, kind: seen.cut };
  const rule = ruleOf(meant, rules);
  return rule === undefined ? [] : [{ span, seen: meant, rule }];
}

const tooMany = "there may be more of them than were looked for";

const weights = ["secret", "personal", "covert"] as const;

function partsOf(taken: readonly Taken[]): readonly RedactedPart[] {
  return weights.flatMap((kind) => {
    const own = taken.filter(({ seen }) => seen.kind === kind);
    const [first] = own;
    return first === undefined ? [] : [{ kind, rule: first.rule, count: own.length }];
  });
}

function objectionTo(head: RequestHead, said: Said, taken: readonly Taken[]): string | undefined {
  if (said.protocol === "unknown" || said.protocol === "telemetry")
    return "it is no conversation in a protocol known here";
  const signature = signatureOf(head, said);
  if (signature !== undefined) return `the body is signed: ${signature}`;
  const fixed = taken
    .map(({ span }) => said.spans[span])
    .find((span) => span?.fixed === true || span?.kind === "media");
  return fixed && `one stands where nothing may be changed: ${fixed.path.slice(0, 200)}`;
}

function changesIn(
  body: Buffer,
  span: Span | undefined,
  taken: readonly Taken[],
  placeholders: Placeholders,
): Change[] {
  if (span === undefined) return [];
  const { text, place } = span;
  const octetsOf = openOctets(body, place);
  const standsFor = openStanding(span);
  const stretches = joined(taken.map(({ seen }) => seen).filter(({ kind }) => kind !== "covert"));
  const plain = taken.some(({ seen }) => seen.kind === "covert") ? plainly(text) : [];
  return [
    ...stretches.map(({ from, to, label, part }) => {
      const kind = part === undefined ? label : `part ${part} ${label}`;
      return { from, to, by: placeholders.of(standsFor(from, to), kind) };
    }),
    ...apartFrom(stretches, plain).map(({ from, to, by }) => ({ from, to, by: written(by) })),
  ]
    .sort((a, b) => a.from - b.from)
    .map(({ from, to, by }) => ({ ...octetsOf(from, to), by: Buffer.from(by) }));
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** Those that lie in none of the stretches; both in order, and none within another of its list. */
function apartFrom<Each extends Part>(stretches: readonly Part[], parts: readonly Each[]): readonly Each[] {
  let next = 0;
  return parts.filter(({ from, to }) => {
    while (next < stretches.length && (stretches[next]?.to ?? 0) <= from) next += 1;
    return to <= (stretches[next]?.from ?? Infinity);
  });
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  /** Of a secret: numbered, so that two parts that are the same letters are not the same placeholder. */
  readonly part: number | undefined;
}

/** What overlaps is one. */
function joined(seen: readonly Seen[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const { from, to, label, part } of seen.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = stretches.at(-1);
    if (last === undefined || from >= last.to) stretches.push({ from, to, label, part });
    else stretches[stretches.length - 1] = { ...last, to: Math.max(last.to, to) };
  }
  return stretches;
}
