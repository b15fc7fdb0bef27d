// The first bytes of a connection, attacker-controlled → what it speaks. Nothing is consumed here.

import { type Hello, parseHello } from "./hello.ts";

export type Opening =
  | { readonly kind: "more" }
  | { readonly kind: "tls"; readonly hello: Extract<Hello, { kind: "hello" }> }
  | { readonly kind: "http" }
  /** HTTP/2 without TLS (RFC 9113 §3.3). */
  | { readonly kind: "http2" }
  | { readonly kind: "other" };

const preface = Buffer.from("PRI * HTTP/2.0\r\n");
const longestMethod = 16;

export function parseOpening(bytes: Buffer): Opening {
  if (bytes.length === 0) return { kind: "more" };
  if (bytes[0] === 0x16) {
    const hello = parseHello(bytes);
    if (hello.kind === "hello") return { kind: "tls", hello };
    return hello.kind === "more" ? { kind: "more" } : { kind: "other" };
  }
  if (preface.subarray(0, bytes.length).equals(bytes.subarray(0, preface.length))) {
    return bytes.length < preface.length ? { kind: "more" } : { kind: "http2" };
  }
  return startsLikeRequest(bytes);
}

/** A token of capitals, then a space: the strict parser behind this has the last word. */
function startsLikeRequest(bytes: Buffer): Opening {
  const end = Math.min(bytes.length, longestMethod + 1);
  for (let at = 0; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x20) return { kind: at === 0 ? "other" : "http" };
    const capital = byte >= 0x41 && byte <= 0x5a;
    if (!capital && byte !== 0x2d) return { kind: "other" };
  }
  return { kind: bytes.length > longestMethod ? "other" : "more" };
}
