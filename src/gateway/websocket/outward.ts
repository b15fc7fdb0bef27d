// What the tool says on a WebSocket, attacker-controlled → the upstream: each message whole, looked through, judged and on the
// record before its first octet leaves (invariant 1), then exactly the octets it came in. So is each control frame that says
// something; those that say nothing, or only give back what they were asked, pass.

import { randomBytes } from "node:crypto";
import type { Finding } from "../../domain/finding.ts";
import { Patience } from "../http2/patience.ts";
import { breathe, type Look, Windows } from "../requests/decoding.ts";
import { lookFor } from "../requests/findings.ts";
import { Holding } from "../requests/holding.ts";
import { Whole } from "../requests/whole.ts";
import {
  type Control,
  closeCodes,
  FrameReader,
  type Malformed,
  opcodes,
  type Portion,
  writeMessage,
} from "./frames.ts";
import { Inflation } from "./inflation.ts";
import type { Agreed } from "./opening.ts";
import { drained, type Talk, type Wrong } from "./talk.ts";

const flood: Wrong = {
  rule: "gateway:framing",
  reason: "more frames than it has any use for",
  code: closeCodes.policy,
};
const long: Wrong = {
  rule: "gateway:body-limit",
  reason: "the message is longer than any provider takes",
  code: closeCodes.long,
};
const full: Wrong = {
  rule: "gateway:no-room",
  reason: "no room is left to hold the message while it is judged",
  code: closeCodes.failed,
};
const late: Wrong = {
  rule: "gateway:deadline",
  reason: "the message took longer than anybody waits",
  code: closeCodes.policy,
};

/** A message on its way. */
interface Message {
  readonly holding: Holding;
  readonly windows: Windows;
  readonly whole: Whole | undefined;
  readonly opcode: number;
  readonly findings: Finding[];
  /** Ends its time. */
  readonly timer: NodeJS.Timeout;
  unreadable: string | undefined;
  size: number;
}

export class Outward {
  readonly #talk: Talk;
  readonly #reader: FrameReader;
  readonly #inflation: Inflation | undefined;
  readonly #patience: Patience;
  /** Payloads of the upstream's last pings, which the tool gives back. */
  readonly #pings: readonly Buffer[];
  #message: Message | undefined;
  /** A message left otherwise than it came: what leans on it when compressed is to be said plainly from then on. */
  #plainly = false;

  constructor(talk: Talk, { deflate }: Agreed, pings: readonly Buffer[]) {
    const { limits, clock } = talk.exchange.gate;
    this.#talk = talk;
    this.#pings = pings;
    this.#reader = new FrameReader({ from: "client", deflate: deflate !== undefined });
    this.#inflation = deflate === undefined ? undefined : new Inflation(deflate.client, limits.decoded);
    this.#patience = new Patience(limits, clock);
  }

  /** Until the tool has said its last. Never rejects. */
  async run(): Promise<void> {
    const talk = this.#talk;
    try {
      // not destroyed on leaving early: the tool is still to be told why
      for await (const chunk of talk.tool.iterator({ destroyOnReturn: false })) {
        talk.heard();
        if (!(await this.#take(chunk))) break;
      }
      if (!talk.ended) talk.upstream.end();
    } catch {
      // it is told below
    } finally {
      talk.leave("the tool went away");
      clearTimeout(this.#message?.timer);
      this.#message?.holding.drop();
      this.#inflation?.close();
    }
  }

  async #take(chunk: Buffer): Promise<boolean> {
    this.#reader.push(chunk);
    for (let part = this.#reader.next(); part !== undefined && !this.#talk.ended; part = this.#reader.next())
      await this.#pass(part);
    return !this.#talk.ended;
  }

  #pass(part: Portion | Control | Malformed): Promise<void> {
    switch (part.kind) {
      case "portion":
        return this.#passPortion(part);
      case "control":
        return this.#passControl(part);
      case "malformed":
        return this.#talk.refuse({ rule: "gateway:framing", reason: part.why, code: closeCodes.protocol }, 0);
    }
  }

  async #passControl({ opcode, plain, raw }: Control): Promise<void> {
    const talk = this.#talk;
    if (!this.#patience.spend(1)) return talk.refuse(flood, plain.length);
    const what = opcode === opcodes.ping ? "ping" : opcode === opcodes.pong ? "pong" : "close";
    const given = what === "pong" && this.#pings.some((ping) => ping.equals(plain));
    if (plain.length > (what === "close" ? 2 : 0) && !given) {
      const findings = talk.exchange.gate.seek({ kind: "body", bytes: plain });
      const whole = Buffer.from(what === "close" ? plain.subarray(2) : plain);
      const said = { what, findings, unreadable: undefined, whole, size: plain.length } as const;
      if ((await talk.permit(said)) === undefined) return;
    }
    await this.#write(raw);
    if (what === "close") talk.close();
  }

  async #passPortion(portion: Portion): Promise<void> {
    const talk = this.#talk;
    const message = this.#message ?? this.#begin(portion);
    this.#message = message;
    message.size += portion.plain.length;
    this.#patience.earn(portion.plain.length / 1024);
    if (portion.plain.length === 0 && !this.#patience.spend(1)) return talk.refuse(flood, message.size);
    const fault = await message.holding.add(portion.raw);
    if (fault !== undefined) {
      this.#message = undefined;
      return talk.refuse(fault === "long" ? long : full, message.size);
    }
    await this.#look(message, portion);
    if (portion.last) await this.#passMessage(message);
  }

  #begin({ raw }: Portion): Message {
    const talk = this.#talk;
    const { seek, inspect, limits, room } = talk.exchange.gate;
    const findings: Finding[] = [];
    const whole = inspect && new Whole(limits.inspected);
    const sought = lookFor(findings, seek, limits);
    const look: Look = (window, offset) => {
      sought(window, offset);
      whole?.add(window, offset);
    };
    talk.counts.out += 1;
    return {
      holding: new Holding(room),
      windows: new Windows(look, limits),
      whole,
      // a message's first portion has the head of its frame
      opcode: (raw[0] ?? 0) & 0x0f,
      findings,
      timer: setTimeout(() => void talk.refuse(late, this.#message?.size ?? 0), limits.requestTime).unref(),
      unreadable: undefined,
      size: 0,
    };
  }

  async #look(message: Message, { compressed, plain, last }: Portion): Promise<void> {
    const said = compressed ? await this.#inflation?.push(plain, last) : plain;
    if (typeof said === "string") message.unreadable ??= said;
    else if (said !== undefined && said.length > 0 && message.windows.add(said)) await breathe();
    if (last) message.windows.finish();
  }

  async #passMessage({ holding, findings, timer, unreadable, whole: looked, opcode, size }: Message): Promise<void> {
    clearTimeout(timer);
    const fault = unreadable ?? looked?.fault;
    const whole = looked?.take();
    // given away when it is looked into
    const kept = this.#plainly && whole !== undefined ? Buffer.from(whole) : undefined;
    const permission = await this.#talk.permit({ what: "message", findings, unreadable: fault, whole, size });
    if (permission === undefined) return;
    this.#message = undefined;
    const plain = permission.redacted ?? kept;
    if (plain !== undefined) {
      this.#plainly = true;
      holding.drop();
      return this.#write(writeMessage(opcode, plain, randomBytes(4)));
    }
    const body = holding.finish();
    try {
      for await (const bytes of body.chunks()) await this.#write(bytes, body.keep());
    } finally {
      body.dispose();
    }
  }

  async #write(bytes: Buffer, done: () => void = () => undefined): Promise<void> {
    const { upstream, counts, ended } = this.#talk;
    counts.bytesOut += bytes.length;
    if (!ended && !upstream.write(bytes, done)) await drained(upstream);
  }
}
