// The engine for patterns that are not ours: re2js, whose time is proportional to text times program whatever both are
// (docs/choices/0007). It speaks RE2's own dialect, so that nothing has to be translated. The only file that knows it.

import { RE2JS } from "re2js";

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Match extends Span {
  /** 0 is the match; undefined took no part. */
  readonly groups: readonly (Span | undefined)[];
}

export interface Linear {
  /** From left to right, none within another, in UTF-16 units. */
  readonly matches: (text: string) => Iterable<Match>;
  readonly test: (text: string) => boolean;
  readonly groups: number;
  /** Instructions: the most a character can cost. */
  readonly size: number;
}

/** Throws where the pattern is none of RE2's. */
export function compileLinear(pattern: string): Linear {
  const compiled = RE2JS.compile(pattern);
  const groups = compiled.groupCount();
  return {
    groups,
    size: compiled.programSize(),
    test: (text) => compiled.test(text),
    *matches(text) {
      // the automaton without groups is ten times as fast, and mostly answers no
      if (!compiled.test(text)) return;
      const matcher = compiled.matcher(text);
      while (matcher.find()) {
        const spans = Array.from({ length: groups + 1 }, (_, group) => {
          const from = matcher.start(group);
          return from < 0 ? undefined : { from, to: matcher.end(group) };
        });
        yield { from: matcher.start(0), to: matcher.end(0), groups: spans };
      }
    },
  };
}
