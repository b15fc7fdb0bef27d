// Bytes, attacker-controlled and cut anywhere → frames of HTTP/2, and back: RFC 9113 §4.1, §6. Knows lengths, not what follows
// from a frame. Refuses one longer than was agreed.

export const kinds = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
} as const;

export const flags = { end: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** RFC 9113 §7. */
export const codes = {
  none: 0,
  protocol: 1,
  internal: 2,
  flow: 3,
  streamClosed: 5,
  frameSize: 6,
  refused: 7,
  cancel: 8,
  compression: 9,
  calm: 11,
} as const;

/** What a reset says, for the record. */
export function nameOf(code: number): string {
  return Object.entries(codes).find(([, value]) => value === code)?.[0] ?? `code ${code}`;
}

/** RFC 9113 §6.5.2, those anybody here heeds. */
export const settings = { tableSize: 1, push: 2, streams: 3, window: 4, frameSize: 5, headSize: 6 } as const;

/** What a client says first (§3.4). */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** The longest payload both ends take unless more is agreed; we never agree to more. */
export const frameBound = 16_384;
/** Every window before anybody said otherwise (§6.9.2), and the largest one there may be (§6.9.1). */
export const firstWindow = 65_535;
export const lastWindow = 0x7fff_ffff;

export interface Frame {
  readonly kind: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export class FrameReader {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }

  /** As many bytes, once they are there; what stands before the first frame. */
  take(size: number): Buffer | undefined {
    if (this.#held.length < size) return undefined;
    const taken = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size);
    return taken;
  }

  /** The next whole frame; `more` where it has not come yet, `long` where it is longer than the bound. */
  next(): Frame | "more" | "long" {
    const held = this.#held;
    if (held.length < 9) return "more";
    const size = held.readUIntBE(0, 3);
    if (size > frameBound) return "long";
    if (held.length < 9 + size) return "more";
    this.#held = held.subarray(9 + size);
    const stream = held.readUInt32BE(5) & 0x7fff_ffff;
    return { kind: held[3] ?? 0, flags: held[4] ?? 0, stream, payload: held.subarray(9, 9 + size) };
  }
}

/** Written whole, the payload copied: its memory is the caller's again. */
export function writeFrame(kind: number, flag: number, stream: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = kind;
  bytes[4] = flag;
  bytes.writeUInt32BE(stream, 5);
  payload.copy(bytes, 9);
  return bytes;
}

export function writeNumbers(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * numbers.length);
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * at);
  return bytes;
}

/** Identifier and value alternating (§6.5.1). */
export function writeSettings(values: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.allocUnsafe(6 * values.length);
  for (const [at, [id, value]] of values.entries()) {
    payload.writeUInt16BE(id, 6 * at);
    payload.writeUInt32BE(value, 6 * at + 2);
  }
  return writeFrame(kinds.settings, 0, 0, payload);
}

/** A header block, in as many frames as it takes. */
export function writeHead(stream: number, block: Buffer, last: boolean): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += frameBound) {
    const piece = block.subarray(at, at + frameBound);
    const whole = at + frameBound >= block.length ? flags.endHeaders : 0;
    parts.push(
      at === 0
        ? writeFrame(kinds.headers, whole | (last ? flags.end : 0), stream, piece)
        : writeFrame(kinds.continuation, whole, stream, piece),
    );
  }
  return Buffer.concat(parts);
}

/** What stands between the paddings and, in HEADERS, after a priority; undefined where they do not fit (§6.1, §6.2). */
export function unpad({ kind, flags: set, payload }: Frame): Buffer | undefined {
  const padding = (set & flags.padded) === 0 ? undefined : payload[0];
  if ((set & flags.padded) !== 0 && padding === undefined) return undefined;
  const before = (padding === undefined ? 0 : 1) + (kind === kinds.headers && (set & flags.priority) !== 0 ? 5 : 0);
  const until = payload.length - (padding ?? 0);
  return before > until ? undefined : payload.subarray(before, until);
}
