// Sentences that the tool itself sends in each request (of its system text, of what it wraps around what is typed, of descriptions), and
// that are written now so and now otherwise: what a template chooses can carry bits. A sentence that changed its writing once was edited;
// twice, and it is told, with as many bits as there are places for such a choice. Two texts at one place that say other things are two
// templates. In: spans of each request, *attacker-controlled*. Missed: other words, numbers, what changes from session to session alone.

import type { Role, Span } from "../../domain/span.ts";
import { Again } from "../again.ts";
import { Growing, type TakeBack } from "../growing.ts";
import type { Seen, SpanFinding } from "../inspect.ts";
import { type Choice, choices, placesIn, type Sentence, sentencesIn } from "./sentence.ts";

const own: ReadonlySet<Role> = new Set(["system", "scaffold", "description", "structure"]);

const bounds = {
  /** Places at which templates are kept, and how many at each: those used longest ago go. */
  places: 500,
  templates: 32,
  /** Characters of a text; and of all texts that are kept: beyond, it begins anew. */
  longest: 200_000,
  kept: 32_000_000,
  /** Of the sentences of a text, for it to be of a template. */
  alike: 0.6,
  /** Sentences of one template; ways of writing one choice that are told apart. */
  sentences: 10_000,
  ways: 16,
  /** A choice that was made otherwise so often is none of an editor's. */
  changes: 2,
} as const;

interface Template {
  /** By what a sentence says: how it was written last. */
  readonly wordings: Map<string, Sentence["made"]>;
  /** In how many texts a choice was made otherwise than in the one before. */
  readonly changes: Record<Choice, number>;
  /** What was chosen where it changed. */
  readonly ways: Record<Choice, Set<string>>;
}

interface Told {
  readonly text: string;
  readonly seen: readonly Seen[];
  /** Nothing else has stood there since. */
  isLast: boolean;
}

export interface DriftSeeker {
  /** `conversation`: its bodies begin with the same spans. */
  readonly look: (spans: readonly Span[], conversation?: string) => readonly SpanFinding[];
}

export function openDriftSeeker(): DriftSeeker {
  return new Drifting();
}

const isTold = (text: string): boolean => text.length >= 12 && text.length <= bounds.longest && text.includes(" ");
const none: Told = { text: "", seen: [], isLast: true };

class Drifting implements DriftSeeker {
  /** By the fields that lead there, whichever of a list. */
  readonly #templates = new Map<string, Template[]>();
  /** By the fields that lead there, numbers and all: what stood there last. */
  readonly #last = new Map<string, Told>();
  /** Of spans that were in the body before: neither their text nor where they stand need be made again. */
  readonly #again = new Again<Told>();
  readonly #growing = new Growing<SpanFinding[]>({
    begin: () => [],
    add: (...added) => this.#add(...added),
  });
  #characters = 0;

  look(spans: readonly Span[], conversation = ""): readonly SpanFinding[] {
    this.#again.begin(spans, conversation);
    return [...this.#growing.over(spans, conversation)];
  }

  #add(found: SpanFinding[], span: Span, nth: number): TakeBack | undefined {
    if (!own.has(span.role) || span.kind !== "text") return undefined;
    const again = this.#again.get(nth);
    const { seen } = this.#again.set(nth, again?.isLast === true ? again : this.#look(span));
    const before = found.length;
    for (const one of seen) found.push({ span: nth, seen: one });
    return seen.length === 0
      ? undefined
      : () => {
          found.length = before;
        };
  }

  #look(span: Span): Told {
    const { text } = span;
    return isTold(text) ? this.#lookAt(span.path, text) : none;
  }

  #lookAt(path: string, text: string): Told {
    const last = this.#last.get(path);
    // what is sent again was chosen before
    if (last?.text === text) return last;
    const told = { text, seen: this.#read(path, text), isLast: true };
    if (last !== undefined) this.#supersede(last);
    this.#last.set(path, told);
    return told;
  }

  #read(path: string, text: string): readonly Seen[] {
    const sentences = sentencesIn(text);
    const place = path.replaceAll(/\[\d+\]/g, "[]");
    const templates = this.#templates.get(place) ?? [];
    const template = nearestTo(sentences, templates) ?? begun();
    compare(template, sentences);
    const seen = told(template, sentences, text);
    this.#characters += text.length;
    if (this.#characters > bounds.kept || this.#templates.size >= bounds.places) this.#forget();
    const others = templates.filter((one) => one !== template);
    if (sentences.length > 0) this.#templates.set(place, [...others, template].slice(-bounds.templates));
    return seen;
  }

  #forget(): void {
    this.#characters = 0;
    this.#templates.clear();
    for (const last of this.#last.values()) this.#supersede(last);
    this.#last.clear();
  }

  /** No more: whoever told it looks again. */
  #supersede(last: Told): void {
    last.isLast = false;
    this.#growing.clear();
  }
}

function nearestTo(sentences: readonly Sentence[], templates: readonly Template[]): Template | undefined {
  const alike = (one: Template): number =>
    sentences.filter(({ says }) => one.wordings.has(says)).length / sentences.length;
  return templates
    .map((one) => ({ one, alike: alike(one) }))
    .toSorted((a, b) => b.alike - a.alike)
    .find((near) => near.alike >= bounds.alike)?.one;
}

const begun = (): Template => ({
  wordings: new Map(),
  changes: { apostrophe: 0, quotation: 0, dash: 0, space: 0, ellipsis: 0, date: 0, capitals: 0 },
  ways: Object.fromEntries(choices.map((choice) => [choice, new Set()])) as unknown as Template["ways"],
});

/** Of sentences that say the same each is compared with the one that stood in its turn. */
function compare({ wordings, changes, ways }: Template, sentences: readonly Sentence[]): void {
  const met = new Map<string, number>();
  const changed = new Set<Choice>();
  for (const { says, made } of sentences) {
    const turn = met.get(says) ?? 0;
    met.set(says, turn + 1);
    const name = turn === 0 ? says : `${says}\n${turn}`;
    const before = wordings.get(name);
    if (before === undefined && wordings.size >= bounds.sentences) continue;
    wordings.set(name, made);
    for (const choice of choices) {
      if (before === undefined || before[choice] === made[choice]) continue;
      changed.add(choice);
      for (const way of `${before[choice]}${made[choice]}`.split("\n"))
        if (way !== "" && ways[choice].size < bounds.ways) ways[choice].add(way);
    }
  }
  for (const choice of changed) changes[choice] += 1;
}

/** Of each choice that changes: all its places in the text. */
function told({ changes, ways }: Template, sentences: readonly Sentence[], text: string): readonly Seen[] {
  const [first, last] = [sentences[0], sentences.at(-1)];
  const changing = choices.filter((choice) => changes[choice] >= bounds.changes);
  if (first === undefined || last === undefined || changing.length === 0) return [];
  const places = placesIn(text);
  return changing.map((choice): Seen => {
    const each = choice === "capitals" ? 1 : Math.log2(Math.max(2, ways[choice].size));
    const place = { from: first.from, to: last.to };
    return { kind: "covert", label: "template", ...place, bits: Math.ceil(places[choice] * each), estimate: true };
  });
}
