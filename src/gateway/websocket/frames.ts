// Octets of a WebSocket, attacker-controlled and cut anywhere → portions of messages and control frames, each with the octets it
// was written in: RFC 6455 §5, RFC 7692 §6. Refuses what two readers could read in two ways.

export const opcodes = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** RFC 6455 §7.4.1. */
export const closeCodes = {
  normal: 1000,
  leaving: 1001,
  protocol: 1002,
  policy: 1008,
  long: 1009,
  failed: 1011,
} as const;

/** A piece of a message, of no more than one frame. */
export interface Portion {
  readonly kind: "portion";
  /** It begins, it ends a message. */
  readonly first: boolean;
  readonly last: boolean;
  /** Its frame ends with it: another could follow. */
  readonly whole: boolean;
  /** The whole message's. */
  readonly compressed: boolean;
  /** As it came: the frame's head where it stands before it, and the payload. */
  readonly raw: Buffer;
  /** The payload without its mask. */
  readonly plain: Buffer;
}

export interface Control {
  readonly kind: "control";
  readonly opcode: number;
  readonly raw: Buffer;
  readonly plain: Buffer;
}

export interface Malformed {
  readonly kind: "malformed";
  readonly why: string;
}

const malformed = (why: string): Malformed => ({ kind: "malformed", why });
const nothing = Buffer.alloc(0);
const longestControl = 125;

interface Frame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly mask: Buffer | undefined;
  /** Octets of its head, and of its payload. */
  readonly head: number;
  readonly size: number;
}

export interface ReaderOptions {
  /** From whom: a client masks, a server does not (§5.1). */
  readonly from: "client" | "server";
  /** permessage-deflate was agreed on. */
  readonly deflate: boolean;
}

export class FrameReader {
  readonly #options: ReaderOptions;
  #held: Buffer = nothing;
  /** The frame whose payload is on its way, and how much of it has passed. */
  #frame: Frame | undefined;
  #passed = 0;
  /** A message is on its way, and is compressed. */
  #open = false;
  #compressed = false;
  #over = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }

  /** The next piece; undefined where more octets are needed. */
  next(): Portion | Control | Malformed | undefined {
    if (this.#held.length > 0 && this.#over) return malformed("it says something after it has closed");
    const frame = this.#frame ?? this.#readHead();
    if (frame === undefined || "kind" in frame) return frame;
    if (frame.opcode >= opcodes.close) return this.#readControl(frame);
    // a frame's head that has not been handed on goes along with the payload behind it
    const head = this.#frame === undefined ? frame.head : 0;
    const size = Math.min(this.#held.length - head, frame.size - this.#passed);
    if (size === 0 && head === 0) return undefined;
    return this.#cut(frame, head, size);
  }

  #cut(frame: Frame, head: number, size: number): Portion {
    const raw = this.#held.subarray(0, head + size);
    this.#held = this.#held.subarray(head + size);
    const plain = unmask(raw.subarray(head), frame.mask, this.#passed);
    const first = head > 0 && frame.opcode !== opcodes.more;
    this.#passed += size;
    const whole = this.#passed === frame.size;
    const last = whole && frame.fin;
    this.#frame = whole ? undefined : frame;
    if (whole) this.#passed = 0;
    this.#open = !last;
    return { kind: "portion", first, last, whole, compressed: this.#compressed, raw, plain };
  }

  #readControl(frame: Frame): Control | Malformed | undefined {
    if (this.#held.length < frame.head + frame.size) return undefined;
    const raw = this.#held.subarray(0, frame.head + frame.size);
    this.#held = this.#held.subarray(raw.length);
    const plain = unmask(raw.subarray(frame.head), frame.mask, 0);
    if (frame.opcode === opcodes.close) {
      this.#over = true;
      if (!isClose(plain)) return malformed("it closes with a code that is none");
    }
    return { kind: "control", opcode: frame.opcode, raw, plain };
  }

  #readHead(): Frame | Malformed | undefined {
    const held = this.#held;
    if (held.length < 2) return undefined;
    const [bits = 0, lengths = 0] = held;
    const opcode = bits & 15;
    const wrong = this.#wrong(bits, lengths);
    if (wrong !== undefined) return malformed(wrong);
    const wide = (lengths & 127) === 126 ? 2 : (lengths & 127) === 127 ? 8 : 0;
    const masked = lengths >> 7 === 1;
    const head = 2 + wide + (masked ? 4 : 0);
    if (held.length < head) return undefined;
    const size = wide === 0 ? lengths & 127 : wide === 2 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
    // the shortest way to say it is the only one (§5.2)
    if ((wide === 2 && size < 126) || (wide === 8 && (size < 65_536 || size > Number.MAX_SAFE_INTEGER)))
      return malformed("a frame's length that is not said the one way there is");
    if (opcode === opcodes.text || opcode === opcodes.binary) this.#compressed = (bits & 0x40) !== 0;
    const mask = masked ? Buffer.from(held.subarray(head - 4, head)) : undefined;
    return { fin: bits >> 7 === 1, opcode, mask, head, size };
  }

  /** What its first two octets say that may not be. */
  #wrong(bits: number, lengths: number): string | undefined {
    const opcode = bits & 15;
    const begins = opcode === opcodes.text || opcode === opcodes.binary;
    if (lengths >> 7 !== (this.#options.from === "client" ? 1 : 0)) return "a mask that is the other side's";
    if ((bits & 0x30) !== 0 || ((bits & 0x40) !== 0 && !(this.#options.deflate && begins)))
      return "an extension nobody agreed on";
    if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close))
      return "a kind of frame nobody knows";
    if (opcode >= opcodes.close)
      return bits >> 7 === 0 || (lengths & 127) > longestControl
        ? "a control frame that is cut up or too long"
        : undefined;
    if (begins === this.#open) return this.#open ? "a message inside another" : "the rest of no message";
    return undefined;
  }
}

/** Nothing, or a code that may be said and a reason (§7.4). */
function isClose(plain: Buffer): boolean {
  if (plain.length === 0) return true;
  if (plain.length === 1) return false;
  const code = plain.readUInt16BE(0);
  const reserved = code < 1000 || (code > 1003 && code < 1007) || (code > 1014 && code < 3000) || code > 4999;
  return !reserved;
}

/** A copy; `at`: octets of the payload before it. */
function unmask(payload: Buffer, mask: Buffer | undefined, at: number): Buffer {
  if (mask === undefined) return payload;
  const plain = Buffer.allocUnsafe(payload.length);
  for (let index = 0; index < payload.length; index += 1)
    plain[index] = (payload[index] ?? 0) ^ (mask[(at + index) & 3] ?? 0);
  return plain;
}

/** A whole message in one frame, as a client writes it where there is a mask, uncompressed (RFC 6455 §5.2). */
export function writeMessage(opcode: number, payload: Buffer, mask: Buffer | undefined): Buffer {
  const octets = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + octets);
  head[0] = 0x80 | opcode;
  head[1] = (mask === undefined ? 0 : 0x80) | (octets === 0 ? payload.length : octets === 2 ? 126 : 127);
  if (octets === 2) head.writeUInt16BE(payload.length, 2);
  if (octets === 8) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, mask ?? nothing, unmask(payload, mask, 0)]);
}

/** What a server says last. */
export function writeClose(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  const frame = Buffer.allocUnsafe(4 + text.length);
  frame[0] = 0x80 | opcodes.close;
  frame[1] = 2 + text.length;
  frame.writeUInt16BE(code, 2);
  text.copy(frame, 4);
  return frame;
}
