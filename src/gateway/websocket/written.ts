// For tests: frames of a WebSocket written by hand, rightly or not. Nothing here runs in a session.

export interface Written {
  readonly payload: Buffer | string;
  readonly fin: boolean;
  readonly opcode: number;
  /** Bits 0x70: what an extension may have agreed on. */
  readonly bits: number;
  /** Undefined: as a server writes. */
  readonly mask: Buffer | undefined;
  /** Octets of the length, where not as few as there can be. */
  readonly wide: 0 | 2 | 8 | undefined;
}

export function frame(written: Partial<Written>): Buffer {
  const { fin = true, opcode = 1, bits = 0, wide } = written;
  const mask = "mask" in written ? written.mask : Buffer.from([1, 2, 3, 4]);
  const payload = Buffer.from(written.payload ?? "x");
  const octets = wide ?? (payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8);
  const head = Buffer.alloc(2 + octets);
  head[0] = (fin ? 0x80 : 0) | bits | opcode;
  head[1] = (mask === undefined ? 0 : 0x80) | (octets === 0 ? payload.length : octets === 2 ? 126 : 127);
  if (octets === 2) head.writeUInt16BE(payload.length, 2);
  if (octets === 8) head.writeBigUInt64BE(BigInt(payload.length), 2);
  const masked = payload.map((octet, at) => octet ^ (mask?.[at & 3] ?? 0));
  return Buffer.concat([head, mask ?? Buffer.alloc(0), masked]);
}
