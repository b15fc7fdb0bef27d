// What an upstream says on a WebSocket, attacker-controlled → the tool: exactly the octets it came in, watched for real credentials
// as replies are, also where it is compressed. A message that holds one is cut off before it.

import type { Finding } from "../../domain/finding.ts";
import type { RestoringMessages } from "../../domain/inspection.ts";
import type { Sieve } from "../../domain/sieve.ts";
import { type Control, closeCodes, FrameReader, opcodes, type Portion, writeMessage } from "./frames.ts";
import { Inflation } from "./inflation.ts";
import type { Agreed } from "./opening.ts";
import { drained, type Talk } from "./talk.ts";

/** Octets that wait until what they say is known to be harmless. */
interface Waiting {
  readonly raw: Buffer;
  /** How much has been said when they end. */
  readonly until: number;
  /** A frame ends with them. */
  readonly whole: boolean;
}

const isCredential = ({ what }: Finding): boolean => what === "credential";

/** Payloads of pings that are remembered: a tool answers the last one, or one that crossed it. */
const remembered = 8;

export class Inward {
  readonly #talk: Talk;
  readonly #reader: FrameReader;
  readonly #inflation: Inflation | undefined;
  readonly #pings: Buffer[];
  /** Undefined where there is no credential to watch for. */
  #sieve: Sieve | undefined;
  /** Once placeholders are to be given back: messages are whole before they go on, and are written anew. */
  #restoring: RestoringMessages | undefined;
  /** Of a message that goes on as it comes: what it says so far. */
  #heard: Buffer[] = [];
  #heardSize = 0;
  #message: { readonly opcode: number; readonly parts: Buffer[]; size: number } | undefined;
  #waiting: Waiting[] = [];
  /** Octets of them. */
  #held = 0;
  /** The tool has whole frames. */
  #whole = true;
  /** Octets said, and those of them that the sieve let go. */
  #said = 0;
  #passed = 0;

  /** `pings`: filled here, for who hears the answers. */
  constructor(talk: Talk, { deflate }: Agreed, pings: Buffer[]) {
    const { gate } = talk.exchange;
    this.#talk = talk;
    this.#pings = pings;
    this.#reader = new FrameReader({ from: "server", deflate: deflate !== undefined });
    this.#inflation = deflate === undefined ? undefined : new Inflation(deflate.server, gate.limits.decoded);
    this.#sieve = gate.credentials.length + gate.logins.length === 0 ? undefined : gate.openSieve();
    talk.whole = () => this.#whole;
  }

  /** Placeholders that were given back. */
  restored(): number {
    return this.#restoring?.restored() ?? 0;
  }

  /** Until the upstream has said its last. Never rejects. */
  async run(): Promise<void> {
    const talk = this.#talk;
    try {
      for await (const chunk of talk.upstream.iterator({ destroyOnReturn: false })) {
        talk.heard();
        talk.counts.bytesIn += chunk.length;
        if (!(await this.#take(chunk))) break;
      }
      if (!talk.ended) talk.tool.end();
    } catch {
      // it is told below
    } finally {
      talk.leave("the upstream closed the connection");
      this.#inflation?.close();
    }
  }

  async #take(chunk: Buffer): Promise<boolean> {
    this.#reader.push(chunk);
    for (let part = this.#reader.next(); part !== undefined && !this.#talk.ended; part = this.#reader.next()) {
      if (part.kind === "malformed") this.#fail(part.why);
      else if (part.kind === "control") await this.#passControl(part);
      else await this.#passPortion(part);
    }
    return !this.#talk.ended;
  }

  async #passControl({ opcode, plain, raw }: Control): Promise<void> {
    const { gate } = this.#talk.exchange;
    if (this.#sieve !== undefined && gate.seek({ kind: "body", bytes: plain }).some(isCredential)) return this.#cut();
    if (opcode === opcodes.ping) this.#pings.push(plain);
    if (this.#pings.length > remembered) this.#pings.shift();
    await this.#pass(raw, true);
    if (opcode === opcodes.close) this.#talk.close();
  }

  async #passPortion(portion: Portion): Promise<void> {
    const { raw, plain, compressed, last, whole } = portion;
    if (last) this.#talk.counts.inward += 1;
    const { restore, overhear } = this.#talk.exchange.gate;
    if (this.#sieve === undefined && restore === undefined && overhear === undefined) return this.#pass(raw, whole);
    // also where nobody watches yet: what follows may lean on it
    const said = compressed ? await this.#inflation?.push(plain, last) : plain;
    if (said === undefined || typeof said === "string") return this.#fail(said ?? "it is compressed");
    if (portion.first && this.#restoring === undefined && restore?.isWanted(this.#talk.protocol) === true)
      this.#restoring = restore.openMessages(this.#talk.protocol);
    if (this.#restoring !== undefined) return this.#restore(portion, said, this.#restoring);
    this.#hear(said, last);
    if (this.#sieve === undefined) return this.#pass(raw, whole);
    const passed = this.#sieve.push(said);
    if (passed === undefined) return this.#cut();
    this.#said += said.length;
    this.#passed += passed.length;
    if (last) {
      // what could have been the beginning of one was none
      this.#sieve = this.#talk.exchange.gate.openSieve();
      this.#passed = this.#said;
    }
    await this.#pass(raw, whole);
  }

  /** Whole, looked through, and written anew. */
  async #restore({ raw, last }: Portion, said: Buffer, restoring: RestoringMessages): Promise<void> {
    this.#message ??= { opcode: (raw[0] ?? 0) & 0x0f, parts: [], size: 0 };
    const { opcode, parts } = this.#message;
    parts.push(said);
    this.#message.size += said.length;
    if (this.#message.size > this.#talk.exchange.gate.limits.body) return this.#fail("a message longer than is held");
    if (!last) return;
    this.#message = undefined;
    const message = Buffer.concat(parts);
    const { gate } = this.#talk.exchange;
    if (this.#sieve !== undefined && gate.seek({ kind: "body", bytes: message }).some(isCredential)) return this.#cut();
    for (const each of opcode === opcodes.text ? restoring.pass(message) : [message]) {
      this.#talk.hearing?.push(each);
      await this.#pass(writeMessage(opcode, each, undefined), true);
    }
  }

  /** Whole messages alone are heard, before the tool has their last octet. */
  #hear(said: Buffer, last: boolean): void {
    const { hearing, exchange } = this.#talk;
    if (hearing === undefined) return;
    this.#heardSize += said.length;
    if (this.#heardSize > exchange.gate.limits.body) hearing.lose();
    else this.#heard.push(Buffer.from(said));
    if (!last) return;
    hearing.push(Buffer.concat(this.#heard));
    [this.#heard, this.#heardSize] = [[], 0];
  }

  /** In their order; what is held back holds back all behind it. */
  async #pass(raw: Buffer, whole: boolean): Promise<void> {
    this.#waiting.push({ raw, until: this.#said, whole });
    this.#held += raw.length;
    while (this.#waiting[0] !== undefined && this.#waiting[0].until <= this.#passed) {
      const { tool, ended } = this.#talk;
      const [next] = this.#waiting.splice(0, 1);
      if (ended || next === undefined) return;
      this.#held -= next.raw.length;
      this.#whole = next.whole;
      if (!tool.write(next.raw)) await drained(tool);
    }
    // attacker-controlled: frames that say nothing, behind what could begin a credential
    if (this.#held > this.#talk.exchange.gate.limits.window) this.#fail("it says nothing for too long");
  }

  #fail(why: string): void {
    this.#talk.end(`the upstream said what cannot be read: ${why}`, closeCodes.failed);
  }

  #cut(): void {
    const { gate, destination } = this.#talk.exchange;
    gate.tally.refusal(destination.host);
    this.#talk.end("the upstream said a credential", closeCodes.failed, "gateway:credential-reflected");
  }
}
