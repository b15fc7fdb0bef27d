// The first bytes of a TLS connection → the name the client asks for. Attacker-controlled; reads, never answers. RFC 8446
// §4.1.2 (ClientHello), §5.1 (records), RFC 6066 §3 (server_name), RFC 7301 §3.1 (ALPN). Refuses what is not well formed.

import { limits } from "../limits.ts";

export type Hello =
  /** The bytes so far could still become a ClientHello. */
  | { readonly kind: "more" }
  | { readonly kind: "hello"; readonly name: string | undefined; readonly protocols: readonly string[] }
  | { readonly kind: "malformed" };

const more: Hello = { kind: "more" };
const malformed: Hello = { kind: "malformed" };

/** Bytes from the very start of the connection. */
export function parseHello(bytes: Buffer): Hello {
  const message = readMessage(bytes);
  if (message === undefined) return malformed;
  if (message === "more") return bytes.length >= limits.hello ? malformed : more;
  const cursor = new Cursor(message);
  cursor.skip(2 + 32);
  cursor.skip(cursor.u8());
  cursor.skip(cursor.u16());
  cursor.skip(cursor.u8());
  if (cursor.failed) return malformed;
  // no extensions at all: TLS 1.2 and before (RFC 5246 §7.4.1.2)
  if (cursor.left === 0) return { kind: "hello", name: undefined, protocols: [] };
  const extensions = cursor.slice(cursor.u16());
  return cursor.failed || cursor.left !== 0 ? malformed : readExtensions(extensions);
}

/** Handshake records → the body of the first handshake message, where that is a ClientHello. */
function readMessage(bytes: Buffer): Buffer | "more" | undefined {
  const parts: Buffer[] = [];
  let have = 0;
  let need = 4;
  for (let at = 0; have < need; ) {
    if (at + 5 > bytes.length) return bytes.length > 0 && bytes[0] !== 0x16 ? undefined : "more";
    const size = bytes.readUInt16BE(at + 3);
    if (bytes[at] !== 0x16 || bytes[at + 1] !== 3 || size === 0 || size > 16_384) return undefined;
    const part = bytes.subarray(at + 5, at + 5 + size);
    parts.push(part);
    have += part.length;
    if (have >= 4 && need === 4) {
      const head = Buffer.concat(parts, 4);
      if (head[0] !== 1) return undefined;
      need = 4 + head.readUIntBE(1, 3);
      if (need > limits.hello) return undefined;
    }
    if (part.length < size) return have >= need ? Buffer.concat(parts).subarray(4, need) : "more";
    at += 5 + size;
  }
  return Buffer.concat(parts).subarray(4, need);
}

function readExtensions(extensions: Buffer): Hello {
  const cursor = new Cursor(extensions);
  const seen = new Set<number>();
  let name: string | undefined;
  let protocols: readonly string[] = [];
  while (cursor.left > 0) {
    const kind = cursor.u16();
    const content = cursor.slice(cursor.u16());
    // an extension twice would let two readers see two names (RFC 8446 §4.2)
    if (cursor.failed || seen.has(kind)) return malformed;
    seen.add(kind);
    if (kind === 0) {
      const found = readServerName(content);
      if (found === undefined) return malformed;
      name = found;
    } else if (kind === 16) {
      const found = readProtocols(content);
      if (found === undefined) return malformed;
      protocols = found;
    }
  }
  return { kind: "hello", name, protocols };
}

function readServerName(content: Buffer): string | undefined {
  const outer = new Cursor(content);
  const list = new Cursor(outer.slice(outer.u16()));
  if (outer.failed || outer.left !== 0) return undefined;
  const kind = list.u8();
  const name = list.slice(list.u16());
  // exactly one entry, a host name: nobody sends more, and more would be ambiguous
  if (list.failed || list.left !== 0 || kind !== 0 || name.length === 0) return undefined;
  return /^[\x21-\x7e]+$/.test(name.toString("latin1")) ? name.toString("latin1") : undefined;
}

function readProtocols(content: Buffer): readonly string[] | undefined {
  const outer = new Cursor(content);
  const list = new Cursor(outer.slice(outer.u16()));
  if (outer.failed || outer.left !== 0) return undefined;
  const protocols: string[] = [];
  while (list.left > 0) {
    const protocol = list.slice(list.u8());
    if (list.failed || protocol.length === 0) return undefined;
    protocols.push(protocol.toString("latin1"));
  }
  return protocols;
}

/** Reads forward; a read past the end gives nothing and sets `failed`. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;
  failed = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  skip(count: number): void {
    this.slice(count);
  }

  slice(count: number): Buffer {
    if (this.failed || count > this.left) {
      this.failed = true;
      return Buffer.alloc(0);
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  u8(): number {
    const part = this.slice(1);
    return this.failed ? 0 : part.readUInt8(0);
  }

  u16(): number {
    const part = this.slice(2);
    return this.failed ? 0 : part.readUInt16BE(0);
  }
}
