// Fields and data of one stream, attacker-controlled → the events of one reply: RFC 9113 §8.1, strictly. Refuses what two readers
// could read in two ways: a head without a status, a length it does not keep, framing among trailers.

import { pseudoOf, splitFields } from "../http2/field-rules.ts";
import type { Fields } from "../http2/head-reader.ts";
import type { Limits } from "../limits.ts";
import { type ReplyEvents, type ReplyHead, valuesOf } from "./reply-reader.ts";

export class Http2Reply {
  readonly #method: string;
  readonly #limits: Limits;
  readonly #events: ReplyEvents;
  #state: "head" | "body" | "done" = "head";
  /** Octets it still owes, where it said how many. */
  #left: number | undefined;
  #informational = 0;

  /** `method`: of the request; HEAD changes what follows a head. */
  constructor(method: string, limits: Limits, events: ReplyEvents) {
    this.#method = method;
    this.#limits = limits;
    this.#events = events;
  }

  /** Undefined, or why the reply cannot be believed. */
  fields(fields: Fields, last: boolean): string | undefined {
    if (fields.long) return "the reply's head is too long";
    const split = splitFields(fields.list, this.#state === "head" ? [":status"] : []);
    if (typeof split === "string") return `the reply's head is malformed: ${split}`;
    if (this.#state !== "head") return this.#takeTrailers(split.headers, last);
    const status = pseudoOf(split, ":status") ?? "";
    if (!/^[1-9][0-9]{2}$/.test(status)) return "the reply does not say its status";
    const head = { status: Number(status), reason: "", headers: split.headers, never: fields.never };
    return head.status < 200 ? this.#takeInformational(head, last) : this.#takeHead(head, last);
  }

  data(chunk: Buffer, last: boolean): string | undefined {
    if (this.#state !== "body") return "a body before its head";
    if (this.#left !== undefined) this.#left -= chunk.length;
    if ((this.#left ?? 0) < 0) return "the reply is longer than it said";
    if (chunk.length > 0) this.#events.data(chunk);
    return last ? this.#finish([]) : undefined;
  }

  #takeInformational(head: ReplyHead, last: boolean): string | undefined {
    this.#informational += 1;
    // 101 is HTTP/1.1's alone (§8.6)
    if (last || head.status === 101) return "an informational reply that may not be";
    if (this.#informational > this.#limits.informational) return "too many informational replies";
    this.#events.informational(head);
    return undefined;
  }

  #takeHead(head: ReplyHead, last: boolean): string | undefined {
    const lengths = valuesOf(head.headers, "content-length");
    if (lengths.length > 1 || lengths.some((value) => !/^[0-9]{1,15}$/.test(value)))
      return "the reply's length is ambiguous";
    const bodiless = this.#method === "HEAD" || head.status === 204 || head.status === 304;
    const told = lengths[0] === undefined ? undefined : Number(lengths[0]);
    this.#left = bodiless ? 0 : told;
    this.#state = "body";
    this.#events.head(head);
    return last ? this.#finish([]) : undefined;
  }

  #takeTrailers(trailers: readonly string[], last: boolean): string | undefined {
    if (!last || this.#state === "done") return "a second head in the middle of the reply";
    // a length that comes too late is still a length to some (RFC 9110 §6.5.1)
    if (valuesOf(trailers, "content-length").length > 0) return "the reply's trailers hold framing";
    return this.#finish(trailers);
  }

  #finish(trailers: readonly string[]): string | undefined {
    if ((this.#left ?? 0) > 0) return "the reply is shorter than it said";
    this.#state = "done";
    this.#events.end(trailers);
    return undefined;
  }
}
