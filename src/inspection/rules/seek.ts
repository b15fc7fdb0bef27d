// Text in, hits out. One automaton over all keywords decides which rules are tried and where, so that a text without keywords
// costs one pass. Our own patterns are tried by V8 at the one place where a keyword puts them, and are of bounded width: no
// text makes them cost more than a constant a keyword. Others' run in a linear engine (foreign.ts). Pure; never throws.

import { steps } from "../steps.ts";
import { buildAutomaton } from "./automaton.ts";
import { entropyOf, isPlaceholder } from "./entropy.ts";
import { openForeign, unreadFrom } from "./foreign.ts";
import { maxHits } from "./limits.ts";
import type { ForeignRule, Hit, Rule, SeekSecrets } from "./rule.ts";

interface Ready {
  readonly rule: Rule;
  /** Sticky; made when its keyword is first met, which of most rules none ever is. */
  pattern: RegExp | undefined;
  /** The same with the places of its groups: made when there is a match to ask about. */
  indexed: RegExp | undefined;
}

/** How little a hit says: a proof, a format, a name, a guess. */
interface Ranked extends Hit {
  readonly rank: 0 | 1 | 2 | 3;
}

/** What one text has given so far. */
interface Yield {
  readonly text: string;
  readonly hits: Ranked[];
  /** By rule: how far it has been answered. */
  readonly ends: Map<number, number>;
  /** What a name alone says, and what says more: neither takes the other's place. */
  readonly counts: Record<"generic" | "sure", number>;
  /** Set when there were too many. */
  readonly unread: Partial<Record<"generic" | "sure", Hit>>;
}

export function openRules(own: readonly Rule[], more: readonly ForeignRule[] = []): SeekSecrets {
  const ready = own.map((rule): Ready => ({ rule, pattern: undefined, indexed: undefined }));
  const foreign = openForeign(more);
  const numbers = new Map<string, { readonly own: number[]; readonly foreign: number[] }>();
  const entry = (keyword: string) => {
    const known = numbers.get(keyword) ?? { own: [], foreign: [] };
    numbers.set(keyword, known);
    return known;
  };
  for (const [index, rule] of own.entries())
    for (const keyword of new Set(rule.keywords)) entry(keyword).own.push(index);
  for (const [index, rule] of more.entries())
    for (const keyword of new Set(rule.keywords)) entry(keyword).foreign.push(index);
  const automaton = buildAutomaton([...numbers.keys()]);
  const tried = [...numbers.values()];
  return (text) => {
    const got: Yield = { text, hits: [], ends: new Map(), ...noneYet() };
    const near = foreign.begin(text);
    automaton.search(text, (keyword, start) => {
      const rules = tried[keyword];
      if (rules === undefined) return;
      for (const index of rules.own) if (got.unread.sure === undefined) attempt(ready[index], index, start, got);
      for (const index of rules.foreign) near.note(index, start);
    });
    const { hits, unread } = near.end(maxHits);
    const theirs = hits.map((hit): Ranked => ({ ...hit, rank: hit.sure === "format" ? 1 : 3 }));
    const left = [got.unread.sure, got.unread.generic].filter((one) => one !== undefined);
    return [...ordered([...got.hits, ...theirs]), ...left, ...unread];
  };
}

const noneYet = () => ({ counts: { generic: 0, sure: 0 }, unread: {} });

/** One rule at one keyword: at most one hit. */
function attempt(ready: Ready | undefined, index: number, start: number, got: Yield): void {
  if (ready === undefined) return;
  const { rule } = ready;
  ready.pattern ??= new RegExp(rule.pattern, "y");
  const { pattern } = ready;
  for (const at of rule.at) {
    const from = start - at;
    if (from < (got.ends.get(index) ?? 0)) continue;
    pattern.lastIndex = from;
    steps.tried += 1;
    if (!pattern.test(got.text)) continue;
    const span = rule.group === 0 ? ([from, pattern.lastIndex] as const) : groupSpan(ready, from, got.text);
    if (span === undefined || !holds(rule, got.text.slice(span[0], span[1]))) continue;
    got.ends.set(index, span[1]);
    take(rule, span, got);
    return;
  }
}

function take(rule: Rule, [from, to]: readonly [number, number], got: Yield): void {
  const weighed = weight(rule, got.text.slice(from, to));
  const class_ = weighed.sure === "generic" ? "generic" : "sure";
  if (got.counts[class_] === maxHits) got.unread[class_] ??= unreadFrom(rule.id, from, got.text, weighed.sure);
  else {
    got.counts[class_] += 1;
    got.hits.push({ rule: rule.id, from, to, ...weighed });
  }
}

function weight(rule: Rule, secret: string): Pick<Ranked, "sure" | "rank"> {
  if (rule.check !== undefined || rule.proof?.(secret) === true) return { sure: "checked", rank: 0 };
  if (rule.guess !== undefined) return { sure: rule.sure, rank: 3 };
  // a password is known by where it stands: of a token that stands there more is known
  return { sure: rule.sure, rank: rule.sure === "format" && rule.likely === undefined ? 1 : 2 };
}

function groupSpan(ready: Ready, from: number, text: string): readonly [number, number] | undefined {
  ready.indexed ??= new RegExp(ready.rule.pattern, "dy");
  ready.indexed.lastIndex = from;
  return ready.indexed.exec(text)?.indices?.[ready.rule.group];
}

/** What is written in documentation in a secret's place is none; a checksum that holds is proof against that. */
function holds(rule: Rule, secret: string): boolean {
  if (entropyOf(secret) <= rule.entropy) return false;
  if (rule.check !== undefined) return rule.check(secret);
  return !isPlaceholder(secret) && (rule.likely === undefined || rule.likely(secret));
}

/** In order of place. What a name says counts for nothing where a format has spoken, a guess nothing beside either. */
function ordered(hits: readonly Ranked[]): readonly Hit[] {
  const sorted = hits.toSorted((a, b) => a.from - b.from || a.to - b.to || a.rank - b.rank);
  const named = sorted.filter((hit) => hit.rank !== 2 || !overlaps(hit, sorted, 2));
  return named
    .filter((hit) => hit.rank !== 3 || !overlaps(hit, named, 3))
    .map(({ rule, from, to, sure }): Hit => ({ rule, from, to, sure }));
}

/** Whether one of a rank below `bound` says something of the same place. */
function overlaps(hit: Hit, others: readonly Ranked[], bound: number): boolean {
  return others.some((other) => other.rank < bound && other.from < hit.to && other.to > hit.from);
}
