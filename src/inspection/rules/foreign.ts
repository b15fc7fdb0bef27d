// Rules of others, in the linear engine: near their keywords only, piece by piece, each text's work bounded (limits.ts).

import { steps } from "../steps.ts";
import { entropyOf } from "./entropy.ts";
import { apartReach, foreignReach, leastMatches, lineReach, maxMatches, maxSteps, pieceLength } from "./limits.ts";
import { compileLinear, type Linear, type Match } from "./linear.ts";
import type { ForeignRule, Hit } from "./rule.ts";
import { shapeOf } from "./shape.ts";

interface Ready {
  readonly rule: ForeignRule;
  readonly pattern: Linear;
  /** How far from a keyword's beginning a match is sought, to either side. */
  readonly reach: number;
  /** How many matches it may have in one text. */
  readonly matches: number;
}

interface Near {
  /** A keyword of this rule begins there; places come in rising order, give or take a keyword's length. */
  readonly note: (rule: number, start: number) => void;
  /** All hits, no more than `most`, and which rules gave up where. */
  readonly end: (most: number) => { readonly hits: readonly Hit[]; readonly unread: readonly Hit[] };
}

export function openForeign(rules: readonly ForeignRule[]): { readonly begin: (text: string) => Near } {
  const ready = rules.map((rule) => readied(rule));
  return {
    begin: (text) => {
      const places = ready.map(({ rule }) => (rule.keywords.length === 0 ? [0, text.length] : []));
      return {
        note: (index, start) => note(places[index], ready[index]?.reach ?? 0, start, text.length),
        end: (most) => {
          const hits: Hit[] = [];
          const unread: Hit[] = [];
          for (const [index, one] of ready.entries()) {
            const found = look(one, text, places[index] ?? []);
            const first = found.hits[most - hits.length];
            hits.push(...found.hits.slice(0, most - hits.length));
            const from = first?.from ?? found.unread;
            if (from !== undefined) unread.push(unreadFrom(one.rule.id, from, text, one.rule.sure));
          }
          return { hits, unread };
        },
      };
    },
  };
}

function readied(rule: ForeignRule): Ready {
  const pattern = compileLinear(rule.pattern);
  // after each match the engine may read on, as far as another could go, before it settles for less
  const read = Math.min(shapeOf(rule.pattern).width, pieceLength);
  const matches = Math.floor(maxSteps / Math.max(1, pattern.size * read));
  return { rule, pattern, reach: reachOf(rule), matches: Math.max(leastMatches, Math.min(maxMatches, matches)) };
}

/** A match that holds its keyword is no farther from it than it is wide; of one that need not, it is a choice of ours. */
function reachOf(rule: ForeignRule): number {
  const { width } = shapeOf(rule.pattern);
  const bounded = width === Infinity ? foreignReach : Math.min(width, foreignReach);
  const holds = rule.keywords.every((keyword) => rule.pattern.toLowerCase().includes(keyword));
  return (holds ? bounded : Math.max(bounded, apartReach)) + 2;
}

/** Flat pairs, from and to; what touches is joined. */
function note(places: number[] | undefined, reach: number, start: number, length: number): void {
  if (places === undefined) return;
  const from = Math.max(0, start - reach);
  const to = Math.min(length, start + reach);
  const last = places.length - 1;
  if (places.length > 0 && (places[last] ?? 0) >= from) places[last] = Math.max(places[last] ?? 0, to);
  else places.push(from, to);
}

/** What says that from there on nothing was looked at. */
export function unreadFrom(rule: string, from: number, text: string, sure: Hit["sure"]): Hit {
  return { rule, from, to: text.length, sure, unread: true };
}

interface Looked {
  readonly hits: readonly Hit[];
  /** Where it gave up. */
  readonly unread: number | undefined;
}

function look(ready: Ready, text: string, places: readonly number[]): Looked {
  const hits: Hit[] = [];
  let left = ready.matches;
  let done = 0;
  const overlap = 2 * ready.reach;
  for (let pair = 0; pair < places.length; pair += 2) {
    const end = places[pair + 1] ?? 0;
    for (let from = places[pair] ?? 0; ; from += pieceLength - overlap) {
      const to = Math.min(end, from + pieceLength);
      steps.scanned += to - from;
      for (const match of ready.pattern.matches(text.slice(from, to))) {
        if (left === 0) return { hits, unread: from + match.from };
        left -= 1;
        const whole = { from: from + match.from, to: from + match.to };
        // at a cut edge what follows is not seen: the next piece holds it whole
        if (whole.from < done || (whole.from === from && from > 0) || (whole.to === to && to < text.length)) continue;
        done = whole.to;
        const hit = judge(ready.rule, text, match, from);
        if (hit !== undefined) hits.push(hit);
      }
      if (to === end) break;
    }
  }
  return { hits, unread: undefined };
}

function judge(rule: ForeignRule, text: string, match: Match, base: number): Hit | undefined {
  const span = match.groups[rule.group ?? firstGroup(match)];
  if (span === undefined || span.from >= span.to) return undefined;
  const secret = text.slice(base + span.from, base + span.to);
  if (rule.entropy > 0 && entropyOf(secret) <= rule.entropy) return undefined;
  const [from, to] = [base + match.from, base + match.to];
  const candidate = { secret, match: text.slice(from, to), line: () => lineOf(text, from, to) };
  if (rule.allowed(candidate)) return undefined;
  return { rule: rule.id, from: base + span.from, to: base + span.to, sure: rule.sure };
}

function firstGroup(match: Match): number {
  const found = match.groups.findIndex((group, index) => index > 0 && group !== undefined && group.to > group.from);
  return Math.max(found, 0);
}

function lineOf(text: string, from: number, to: number): string {
  const before = text.slice(Math.max(0, from - lineReach), from);
  const after = text.slice(to, to + lineReach);
  const end = after.indexOf("\n");
  return before.slice(before.lastIndexOf("\n") + 1) + text.slice(from, to) + (end < 0 ? after : after.slice(0, end));
}
