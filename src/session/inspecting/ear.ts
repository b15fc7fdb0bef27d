// Replies on their way to the tool → copies of them for the inspector's thread, gathered until they are many octets, the reply ends or
// something is asked there. Holds nothing up: where too much waits, the rest of a reply is not told, and said to be lost.

import type { Hearing, Overhear } from "../../domain/transcript.ts";
import type { Heard } from "./transcripts.ts";

/** Octets that wait, here and in the thread, of all replies together. */
export const mostWaiting = 64 * 2 ** 20;
/** Octets of one reply that are gathered before they are told. */
const gathered = 64 * 2 ** 10;

/** Octets that wait: added to by who sends, taken from by who has heard. */
export const openWaiting = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

export interface Ear {
  readonly overhear: Overhear;
  /** Tells what has been gathered of all replies. */
  readonly flush: () => void;
}

export type Post = (heard: Heard, transfer: readonly ArrayBuffer[]) => void;

export function openEar(waiting: Int32Array, post: Post): Ear {
  const open = new Set<Reply>();
  return {
    overhear: (asked, reply) => {
      const one = new Reply(asked, waiting, post);
      post({ asked, kind: "begins", reply }, []);
      open.add(one);
      return {
        push: (octets) => one.push(octets),
        lose: () => one.end("lost"),
        end: (whole) => {
          one.end(whole ? "whole" : "broken");
          open.delete(one);
        },
      } satisfies Hearing;
    },
    flush: () => {
      for (const one of open) one.flush();
    },
  };
}

class Reply {
  readonly #asked: number;
  readonly #waiting: Int32Array;
  readonly #post: Post;
  /** Copies: what came is somebody else's. */
  #parts: Uint8Array[] = [];
  #size = 0;
  #ended = false;

  constructor(asked: number, waiting: Int32Array, post: Post) {
    this.#asked = asked;
    this.#waiting = waiting;
    this.#post = post;
  }

  push(octets: Buffer): void {
    if (this.#ended || octets.length === 0) return;
    if (Atomics.load(this.#waiting, 0) + octets.length > mostWaiting) this.end("lost");
    else this.#keep(octets);
  }

  #keep(octets: Buffer): void {
    Atomics.add(this.#waiting, 0, octets.length);
    this.#parts.push(new Uint8Array(octets));
    this.#size += octets.length;
    if (this.#size >= gathered) this.flush();
  }

  flush(): void {
    if (this.#size === 0) return;
    const parts = this.#parts;
    [this.#parts, this.#size] = [[], 0];
    const transfer = parts.map(({ buffer }) => buffer as ArrayBuffer);
    this.#post({ asked: this.#asked, kind: "octets", parts }, transfer);
  }

  end(how: "whole" | "broken" | "lost"): void {
    if (this.#ended) return;
    this.flush();
    this.#ended = true;
    this.#post({ asked: this.#asked, kind: "ends", how }, []);
  }
}
