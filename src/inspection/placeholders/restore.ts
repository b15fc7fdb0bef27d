// The way back: a text that comes in pieces, with whole placeholders given back what they stand for. Holds back only what could yet
// be one, so nearly every piece passes as it came. A placeholder within a longer word is another word and stays (what is cut out of one or
// put together of several is the tool's, or the model's, attempt to learn something).

export interface Restorer {
  /** What may go on now. */
  readonly push: (piece: string) => string;
  /** The rest, once nothing more comes. */
  readonly end: () => string;
  /** How many were given back. */
  readonly restored: () => number;
}

/** `plain`: the text itself; `json`: within a string of JSON, where `\\n` is no letter and a value is written with its own escapes. */
export type Written = "plain" | "json";

export function openRestorer(values: ReadonlyMap<string, string>, written: Written): Restorer {
  return new Restoring(values, written);
}

/** Words, what stands between them, and in JSON each escape by itself, whole or as much of it as has come. */
const tokens = {
  plain: /[A-Za-z0-9_]+|[^A-Za-z0-9_]+/g,
  json: /\\(?:u[0-9A-Fa-f]{0,4}|[^u]?)|[A-Za-z0-9_]+|[^A-Za-z0-9_\\]+/g,
} as const;

const isCut = (token: string): boolean => /^\\(?:u[0-9A-Fa-f]{0,3})?$/.test(token);

const isWord = (letter: string | undefined): boolean => letter !== undefined && /[A-Za-z0-9_]/.test(letter);

class Restoring implements Restorer {
  readonly #values: ReadonlyMap<string, string>;
  readonly #written: Written;
  #held = "";
  /** The last letter that went on. */
  #before: string | undefined;
  #restored = 0;

  constructor(values: ReadonlyMap<string, string>, written: Written) {
    this.#values = values;
    this.#written = written;
  }

  push(piece: string): string {
    return this.#pass(piece, false);
  }

  end(): string {
    return this.#pass("", true);
  }

  restored(): number {
    return this.#restored;
  }

  /** Word by word: a word is whole when something follows that is none. */
  #pass(piece: string, isLast: boolean): string {
    const text = this.#held + piece;
    this.#held = "";
    let passed = "";
    for (const { 0: word, index } of text.matchAll(tokens[this.#written])) {
      const isEnd = index + word.length === text.length;
      const value = isWord(this.#before) ? undefined : this.#values.get(word);
      if (!isLast && isEnd && (this.#couldBecome(word) || (this.#written === "json" && isCut(word)))) {
        this.#held = word;
        break;
      }
      if (value === undefined) passed += word;
      else {
        passed += this.#written === "json" ? JSON.stringify(value).slice(1, -1) : value;
        this.#restored += 1;
      }
      this.#before = this.#lastOf(word);
    }
    return passed;
  }

  /** The letter that an escape stands for, too. */
  #lastOf(token: string): string | undefined {
    if (this.#written === "plain" || !token.startsWith("\\")) return token.at(-1);
    return token[1] === "u" ? String.fromCharCode(Number.parseInt(token.slice(2), 16)) : undefined;
  }

  /** What ends here is, or may be the beginning of, one. */
  #couldBecome(word: string): boolean {
    if (isWord(this.#before)) return false;
    for (const placeholder of this.#values.keys()) if (placeholder.startsWith(word)) return true;
    return false;
  }
}
