// Links by which a name of the policy's leads to another place of a checkout: with `hide: [config/key]` and `config` a link, what
// comes to its end by the name `key` is meant, however it is called there. A tool makes such a link with two words (`mv config
// c2; ln -s c2 config`), and whoever then writes `config/key` outside writes to its end. Enters: paths, *attacker-controlled*.
// Ends are asked for anew, and not followed as they were when the link came: what is between may have changed.

import { realpathSync, statSync } from "node:fs";

/** A checkout has few; a tool could go on making them. */
const most = 64;
/** Milliseconds for which what a link leads to is taken to be the same, where nothing is told. */
const sure = 100;

export class Links {
  readonly #root: string | undefined;
  /** Link, by the names the policy has for it → where it leads, both from the root. */
  readonly #ends = new Map<string, string | undefined>();
  #asked = Number.NEGATIVE_INFINITY;
  #over = false;

  constructor(root: string) {
    this.#root = realOf(root);
  }

  /** Where it leads now, to be looked into; undefined: nowhere else than before, nowhere in the checkout, or it is not followed. */
  add(link: string, anew: boolean): string | undefined {
    const known = this.#ends.has(link);
    if (!known && this.#ends.size >= most) {
      this.#over = true;
      return undefined;
    }
    const before = this.#ends.get(link);
    const end = this.#endOf(link);
    this.#ends.set(link, end);
    this.#asked = Number.NEGATIVE_INFINITY;
    return end === undefined || (known && end === before && !anew) ? undefined : end;
  }

  /** There were more than are followed. */
  get over(): boolean {
    return this.#over;
  }

  /** Where nothing is covered. */
  leadsOut(link: string): boolean {
    const end = realOf(`${this.#root}/${link}`);
    return end !== undefined && this.#endOf(link) === undefined;
  }

  /** Something of the way to an end may be another now. */
  forget(): void {
    this.#asked = Number.NEGATIVE_INFINITY;
  }

  /** What else leads there, from the root. */
  namesOf(path: string): readonly string[] {
    if (this.#ends.size === 0) return [];
    this.#askAgain();
    return [...this.#ends].flatMap(([link, end]) => {
      if (end === undefined || link === path) return [];
      if (end === path) return [link];
      return end === "" || path.startsWith(`${end}/`)
        ? [`${link}/${end === "" ? path : path.slice(end.length + 1)}`]
        : [];
    });
  }

  #askAgain(): void {
    const now = performance.now();
    if (now - this.#asked < sure) return;
    this.#asked = now;
    for (const link of this.#ends.keys()) this.#ends.set(link, this.#endOf(link));
  }

  #endOf(link: string): string | undefined {
    const end = realOf(`${this.#root}/${link}`);
    if (end === this.#root) return "";
    return end?.startsWith(`${this.#root}/`) === true ? end.slice(`${this.#root}/`.length) : undefined;
  }
}

/** What is to be laid over what this leads to. */
export function kindAt(place: string): "file" | "directory" {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true ? "directory" : "file";
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
