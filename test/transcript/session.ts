// A desk that hears everything, and an agent that talks by it: requests are looked into, replies heard in pieces as the gateway hands
// them on.

import type { Host } from "../../src/domain/brand.ts";
import type { Transcript } from "../../src/domain/transcript.ts";
import { openDesk } from "../../src/session/inspecting/desk.ts";
import type { Block, Entry, Wire } from "./wire.ts";

export interface Way {
  /** Which of the ways of framing, and where the octets are cut. */
  readonly reply: number;
  readonly cuts: readonly number[];
  /** Of a thousand: as much of the reply comes; undefined: all of it. */
  readonly until?: number | undefined;
  readonly status?: number | undefined;
  /** It breaks off before it says that it is over; all that these blocks hold has come. Of ways that are streamed. */
  readonly breaks?: boolean | undefined;
  /** The end is told only when the next request has come. */
  readonly late?: boolean | undefined;
  /** Nobody heard it. */
  readonly silent?: boolean | undefined;
}

export const plainly: Way = { reply: 0, cuts: [] };

export class Session {
  readonly #desk = openDesk({ known: [], compared: false, rules: undefined });
  #number = 0;
  #late: (() => void) | undefined;
  readonly seen: Transcript[] = [];

  /** What is found in a request that tells these entries. */
  ask(wire: Wire, entries: readonly Entry[], previous?: string): { number: number; transcript: Transcript } {
    this.#number += 1;
    const head = { method: "POST", target: wire.target, headers: ["content-type", "application/json"] };
    const body = Buffer.from(JSON.stringify(wire.request(entries, previous)));
    const host = "api.example.com" as Host;
    const { transcript, asked } = this.#desk.look({ form: wire.form, head, host, body, number: this.#number });
    this.#late?.();
    this.#late = undefined;
    if (transcript === undefined || asked !== this.#number) throw new Error(`${wire.name}: not compared`);
    this.seen.push(transcript);
    return { number: asked, transcript };
  }

  /** It brings these blocks. */
  hear(wire: Wire, asked: number, blocks: readonly Block[], way: Way): void {
    const { hear } = this.#desk;
    if (way.silent === true) {
      hear({ asked, kind: "ends", how: "lost" });
      return;
    }
    const make = wire.replies[way.breaks === true ? 0 : way.reply % wire.replies.length];
    if (make === undefined) throw new Error("no way");
    const sent = make(blocks, `resp_${asked}`);
    const { mediaType, coding, octets, messages } = way.breaks === true ? (sent.unended ?? sent) : sent;
    const status = way.status ?? 200;
    hear({ asked, kind: "begins", reply: wire.form === "socket" ? "messages" : { status, mediaType, coding } });
    const size = messages?.length ?? octets.length;
    const all = Math.ceil((size * (way.until ?? 1_000)) / 1_000);
    const pieces = messages?.slice(0, all) ?? cut(octets.subarray(0, all), way.cuts);
    for (const piece of pieces) hear({ asked, kind: "octets", parts: [Uint8Array.from(piece)] });
    const end = (): void =>
      hear({ asked, kind: "ends", how: way.until === undefined && way.breaks !== true ? "whole" : "broken" });
    if (way.late === true) this.#late = end;
    else end();
  }
}

function cut(octets: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(places.map((place) => place % (octets.length + 1)))].sort((a, b) => a - b);
  return [...ends, octets.length].map((end, at) => octets.subarray(at === 0 ? 0 : ends[at - 1], end));
}

export const altered = ({ counts }: Transcript): number =>
  counts.edited + counts.forged + counts.missing + counts.orphan;
