// Which code of ours has been reached, by the engine's own count of blocks: it is started before a parser is loaded, and asked
// after many inputs at once, for asking costs more than parsing.

import { Session } from "node:inspector";

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[]; readonly isBlockCoverage: boolean }[];
}

export interface Coverage {
  /** Since it was last asked or told to skip: characters of source that had never been reached before. They have been then. */
  readonly fresh: () => number;
  /** The same, but they stay to be reached. */
  readonly unseen: () => number;
  /** Forgets what was reached since it was last asked. */
  readonly skip: () => void;
  /** Characters reached so far, and those of all functions that were seen at all. */
  readonly total: () => { readonly reached: number; readonly known: number };
}

/** `covers`: prefixes of paths below `root`, a file URL that ends with a slash. */
export function openCoverage(root: string, covers: readonly string[]): Coverage {
  const session = new Session();
  session.connect();
  post(session, "Profiler.enable");
  post(session, "Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const scripts = new Map<string, Uint8Array>();
  const take = (): readonly Script[] => {
    const { result } = post(session, "Profiler.takePreciseCoverage") as { readonly result: readonly Script[] };
    return result.filter(({ url }) => covers.some((prefix) => url.startsWith(root + prefix)));
  };
  return {
    fresh: () => take().reduce((sum, script) => sum + paint(script, scripts, true), 0),
    unseen: () => take().reduce((sum, script) => sum + paint(script, scripts, false), 0),
    skip: () => void take(),
    total: () => {
      let [reached, known] = [0, 0];
      for (const marks of scripts.values())
        for (const mark of marks) {
          if (mark !== 0) known += 1;
          if (mark === 2) reached += 1;
        }
      return { reached, known };
    },
  };
}

/** Marks: 1 known, 2 reached. Ranges are nested, the inner ones behind. */
function paint({ url, functions }: Script, scripts: Map<string, Uint8Array>, lasting: boolean): number {
  const end = Math.max(0, ...functions.map(({ ranges }) => ranges[0]?.endOffset ?? 0));
  const held = scripts.get(url) ?? new Uint8Array(0);
  const marks = held.length >= end ? held : new Uint8Array(end);
  if (marks !== held) marks.set(held);
  scripts.set(url, marks);
  let fresh = 0;
  for (const { ranges, isBlockCoverage } of functions) {
    const [whole] = ranges;
    // a script's own top level says nothing of any input
    if (whole === undefined || whole.startOffset === 0 || !isBlockCoverage) continue;
    const now = new Uint8Array(whole.endOffset - whole.startOffset);
    for (const { startOffset, endOffset, count } of ranges)
      now.fill(count > 0 ? 2 : 1, startOffset - whole.startOffset, endOffset - whole.startOffset);
    for (const [at, mark] of now.entries()) {
      const place = whole.startOffset + at;
      if (mark <= (marks[place] ?? 0)) continue;
      if (lasting) marks[place] = mark;
      if (mark === 2) fresh += 1;
    }
  }
  return fresh;
}

/** Answers at once, in this thread. */
function post(session: Session, method: string, parameters: object = {}): unknown {
  let answer: unknown;
  session.post(method, parameters, (error, result) => {
    if (error !== null) throw error;
    answer = result;
  });
  return answer;
}
