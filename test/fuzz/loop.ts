// The corpus, changed by chance, run after run: what reaches code or comes to an outcome that nothing did before is kept, what
// breaks a target ends the loop.

import { setImmediate as breathe } from "node:timers/promises";
import type { Coverage } from "./coverage.ts";
import { type Chance, mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

/** Inputs between two looks at what they reached. */
const batch = 64;
/** Different outcomes that are worth an input each. */
const mostOutcomes = 200;

export interface Course {
  readonly chance: Chance;
  /** What it starts from, beside the target's seeds. */
  readonly corpus: readonly Buffer[];
  /** Undefined: outcomes alone decide what is kept. */
  readonly coverage: Coverage | undefined;
  /** Called before each run with its input: what takes it for ever is known by that. */
  readonly begins: (bytes: Buffer) => void;
  /** Is there time for more? */
  readonly goesOn: (runs: number) => boolean;
}

export interface Broken {
  readonly input: Buffer;
  readonly why: string;
}

export interface Ran {
  readonly runs: number;
  /** Of the corpus and the seeds, and what was kept beside: first what reached code that nothing did before, the short before the long. */
  readonly kept: readonly Buffer[];
  readonly outcomes: number;
  readonly broken: Broken | undefined;
}

export async function fuzz(target: Target, course: Course): Promise<Ran> {
  const loop = new Loop(target, course);
  await loop.replay([...target.seeds, ...course.corpus]);
  while (loop.broken === undefined && course.goesOn(loop.runs)) await loop.turn();
  const { runs, broken, reaching } = loop;
  const kept = loop.kept.toSorted((a, b) => Number(reaching.has(b)) - Number(reaching.has(a)) || a.length - b.length);
  return { runs, kept, broken, outcomes: loop.outcomes.size };
}

class Loop {
  readonly #target: Target;
  readonly #course: Course;
  readonly #words: readonly Buffer[];
  readonly outcomes = new Set<string>();
  readonly kept: Buffer[] = [];
  /** Of those kept. */
  readonly reaching = new Set<Buffer>();
  runs = 0;
  broken: Broken | undefined;

  constructor(target: Target, course: Course) {
    this.#target = target;
    this.#course = course;
    this.#words = (target.words ?? []).map((word) => (typeof word === "string" ? Buffer.from(word, "latin1") : word));
  }

  /** Each by itself, the shortest first: of two that reach the same the longer one is not kept. */
  async replay(inputs: readonly Buffer[]): Promise<void> {
    this.#course.coverage?.skip();
    for (const input of inputs.toSorted((a, b) => a.length - b.length)) {
      const told = await this.#run(input);
      if (this.broken !== undefined) return;
      const reached = this.#course.coverage === undefined ? 1 : this.#course.coverage.fresh();
      if (told || reached > 0) this.kept.push(input);
      if (reached > 0) this.reaching.add(input);
    }
  }

  async turn(): Promise<void> {
    const { chance, coverage } = this.#course;
    const material = { corpus: this.kept, words: this.#words, longest: this.#target.longest ?? 1024 };
    const tried: Buffer[] = [];
    while (tried.length < batch && this.broken === undefined) {
      const input = mutate(chance, material);
      tried.push(input);
      if (await this.#run(input)) this.kept.push(input);
    }
    // what a run lets go of by a later tick (an inflater's memory) is let go of there only
    await breathe();
    if (coverage === undefined || this.broken !== undefined || coverage.unseen() === 0) return;
    await this.#attribute(tried, coverage);
  }

  /** Which of a batch reached what was new? Each is run once more, alone. */
  async #attribute(tried: readonly Buffer[], coverage: Coverage): Promise<void> {
    for (const input of tried) {
      coverage.skip();
      await this.#run(input);
      if (coverage.fresh() === 0) continue;
      this.kept.push(input);
      this.reaching.add(input);
    }
  }

  /** True where it came to an outcome that nothing did before. */
  async #run(input: Buffer): Promise<boolean> {
    this.runs += 1;
    this.#course.begins(input);
    try {
      const outcome = await this.#target.run(input);
      const fresh = !this.outcomes.has(outcome) && this.outcomes.size < mostOutcomes;
      if (fresh) this.outcomes.add(outcome);
      return fresh;
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.broken = { input, why };
      return false;
    }
  }
}
