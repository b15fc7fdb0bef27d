// Lines of HTTP/1.1 that rest between two requests, by the place and grant they were opened for. Bounded; closed before most
// servers would.

import type { Limits } from "../limits.ts";
import type { Http1Line } from "./http1-line.ts";

export class IdleLines {
  readonly #limits: Limits;
  readonly #lines = new Map<string, Http1Line[]>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The one used last: the others may rest, and close. */
  take(key: string): Http1Line | undefined {
    const lines = this.#lines.get(key);
    for (let line = lines?.pop(); line !== undefined; line = lines?.pop()) if (line.usable) return line;
    this.#lines.delete(key);
    return undefined;
  }

  keep(key: string, line: Http1Line): void {
    const lines = this.#lines.get(key) ?? [];
    if (lines.length >= this.#limits.linesPerRoute || !line.usable) {
      line.destroy();
      return;
    }
    line.rest(this.#limits.lineIdle);
    lines.push(line);
    this.#lines.set(key, lines);
  }

  forget(key: string, line: Http1Line): void {
    const lines = this.#lines.get(key) ?? [];
    const at = lines.indexOf(line);
    if (at >= 0) lines.splice(at, 1);
    if (lines.length === 0) this.#lines.delete(key);
  }

  /** Makes room by closing the longest unused one of some place. */
  dropOne(): boolean {
    for (const lines of this.#lines.values()) {
      const line = lines.shift();
      if (line === undefined) continue;
      line.destroy();
      return true;
    }
    return false;
  }
}
