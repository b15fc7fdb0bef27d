// The evidence behind one line, added up: which sessions, from which entry to which, how often, how much left, by which programs.

import { maxToldPrograms } from "../limits.ts";
import type { Evidence } from "./seen.ts";

export interface Span {
  readonly session: string;
  /** Entry numbers. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

export interface Told {
  readonly count: number;
  readonly bytes: number;
  readonly spans: readonly Span[];
  /** Attacker-controlled; the first few. */
  readonly programs: readonly string[];
  /** True where there were more, or some were gone before they could be asked. */
  readonly others: boolean;
}

export class Tally {
  #count = 0;
  #bytes = 0;
  #others = false;
  readonly #spans = new Map<string, Span>();
  readonly #programs = new Set<string>();

  add({ session, index, bytes, executable }: Evidence): void {
    this.#count += 1;
    this.#bytes += bytes;
    const before = this.#spans.get(session);
    const { first = index, last = index, count = 0 } = before ?? {};
    this.#spans.set(session, {
      session,
      first: Math.min(first, index),
      last: Math.max(last, index),
      count: count + 1,
    });
    if (executable === undefined) this.#others = true;
    else if (this.#programs.has(executable) || this.#programs.size < maxToldPrograms) this.#programs.add(executable);
    else this.#others = true;
  }

  told(): Told {
    return {
      count: this.#count,
      bytes: this.#bytes,
      spans: [...this.#spans.values()],
      programs: [...this.#programs],
      others: this.#others,
    };
  }
}

export function join(all: readonly Told[]): Told {
  const spans = new Map<string, Span>();
  for (const span of all.flatMap((one) => one.spans)) {
    const { first = span.first, last = span.last, count = 0 } = spans.get(span.session) ?? {};
    spans.set(span.session, {
      session: span.session,
      first: Math.min(first, span.first),
      last: Math.max(last, span.last),
      count: count + span.count,
    });
  }
  const programs = [...new Set(all.flatMap((one) => one.programs))];
  return {
    count: all.reduce((sum, one) => sum + one.count, 0),
    bytes: all.reduce((sum, one) => sum + one.bytes, 0),
    spans: [...spans.values()],
    programs: programs.slice(0, maxToldPrograms),
    others: all.some((one) => one.others) || programs.length > maxToldPrograms,
  };
}
