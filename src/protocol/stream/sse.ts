// A reply's octets, in whatever chunks they come → server-sent events (WHATWG HTML, §9.2.6), each with the octets it came in, so that
// what is passed on is what was said. One that goes on past the bound is handed out in parts that are no event. *Attacker-controlled*.

import { splice } from "../json/splice.ts";
import type { FramePart, FrameReader } from "./framing.ts";
import { Held } from "./held.ts";

export interface SseEvent {
  readonly kind: "event";
  /** All of it, the blank line behind it too. */
  readonly raw: Buffer;
  /** The `data` lines, joined; undefined where it has none. */
  readonly data: Buffer | undefined;
  /** Where the only `data` line stands in `raw`, so that it can be changed in its place; undefined where there are several or none. */
  readonly place: { readonly from: number; readonly to: number } | undefined;
  readonly type: string;
}

/** Octets that are no event: a comment, what came before the first, the rest of one that is too long. */
export interface SseRest {
  readonly kind: "rest";
  readonly raw: Buffer;
}

export type SsePart = SseEvent | SseRest;

export interface SseReader {
  readonly push: (chunk: Buffer) => readonly SsePart[];
  /** What is left when the stream ends: an event without its blank line is none, and is passed on all the same. */
  readonly end: () => readonly SsePart[];
}

/** Octets of one event: more than any vendor sends in one. */
export const longestEvent = 16 * 2 ** 20;

export function openSse(longest = longestEvent): SseReader {
  return new Reader(longest);
}

/** Events whose one line of data can be changed are messages. */
export function openSseFrames(): FrameReader {
  const reader = openSse();
  return { push: (chunk) => reader.push(chunk).map(framed), end: () => reader.end().map(framed) };
}

function framed(part: SsePart): FramePart {
  if (part.kind !== "event" || part.data === undefined || part.place === undefined)
    return { kind: "rest", raw: part.raw };
  const { raw, data, type, place } = part;
  return { kind: "message", raw, data, type, write: (by) => splice(raw, [{ ...place, by }]) };
}

const [lf, cr] = [0x0a, 0x0d];

class Reader implements SseReader {
  readonly #longest: number;
  readonly #held = new Held();
  /** Octets of it that have been looked at, and where the line began that they end in. */
  #seen = 0;
  #line = 0;
  /** The octet before was a CR: a LF that follows belongs to it. */
  #afterCr = false;
  /** The event is too long: all up to its end is passed on unread. */
  #skipping = false;

  constructor(longest: number) {
    this.#longest = longest;
  }

  push(chunk: Buffer): readonly SsePart[] {
    const parts: SsePart[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const octet = chunk[at];
      const isEnd = octet === lf || octet === cr;
      if (octet === lf && this.#afterCr) {
        this.#afterCr = false;
        this.#seen += 1;
        this.#line = this.#seen;
        continue;
      }
      this.#afterCr = octet === cr;
      const blank = isEnd && this.#seen === this.#line && this.#seen > 0;
      this.#seen += 1;
      if (isEnd) this.#line = this.#seen;
      if (!blank) continue;
      // a LF behind the CR that ended it goes with it
      const behind = octet === cr && chunk[at + 1] === lf ? at + 2 : at + 1;
      if (octet === cr && chunk[at + 1] === lf) this.#afterCr = false;
      this.#held.add(chunk.subarray(from, behind));
      parts.push(this.#take());
      from = behind;
      at = behind - 1;
    }
    this.#held.add(chunk.subarray(from));
    if (this.#held.size > this.#longest) parts.push(this.#skip());
    return parts;
  }

  end(): readonly SsePart[] {
    if (this.#held.size === 0) return [];
    return [{ kind: "rest", raw: this.#held.take() }];
  }

  #take(): SsePart {
    const raw = this.#held.take();
    const skipped = this.#skipping;
    [this.#seen, this.#line, this.#skipping] = [0, 0, false];
    return skipped ? { kind: "rest", raw } : readEvent(raw);
  }

  #skip(): SsePart {
    this.#skipping = true;
    return { kind: "rest", raw: this.#held.take() };
  }
}

/** `raw`: whole, with its blank line. */
function readEvent(raw: Buffer): SsePart {
  const places: { from: number; to: number }[] = [];
  let type = "";
  for (const { from, to } of linesOf(raw)) {
    const colon = raw.indexOf(0x3a, from);
    const end = colon < 0 || colon > to ? to : colon;
    const name = raw.toString("latin1", from, end).replace(/^\u00ef\u00bb\u00bf/, "");
    const value = end === to ? to : end + (raw[end + 1] === 0x20 && end + 1 < to ? 2 : 1);
    if (name === "data") places.push({ from: value, to });
    if (name === "event") type = raw.toString("utf8", value, to);
  }
  if (places.length === 0 && type === "") return { kind: "rest", raw };
  const [only] = places;
  const data = places.length === 1 && only !== undefined ? raw.subarray(only.from, only.to) : joined(raw, places);
  return { kind: "event", raw, data, place: places.length === 1 ? only : undefined, type };
}

function joined(raw: Buffer, places: readonly { from: number; to: number }[]): Buffer | undefined {
  if (places.length === 0) return undefined;
  const pieces = places.flatMap(({ from, to }) => [raw.subarray(from, to), Buffer.of(lf)]);
  return Buffer.concat(pieces.slice(0, -1));
}

function* linesOf(raw: Buffer): Generator<{ from: number; to: number }> {
  let from = 0;
  for (let at = 0; at < raw.length; at += 1) {
    if (raw[at] !== lf && raw[at] !== cr) continue;
    if (at > from) yield { from, to: at };
    if (raw[at] === cr && raw[at + 1] === lf) at += 1;
    from = at + 1;
  }
}
