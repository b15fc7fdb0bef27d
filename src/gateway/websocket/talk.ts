// A WebSocket that is open, between the tool and its upstream: its two ends, what went through, and how it ends. Whoever carries
// messages asks here whether one may leave, and says here why nothing more may.

import type { Duplex } from "node:stream";
import type { Finding } from "../../domain/finding.ts";
import type { Hearing } from "../../domain/transcript.ts";
import { enterRefusal } from "../requests/answer.ts";
import { bytesOf, judgeContent } from "../requests/content.ts";
import type { Exchange } from "../requests/exchange.ts";
import { recordIntent } from "../requests/intent.ts";
import { closeCodes, writeClose } from "./frames.ts";

export interface TalkOptions {
  readonly exchange: Exchange;
  /** Where the opening's intent stands in the record. */
  readonly opening: number;
  readonly tool: Duplex;
  readonly upstream: Duplex;
}

/** What would leave: a message, or a control frame that says something. */
export interface Said {
  readonly what: "message" | "ping" | "pong" | "close";
  readonly findings: readonly Finding[];
  /** Why it could not be read, where it could not. */
  readonly unreadable: string | undefined;
  /** Decoded, without a close's code; nobody else's. Undefined where it is not to be looked into as a whole. */
  readonly whole?: Buffer | undefined;
  /** Octets of its payload, as they stand on the wire. */
  readonly size: number;
}

/** It may leave: as it came, or this in its place. */
export interface Permission {
  readonly redacted: Buffer | undefined;
}

/** Why something is refused that no judge need see. */
export interface Wrong {
  readonly rule: string;
  readonly reason: string;
  readonly code: number;
}

const allowed = { used: [], foreign: undefined };

export class Talk {
  readonly exchange: Exchange;
  readonly tool: Duplex;
  readonly upstream: Duplex;
  readonly #opening: number;
  readonly #silence: NodeJS.Timeout;
  /** Is the tool between two frames? Set by who writes to it. */
  whole: () => boolean = () => true;
  /** Messages each way, and octets with all framing. */
  readonly counts = { out: 0, inward: 0, bytesOut: 0, bytesIn: 0 };
  /** Somebody has said that it closes. */
  closing = false;
  /** What the tool's messages were found to speak. */
  protocol = "unknown";
  /** Hears what answers the last message that is answered. */
  hearing: Hearing | undefined;
  ended = false;
  /** Something is being refused: nothing more leaves, whatever was allowed meanwhile. */
  #refusing = false;
  why: string | undefined;
  rule: string | undefined;

  constructor({ exchange, opening, tool, upstream }: TalkOptions) {
    this.exchange = exchange;
    this.tool = tool;
    this.upstream = upstream;
    this.#opening = opening;
    const { socketSilence } = exchange.gate.limits;
    this.#silence = setTimeout(() => this.end("nobody said anything for too long", closeCodes.leaving), socketSilence);
    this.#silence.unref();
  }

  /** Somebody said something. */
  heard(): void {
    this.#silence.refresh();
  }

  /** Somebody says that it closes: what is still to be said, is to be said soon. */
  close(): void {
    this.closing = true;
    this.#hurry();
  }

  /** Somebody has left. `why`: where nobody had said that it closes. */
  leave(why: string): void {
    if (!this.closing) this.why ??= why;
    this.#hurry();
  }

  /** Entered and allowed, so durable; undefined: ended. */
  async permit(said: Said): Promise<Permission | undefined> {
    if (this.ended || this.#refusing) return undefined;
    const { gate, destination, head, path } = this.exchange;
    gate.tally.request(destination.host);
    const { findings, unreadable, size } = said;
    const disclosure = { destination, method: head.method, path, findings, unreadable };
    const { decided: verdict, inspection } = await judgeContent(this.exchange, disclosure, said);
    const isMessage = said.what === "message";
    if (isMessage) this.protocol = inspection?.protocol ?? this.protocol;
    // a control frame leaves as it came or not at all
    const body = isMessage && verdict.kind === "redact" ? inspection?.redaction?.body : undefined;
    const part = {
      opening: this.#opening,
      ...(isMessage ? { message: this.counts.out } : { frame: said.what }),
    };
    if (verdict.kind !== "allow" && body === undefined) {
      const { rule, reason, purpose } = verdict;
      await this.#refuse({ rule, reason, purpose, findings, inspection, size }, part, closeCodes.policy);
      return undefined;
    }
    const receipt = await recordIntent(this.exchange, { verdict, findings, inspection, bound: allowed, size, part });
    if (receipt === undefined) this.end("the record cannot be written", undefined);
    if (receipt === undefined || this.ended || this.#refusing) return undefined;
    if (inspection?.asked !== undefined) {
      this.hearing?.end(true);
      this.hearing = gate.overhear?.(inspection.asked, "messages");
    }
    return { redacted: body && bytesOf(body) };
  }

  /** What cannot even be judged. */
  async refuse({ rule, reason, code }: Wrong, size: number): Promise<void> {
    if (this.ended || this.#refusing) return;
    this.exchange.gate.tally.request(this.exchange.destination.host);
    await this.#refuse({ rule, reason, size }, { opening: this.#opening }, code);
  }

  /** Once: nothing more goes either way. `code`: what the tool is told, where it can be told anything. */
  end(why: string | undefined, code: number | undefined, rule?: string): void {
    if (this.ended) return;
    this.ended = true;
    this.why ??= why;
    this.rule = rule;
    this.hearing?.end(false);
    clearTimeout(this.#silence);
    this.upstream.destroy();
    if (code === undefined || !this.whole() || !this.tool.writable) {
      this.tool.destroy();
      return;
    }
    this.tool.end(writeClose(code, textFor(code)));
    // it may go on sending what nobody reads
    this.tool.resume();
    setTimeout(() => this.tool.destroy(), this.exchange.gate.limits.opening).unref();
  }

  #hurry(): void {
    setTimeout(() => this.end(this.why, undefined), this.exchange.gate.limits.opening).unref();
  }

  async #refuse(reason: Parameters<typeof enterRefusal>[1], part: object, code: number): Promise<void> {
    this.#refusing = true;
    try {
      await enterRefusal(this.exchange, reason, part);
      this.end("something the tool said was refused", code);
    } catch {
      this.end("the record cannot be written", undefined);
    }
  }
}

/** What the tool may know. */
function textFor(code: number): string {
  switch (code) {
    case closeCodes.policy:
      return "not permitted by the policy of this environment";
    case closeCodes.long:
      return "this message is too large";
    case closeCodes.protocol:
      return "this cannot be read";
    default:
      return "the connection has ended";
  }
}

/** Resolves when there is room again, or when nobody takes anything any more. */
export function drained(stream: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    stream.off("drain", done).off("close", done);
    resolve();
  };
  stream.on("drain", done).on("close", done);
  return stream.destroyed || !stream.writableNeedDrain ? Promise.resolve() : promise;
}
