// A reply's body with a content coding, on its way to the tool: each piece goes on, as it came, once what it says when
// decoded was looked at. What cannot be decoded by us might be by the tool, and goes no further.

import type { Sieve } from "../../domain/sieve.ts";
import type { Limits } from "../limits.ts";
import { type Decoder, decoderFor } from "./codings.ts";
import { ZstdBlocks } from "./zstd-blocks.ts";

export interface CodedReader {
  /** May go on now, untouched. */
  readonly pass: (raw: Buffer) => void;
  /** Nothing more may go on. `credential`: because one was met. */
  readonly fail: (why: string, credential: boolean) => void;
  /** Fewer pieces wait than before; the sender may go on. */
  readonly drained: () => void;
}

export class CodedReply {
  readonly #reader: CodedReader;
  readonly #sieve: Sieve;
  readonly #limits: Limits;
  readonly #coding: string;
  #decoder: Decoder | undefined;
  /** Raw pieces whose decoded end could begin a credential: how much was decoded by then, and how much had come. */
  #waiting: { readonly raw: Buffer; readonly until: number; readonly end: number }[] = [];
  #held = 0;
  #queue: Buffer[] = [];
  #queued = 0;
  #busy = false;
  #raw = 0;
  #decoded = 0;
  /** Decoded octets the sieve has given back. */
  #cleared = 0;
  #over = false;
  /** Where it is decoded block by block: what has come of one can be read before we have read it. */
  readonly #blocks: ZstdBlocks | undefined;
  #ended: (() => void) | undefined;

  constructor(coding: string, sieve: Sieve, { limits, reader }: { limits: Limits; reader: CodedReader }) {
    this.#coding = coding;
    this.#blocks = coding === "zstd" ? new ZstdBlocks() : undefined;
    this.#sieve = sieve;
    this.#limits = limits;
    this.#reader = reader;
  }

  /** False where enough waits. The piece is the receiver's own memory. */
  push(chunk: Buffer): boolean {
    if (this.#over || chunk.length === 0) return true;
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    this.#next();
    return this.#queued < this.#limits.window;
  }

  /** No more will come; `done` once all of it went on. Not called where it failed. */
  end(done: () => void): void {
    this.#ended = done;
    this.#next();
  }

  /** Nothing is decoded any more. */
  close(): void {
    this.#over = true;
    this.#decoder?.destroy();
    this.#queue = [];
    this.#waiting = [];
  }

  #next(): void {
    if (this.#busy || this.#over) return;
    const chunk = this.#queue.shift();
    if (chunk === undefined) {
      if (this.#ended !== undefined) this.#finish(this.#ended);
      return;
    }
    this.#decoder ??= this.#open(chunk);
    if (this.#decoder === undefined) this.#fail("the reply has a coding that cannot be read");
    else this.#write(chunk, this.#decoder);
  }

  #write(chunk: Buffer, decoder: Decoder): void {
    this.#busy = true;
    this.#raw += chunk.length;
    this.#blocks?.push(chunk);
    decoder.write(chunk, (error) => {
      this.#busy = false;
      if (this.#over || error) return; // said by its own event
      drain(decoder);
      this.#queued -= chunk.length;
      this.#looked(chunk, decoder.bytesWritten);
      if (this.#over) return;
      this.#reader.drained();
      this.#next();
    });
  }

  #open(first: Buffer): Decoder | undefined {
    const decoder = decoderFor(this.#coding, first);
    decoder?.on("data", (decoded: Buffer) => this.#look(decoded));
    decoder?.on("error", () => this.#fail("the reply cannot be decoded"));
    return decoder;
  }

  #look(decoded: Buffer): void {
    if (this.#over) return;
    this.#decoded += decoded.length;
    const passed = this.#sieve.push(decoded);
    if (passed === undefined) this.#fail("the reply held a credential", true);
    else this.#cleared += passed.length;
    if (this.#decoded > this.#limits.decoded && this.#decoded > this.#raw * 100)
      this.#fail("the reply grows beyond all measure when decoded");
  }

  /** A piece is decoded: it may go on unless its end could begin a credential. */
  #looked(chunk: Buffer, consumed: number): void {
    if (this.#over) return;
    this.#waiting.push({ raw: chunk, until: this.#decoded, end: this.#raw });
    this.#held += chunk.length;
    // what stands behind the end of the coded stream was not looked at
    if (consumed < this.#raw) this.#fail("the reply goes on behind its coded end");
    else this.#passUntil(this.#cleared);
    // attacker-controlled: pieces that say nothing, behind what could begin a credential
    if (this.#held > this.#limits.window) this.#fail("the reply says nothing for too long");
  }

  #passUntil(cleared: number): void {
    const whole = this.#blocks?.whole ?? this.#raw;
    const ready = this.#waiting.filter(({ until, end }) => until <= cleared && end <= whole);
    this.#waiting = this.#waiting.slice(ready.length);
    for (const { raw } of ready) {
      this.#held -= raw.length;
      this.#reader.pass(raw);
    }
  }

  #finish(done: () => void): void {
    if (this.#blocks !== undefined && this.#blocks.whole < this.#raw) {
      this.#fail("the reply ends in the middle of a block");
      return;
    }
    this.#over = true;
    this.#sieve.end();
    this.#passUntil(this.#decoded);
    this.#decoder?.destroy();
    done();
  }

  #fail(why: string, credential = false): void {
    if (this.#over) return;
    this.close();
    this.#reader.fail(why, credential);
  }
}

/** What was written is decoded by now, and may still wait to be read. */
function drain(decoder: Decoder): void {
  while (decoder.read() !== null);
}
