// Collects what bubblewrap is told: arguments (NUL-separated, read from a descriptor, so no command line on the host
// shows them) and texts, each given by a descriptor of its own. Refuses NUL, which would start another argument.

import { scratchAt } from "../bounds/scratch.ts";
import { textPlace } from "../channel.ts";
import { limits } from "../limits.ts";

export interface Arguments {
  readonly add: (...words: readonly string[]) => void;
  /** An unwritable file with this content. */
  readonly addText: (path: string, text: string | Buffer, mode?: string) => void;
  /** The same in a fresh directory that is made unwritable as a whole later: no mount of its own, a fifth of the cost. */
  readonly addFile: (path: string, text: string | Buffer) => void;
  /** An empty directory that is written inside, within the bounds of all of them together. */
  readonly addScratch: (path: string, mode: number) => void;
  readonly finish: () => Collected;
}

export interface Collected {
  readonly words: Buffer;
  readonly texts: readonly Buffer[];
  /** Modes of the directories to be made. */
  readonly scratch: readonly number[];
}

export function collectArguments(): Arguments {
  const words: string[] = [];
  const texts: Buffer[] = [];
  const scratch: number[] = [];
  const add = (...more: readonly string[]): void => {
    const bad = more.find((word) => word.includes("\0"));
    if (bad !== undefined) throw new RangeError(`NUL in ${JSON.stringify(bad.slice(0, 80))}`);
    words.push(...more);
  };
  const addContent = (option: string, path: string, text: string | Buffer, mode = "0444"): void => {
    if (texts.length >= limits.texts) throw new RangeError(`more than ${limits.texts} files with text in the view`);
    add("--perms", mode, option, String(textPlace + texts.length), path);
    texts.push(Buffer.from(text));
  };
  return {
    add,
    addText: (path, text, mode) => addContent("--ro-bind-data", path, text, mode),
    addFile: (path, text) => addContent("--file", path, text),
    addScratch: (path, mode) => add("--bind", scratchAt(scratch.push(mode) - 1), path),
    finish: () => ({ scratch, words: Buffer.from(words.map((word) => `${word}\0`).join("")), texts }),
  };
}
