// One connection of HTTP/2, either end of it: bytes in, streams' events and bytes out; no socket, no timer. RFC 9113. What the
// other end must not do ends the connection; what it may do and nobody needs costs its patience.

import type { Limits } from "../limits.ts";
import { type Broken, broken } from "./broken.ts";
import { parseGoAway, parsePing, parseReset, parseSettings, parseWindow, tooLarge } from "./control-frames.ts";
import {
  codes,
  type Frame,
  FrameReader,
  firstWindow,
  flags,
  kinds,
  nameOf,
  preface,
  settings,
  unpad,
  writeFrame,
  writeNumbers,
  writeSettings,
} from "./frames.ts";
import { type Head, HeadBlocks } from "./head-blocks.ts";
import type { Fields } from "./head-reader.ts";
import { HeadWriter } from "./head-writer.ts";
import { Outbox } from "./outbox.ts";
import { costOf, Patience } from "./patience.ts";
import type { Stream } from "./stream.ts";
import { Streams } from "./streams.ts";

export interface Owner {
  /** False where the transport takes no more for now; `Connection.drained` is called when it does. */
  readonly write: (bytes: Buffer) => boolean;
  /**
   * The other end, a client, has opened a stream, which wants a hearer. `last`: its head is all of it. False where no more is
   * taken now: it is refused, to be sent again.
   */
  readonly opened: (stream: Stream, head: Fields, last: boolean) => boolean;
  /** It broke the rules, was told so, and is heard no more. */
  readonly failed: (why: string) => void;
  /** The other end opens no more streams, or takes no more. */
  readonly leaving: () => void;
}

export interface ConnectionOptions {
  readonly role: "server" | "client";
  readonly limits: Limits;
  /** Milliseconds. */
  readonly clock: () => number;
}

export class Connection {
  readonly #role: "server" | "client";
  readonly #limits: Limits;
  readonly #owner: Owner;
  readonly #reader = new FrameReader();
  readonly #heads: HeadBlocks;
  readonly #patience: Patience;
  readonly #outbox: Outbox;
  readonly #streams: Streams;
  /** Received on the connection, and not yet given back. */
  #owed = 0;
  /** What must come before anything else. */
  #awaits: "preface" | "settings" | "nothing";
  #leaving = false;
  #over = false;

  constructor({ role, limits, clock }: ConnectionOptions, owner: Owner) {
    this.#role = role;
    this.#limits = limits;
    this.#owner = owner;
    this.#heads = new HeadBlocks(limits);
    this.#patience = new Patience(limits, clock, () => this.#outbox.full);
    this.#awaits = role === "server" ? "preface" : "settings";
    const outbox = new Outbox(
      (bytes) => owner.write(bytes),
      (size) => this.#patience.earn(1 + size / 1024),
    );
    this.#outbox = outbox;
    this.#streams = new Streams({ role, outbox, window: limits.streamWindow, writer: new HeadWriter() });
    this.#greet();
  }

  /** Streams that are open. */
  get streams(): number {
    return this.#streams.count;
  }

  /** How many more streams the other end takes. */
  get room(): number {
    return this.#leaving || this.#over ? 0 : this.#streams.room;
  }

  /** It has begun to say something that is not whole: who it is, or a head. */
  get unfinished(): boolean {
    return this.#awaits !== "nothing" || this.#heads.open;
  }

  receive(chunk: Buffer): void {
    if (this.#over) return;
    this.#reader.push(chunk);
    if (this.#awaits === "preface" && !this.#readPreface()) return;
    while (!this.#over) {
      const frame = this.#reader.next();
      if (frame === "more") return;
      const fault = frame === "long" ? broken(codes.frameSize, "a frame that is too long") : this.#take(frame);
      if (fault !== undefined) this.#fail(fault);
    }
  }

  /** The transport takes more again. */
  drained(): void {
    this.#outbox.drained();
  }

  /** A client's: a stream of its own. Only where there is room. */
  open(): Stream {
    return this.#streams.open();
  }

  /** Tells the other end that no more streams are taken; those that are open go on. */
  leave(): void {
    if (this.#over || this.#leaving) return;
    this.#leaving = true;
    this.#sayGoAway(codes.none);
  }

  /** The transport has ended. */
  ended(why: string): void {
    this.#over = true;
    for (const stream of this.#streams.all()) stream.lose(why, false);
  }

  #greet(): void {
    const { streamWindow, connectionWindow, streams, head } = this.#limits;
    const own: [number, number] = this.#role === "client" ? [settings.push, 0] : [settings.streams, streams];
    const first = this.#role === "client" ? [preface] : [];
    const said = writeSettings([own, [settings.window, streamWindow], [settings.headSize, head]]);
    const window = writeFrame(kinds.window, 0, 0, writeNumbers(connectionWindow - firstWindow));
    this.#outbox.now(Buffer.concat([...first, said, window]));
  }

  #readPreface(): boolean {
    const first = this.#reader.take(preface.length);
    if (first === undefined) return false;
    if (!first.equals(preface)) {
      this.#fail(broken(codes.protocol, "it does not begin as HTTP/2"));
      return false;
    }
    this.#awaits = "settings";
    return true;
  }

  #fail({ code, why }: Broken): void {
    this.#over = true;
    this.#sayGoAway(code);
    this.#owner.failed(why);
    this.ended(why);
  }

  #sayGoAway(code: number): void {
    this.#outbox.now(writeFrame(kinds.goAway, 0, 0, writeNumbers(this.#streams.last, code)));
  }

  #spend(cost: number, why: string): Broken | undefined {
    return this.#patience.spend(cost) ? undefined : broken(codes.calm, why);
  }

  #take(frame: Frame): Broken | undefined {
    if (this.#awaits === "settings") {
      if (frame.kind !== kinds.settings || (frame.flags & flags.ack) !== 0)
        return broken(codes.protocol, "its settings do not come first");
      this.#awaits = "nothing";
    }
    if (!this.#heads.mayCome(frame)) return broken(codes.protocol, "a header block that is cut up by other frames");
    switch (frame.kind) {
      case kinds.data:
        return this.#takeData(frame);
      case kinds.headers:
      case kinds.continuation:
        return this.#takeHead(frame);
      default:
        return this.#spend(costOf(frame), "more frames than it has any use for") ?? this.#takeIdle(frame);
    }
  }

  #takeData(frame: Frame): Broken | undefined {
    const { length } = frame.payload;
    const last = (frame.flags & flags.end) !== 0;
    const payload = unpad(frame);
    if (frame.stream === 0 || this.#streams.isIdle(frame.stream)) return broken(codes.protocol, "data on no stream");
    if (payload === undefined) return broken(codes.protocol, "padding longer than its frame");
    this.#owed += length;
    if (this.#owed > this.#limits.connectionWindow) return broken(codes.flow, "more data than the window takes");
    this.#giveBack();
    this.#patience.earn(length / 1024);
    if (payload.length === 0 && !last && !this.#patience.spend(1))
      return broken(codes.calm, "more empty frames than anybody means");
    const stream = this.#streams.get(frame.stream);
    // it may have been under way when the stream was closed
    if (stream === undefined) return this.#spend(1, "data on streams that are closed");
    if (stream.remoteEnded) return broken(codes.streamClosed, "data behind the end of its stream");
    return stream.hearData(payload, length, last) ? undefined : broken(codes.flow, "more data than the window takes");
  }

  /** What came on all streams together may come again at once: each stream's own window is what holds back. */
  #giveBack(): void {
    if (this.#owed < this.#limits.connectionWindow / 2) return;
    this.#outbox.now(writeFrame(kinds.window, 0, 0, writeNumbers(this.#owed)));
    this.#owed = 0;
  }

  #takeHead(frame: Frame): Broken | undefined {
    const head = this.#heads.take(frame);
    if (head === undefined || "code" in head) return head;
    const stream = this.#streams.get(head.stream);
    if (stream === undefined) return this.#opened(head);
    if (stream.remoteEnded) return broken(codes.streamClosed, "a head behind the end of its stream");
    stream.hearFields(head.fields, head.last);
    return undefined;
  }

  #opened({ stream: id, fields, last }: Head): Broken | undefined {
    if (!this.#streams.isIdle(id)) return this.#spend(1, "heads on streams that are closed");
    if (this.#role === "client" || id % 2 === 0) return broken(codes.protocol, "a stream it may not open");
    const stream = this.#streams.accept(id);
    if (last) stream.endRemote();
    if (!this.#leaving && this.#owner.opened(stream, fields, last))
      return this.#outbox.full ? this.#spend(1, "more requests than it takes answers to") : undefined;
    stream.reset(codes.refused);
    return this.#spend(2, "more streams than it was told of");
  }

  /** Frames that ask for nothing; priorities, and what nobody here knows, are stepped over (§5.5). */
  #takeIdle(frame: Frame): Broken | undefined {
    switch (frame.kind) {
      case kinds.reset:
        return this.#takeReset(frame);
      case kinds.settings:
        return this.#takeSettings(frame);
      case kinds.ping:
        return this.#takePing(frame);
      case kinds.goAway:
        return this.#takeGoAway(frame);
      case kinds.window:
        return this.#takeWindow(frame);
      case kinds.push:
        return broken(codes.protocol, "a push nobody asked for");
      default:
        return undefined;
    }
  }

  #takeReset(frame: Frame): Broken | undefined {
    const code = parseReset(frame);
    if (typeof code !== "number") return code;
    if (this.#streams.isIdle(frame.stream)) return broken(codes.protocol, "a reset of no stream");
    this.#streams.get(frame.stream)?.lose(`it was reset (${nameOf(code)})`, code === codes.refused);
    return undefined;
  }

  #takeSettings(frame: Frame): Broken | undefined {
    const values = parseSettings(frame);
    if (values === undefined || "code" in values) return values;
    for (const [id, value] of values) {
      if (id === settings.push && value === 1 && this.#role === "client")
        return broken(codes.protocol, "a setting that is the client's");
      if (id === settings.streams) this.#streams.most = value;
      if (id === settings.window && !this.#streams.resize(value)) return tooLarge;
    }
    this.#outbox.now(writeFrame(kinds.settings, flags.ack, 0, Buffer.alloc(0)));
    return undefined;
  }

  #takePing(frame: Frame): Broken | undefined {
    const asked = parsePing(frame);
    if (asked === undefined || "code" in asked) return asked;
    this.#outbox.now(writeFrame(kinds.ping, flags.ack, 0, asked));
    return undefined;
  }

  #takeGoAway(frame: Frame): Broken | undefined {
    const last = parseGoAway(frame);
    if (typeof last !== "number") return last;
    this.#leaving = true;
    for (const stream of this.#streams.all()) {
      if (this.#role === "client" && stream.id > last) stream.lose("the other end takes no more here", true);
    }
    this.#owner.leaving();
    return undefined;
  }

  #takeWindow(frame: Frame): Broken | undefined {
    const more = parseWindow(frame);
    if (typeof more !== "number") return more;
    if (frame.stream === 0) return this.#outbox.widen(more) ? undefined : tooLarge;
    if (this.#streams.isIdle(frame.stream)) return broken(codes.protocol, "a window update of no stream");
    return (this.#streams.get(frame.stream)?.widen(more) ?? true) ? undefined : tooLarge;
  }
}
