// Many keywords sought at once without regard to case: Aho and Corasick's automaton ("Efficient string matching", 1975) as
// one table, so that a text in which none stands costs one pass and one look-up a unit. The text is attacker-controlled.

export interface Automaton {
  /** Calls `found` with a keyword's number and where it begins, in order of where keywords end. */
  readonly search: (text: string, found: (keyword: number, start: number) => void) => void;
}

/** Keywords in lower case, ASCII, not empty. RE2 without case holds the Kelvin sign for k and the long s for s, so we do. */
export function buildAutomaton(keywords: readonly string[]): Automaton {
  const classes = classesOf(keywords);
  const width = classes.count;
  const trie = trieOf(keywords, classes.of, width);
  const { table, ends } = linked(trie, width);
  const lengths = keywords.map((keyword) => keyword.length);
  const classOf = classes.of;
  return {
    search: (text, found) => {
      let state = 0;
      for (let at = 0; at < text.length; at += 1) {
        // every unit has a class and every state a row: what is absent cannot be
        const next = table[state + (classOf[text.charCodeAt(at)] ?? 0)] ?? 0;
        if (next >= 0) {
          state = next;
          continue;
        }
        state = ~next;
        for (const keyword of ends[state / width] ?? []) found(keyword, at + 1 - (lengths[keyword] ?? 0));
      }
    },
  };
}

/** Unit → its column in the table; 0 is every unit that stands in no keyword. */
function classesOf(keywords: readonly string[]): { readonly of: Uint8Array; readonly count: number } {
  const of = new Uint8Array(65_536);
  const letters = [...new Set(keywords.join(""))];
  letters.forEach((letter, index) => {
    of[letter.charCodeAt(0)] = index + 1;
    of[letter.toUpperCase().charCodeAt(0)] = index + 1;
    if (letter === "k") of[0x212a] = index + 1;
    if (letter === "s") of[0x17f] = index + 1;
  });
  return { of, count: letters.length + 1 };
}

interface Trie {
  /** Row by row, one a state: the next state, 0 for none. */
  readonly next: Int32Array;
  readonly ends: number[][];
}

function trieOf(keywords: readonly string[], of: Uint8Array, width: number): Trie {
  // no more states than the root and a letter each
  const next = new Int32Array((1 + keywords.reduce((sum, keyword) => sum + keyword.length, 0)) * width);
  const ends: number[][] = [[]];
  keywords.forEach((keyword, number) => {
    let state = 0;
    for (let at = 0; at < keyword.length; at += 1) {
      const cell = state * width + (of[keyword.charCodeAt(at)] ?? 0);
      if (next[cell] === 0) next[cell] = ends.push([]) - 1;
      state = next[cell] ?? 0;
    }
    ends[state]?.push(number);
  });
  return { next: next.subarray(0, ends.length * width), ends };
}

/** Failure links worked into the table. A cell is the next state's row, or its complement where a keyword ends there. */
function linked({ next, ends }: Trie, width: number): { readonly table: Int32Array; readonly ends: number[][] } {
  const fails = new Int32Array(ends.length);
  const queue = [0];
  for (const state of queue) {
    // the row of the failure state is whole by now: it is nearer the root
    const fallenRow = (fails[state] ?? 0) * width;
    for (let column = 0; column < width; column += 1) {
      const child = next[state * width + column] ?? 0;
      const fallen = state === 0 ? 0 : (next[fallenRow + column] ?? 0);
      if (child === 0) next[state * width + column] = fallen;
      else {
        fails[child] = fallen;
        for (const keyword of ends[fallen] ?? []) ends[child]?.push(keyword);
        queue.push(child);
      }
    }
  }
  const met = ends.map((keywords) => keywords.length > 0);
  return { table: next.map((state) => (met[state] ? ~(state * width) : state * width)), ends };
}
