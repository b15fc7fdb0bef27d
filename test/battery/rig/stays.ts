// Paths of a checkout that hold what a probe planted, for a while: looked at from outside all the time, for a control file
// that lay there until it was put away was there for whoever watched.

import { readFileSync } from "node:fs";
import type { Stay } from "../probe.ts";

/** Milliseconds between two looks: what the figures are exact to. */
const pace = 5;

export class Stays {
  readonly #root: string;
  readonly #first = new Map<string, number>();
  readonly #gone = new Map<string, number>();
  readonly #mark: string;
  readonly #watched: readonly string[];
  readonly #timer: NodeJS.Timeout;

  /** `paths`: from `root`; `mark`: in whatever is planted, and in nothing else. */
  constructor(root: string, mark: string, paths: readonly string[]) {
    this.#root = root;
    this.#mark = mark;
    this.#watched = paths;
    this.#timer = setInterval(() => this.#look(), pace);
  }

  end(): readonly Stay[] {
    this.#look();
    clearInterval(this.#timer);
    return [...this.#first].map(([path, first]) => {
      const gone = this.#gone.get(path);
      return { path, milliseconds: gone === undefined ? undefined : gone - first };
    });
  }

  #look(): void {
    for (const path of this.#watched) {
      const there = this.#holdsMark(path);
      if (there && !this.#first.has(path)) this.#first.set(path, performance.now());
      if (there) this.#gone.delete(path);
      else if (this.#first.has(path) && !this.#gone.has(path)) this.#gone.set(path, performance.now());
    }
  }

  #holdsMark(path: string): boolean {
    try {
      return readFileSync(`${this.#root}/${path}`, "latin1").includes(this.#mark);
    } catch {
      return false;
    }
  }
}
