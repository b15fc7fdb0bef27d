// WebSocket frames: nothing is lost or made up, wherever the octets are cut, and what is taken another implementation takes
// for the same.

import assert from "node:assert/strict";
import { FrameReader, opcodes } from "../../../src/gateway/websocket/frames.ts";
import { latin1, pieces, type Target } from "../target.ts";

interface Heard {
  readonly raw: Buffer;
  /** A message or a control frame each. */
  readonly said: readonly string[];
  readonly why: string | undefined;
}

function hear(bytes: Buffer, deflate: boolean, from: "client" | "server", size: number): Heard {
  const reader = new FrameReader({ from, deflate });
  const raw: Buffer[] = [];
  const said: string[] = [];
  let message = "";
  for (const piece of pieces(bytes, size)) {
    reader.push(piece);
    for (let part = reader.next(); part !== undefined; part = reader.next()) {
      if (part.kind === "malformed") return { raw: Buffer.concat(raw), said, why: part.why };
      raw.push(Buffer.from(part.raw));
      const plain = part.plain.toString("latin1");
      if (part.kind === "control") said.push(`${part.opcode} ${plain}`);
      else {
        if (part.first) message = part.compressed ? "z " : "m ";
        message += plain;
        if (part.last) said.push(message);
      }
    }
  }
  return { raw: Buffer.concat(raw), said, why: undefined };
}

/** Once more, by a reader that knows nothing but RFC 6455 §5.2. */
function readAgain(bytes: Buffer): string[] {
  const said: string[] = [];
  let message = "";
  for (let at = 0; at < bytes.length; ) {
    const [bits = 0, lengths = 0] = bytes.subarray(at);
    const wide = (lengths & 127) < 126 ? 0 : (lengths & 127) === 126 ? 2 : 8;
    const size = wide === 0 ? lengths & 127 : Number(`0x${bytes.toString("hex", at + 2, at + 2 + wide)}`);
    const masked = lengths > 127;
    const begin = at + 2 + wide + (masked ? 4 : 0);
    if (begin + size > bytes.length) break;
    const plain = Buffer.from(bytes.subarray(begin, begin + size));
    if (masked)
      for (const [index, octet] of plain.entries()) plain[index] = octet ^ (bytes[begin - 4 + (index & 3)] ?? 0);
    const text = plain.toString("latin1");
    if ((bits & 8) !== 0) said.push(`${bits & 15} ${text}`);
    else {
      message = (bits & 15) === opcodes.more ? message + text : ((bits & 0x40) === 0 ? "m " : "z ") + text;
      if (bits > 127) said.push(message);
    }
    at = begin + size;
  }
  return said;
}

function check(bytes: Buffer): string {
  const [how = 0] = bytes;
  const rest = bytes.subarray(1);
  const [deflate, from] = [(how & 1) === 1, (how & 2) === 0 ? "client" : "server"] as const;
  const whole = hear(rest, deflate, from, rest.length + 1);
  for (const size of [1, 3]) {
    const cut = hear(rest, deflate, from, size);
    assert.deepEqual(cut.said, whole.said);
    assert.equal(cut.why, whole.why);
  }
  assert.ok(whole.raw.equals(rest.subarray(0, whole.raw.length)), "octets were lost or made up");
  if (whole.why === undefined) assert.deepEqual(whole.said, readAgain(whole.raw));
  return `${whole.why} ${whole.said
    .map((text) => text.slice(0, 2))
    .slice(0, 2)
    .join()}`;
}

const frame = (...octets: number[]): Buffer => Buffer.from(octets);
export const target: Target = {
  seeds: [
    Buffer.concat([frame(0, 0x81, 0x82, 1, 2, 3, 4), latin1("hi"), frame(0x89, 0x80, 0, 0, 0, 0)]),
    Buffer.concat([frame(3, 0x41, 1), latin1("z"), frame(0x80, 0), frame(0x88, 2, 3, 0xe8)]),
    Buffer.concat([frame(2, 0x82, 126, 0, 200), Buffer.alloc(200, 5), frame(0x8a, 0)]),
  ],
  words: [
    frame(0x88, 2, 3, 0xe8),
    frame(0x80, 0),
    frame(0x01, 0),
    frame(127, 0, 0, 0, 0, 0, 1, 0, 0),
    frame(126, 0, 126),
  ],
  run: check,
};
