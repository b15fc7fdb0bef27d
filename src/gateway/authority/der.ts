// The few DER shapes a certificate is made of (X.690 §8, §10): values in, bytes out. Writes only; never reads.

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts);
export const octets = (...parts: readonly Buffer[]): Buffer => der(0x04, ...parts);
export const text = (value: string): Buffer => der(0x0c, Buffer.from(value, "utf8"));
export const truth = (): Buffer => der(0x01, Buffer.from([0xff]));
/** Constructed, context-specific, explicit. */
export const explicit = (tag: number, ...parts: readonly Buffer[]): Buffer => der(0xa0 | tag, ...parts);
/** Primitive, context-specific, implicit. */
export const implicit = (tag: number, value: Buffer): Buffer => der(0x80 | tag, value);
/** Whole octets only, `unused` bits at the end of the last. */
export const bits = (value: Buffer, unused = 0): Buffer => der(0x03, Buffer.from([unused]), value);

/** An unsigned big-endian number: leading zeros dropped, one put back where it would read as negative. */
export function integer(value: Buffer): Buffer {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start += 1;
  const plain = value.length === 0 ? Buffer.from([0]) : value.subarray(start);
  return (plain[0] ?? 0) >= 0x80 ? der(0x02, Buffer.from([0]), plain) : der(0x02, plain);
}

/** Dotted decimal → OBJECT IDENTIFIER. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const out = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) out.unshift(0x80 | (rest % 128));
  return out;
}

/** Milliseconds since 1970 → UTCTime to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function time(at: number): Buffer {
  const stamp = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, "");
  return stamp < "2050" ? der(0x17, Buffer.from(stamp.slice(2))) : der(0x18, Buffer.from(stamp));
}
