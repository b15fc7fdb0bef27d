// The first bytes of a connection: what they were taken for stays so however they come, and a name is one that stands there.

import assert from "node:assert/strict";
import { limits } from "../../../src/gateway/limits.ts";
import { type Opening, parseOpening } from "../../../src/gateway/opening/opening.ts";
import { latin1, type Target } from "../target.ts";

const number = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const counted = (bytes: Buffer): Buffer => Buffer.concat([number(bytes.length), bytes]);

function extension(kind: number, content: Buffer): Buffer {
  return Buffer.concat([number(kind), counted(content)]);
}

const name = (text: string): Buffer => extension(0, counted(Buffer.concat([Buffer.from([0]), counted(latin1(text))])));
const protocols = extension(16, counted(latin1("\x02h2\x08http/1.1")));

function hello(...extensions: readonly Buffer[]): Buffer {
  const body = Buffer.concat([
    latin1("\x03\x03"),
    Buffer.alloc(32, 7),
    latin1("\0\0\x02\x13\x01\x01\0"),
    ...(extensions.length === 0 ? [] : [counted(Buffer.concat(extensions))]),
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), counted(body)]);
  return Buffer.concat([latin1("\x16\x03\x01"), counted(message)]);
}

/** The same message in two records. */
function cut(whole: Buffer, at: number): Buffer {
  const [one, two] = [whole.subarray(5, 5 + at), whole.subarray(5 + at)];
  return Buffer.concat([latin1("\x16\x03\x01"), counted(one), latin1("\x16\x03\x01"), counted(two)]);
}

function check(bytes: Buffer): string {
  const opening = parseOpening(bytes);
  let settled: Opening | undefined;
  for (let size = 1; size <= bytes.length; size += size < 80 ? 1 : 13) {
    const early = parseOpening(bytes.subarray(0, size));
    if (settled !== undefined) assert.deepEqual(early, settled, "what was settled changed with what came behind");
    if (early.kind !== "more") settled = early;
  }
  if (settled !== undefined) assert.deepEqual(opening, settled);
  if (opening.kind === "more") assert.ok(bytes.length < limits.hello + 5, "more is awaited than is taken");
  if (opening.kind !== "tls") return opening.kind;
  const { name, protocols } = opening.hello;
  if (name !== undefined) assert.match(name, /^[\x21-\x7e]+$/);
  return `tls ${name?.length} ${protocols.length}`;
}

const whole = hello(name("api.vendor.example"), protocols);
export const target: Target = {
  seeds: [
    hello(),
    whole,
    hello(protocols),
    cut(whole, 3),
    cut(whole, 60),
    latin1("GET / HTTP/1.1\r\n"),
    latin1("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    latin1("\x05\x01\0"),
  ],
  words: [name("a.example"), protocols, extension(51, Buffer.alloc(40)), "\x16\x03\x01", "CONNECT ", "M-SEARCH "],
  longest: 700,
  run: check,
};
