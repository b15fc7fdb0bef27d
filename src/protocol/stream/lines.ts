// A message a line (NDJSON).

import { type FramePart, type FrameReader, longestMessage, restOf } from "./framing.ts";
import { Held } from "./held.ts";

const lf = 0x0a;

export function openLines(longest = longestMessage): FrameReader {
  const held = new Held();
  let skipping = false;
  const line = (): FramePart => {
    const raw = held.take();
    const isRest = skipping;
    skipping = false;
    return isRest ? { kind: "rest", raw } : lineOf(raw);
  };
  return {
    push: (chunk) => {
      const parts: FramePart[] = [];
      let from = 0;
      for (let at = chunk.indexOf(lf); at >= 0; at = chunk.indexOf(lf, from)) {
        held.add(chunk.subarray(from, at + 1));
        parts.push(line());
        from = at + 1;
      }
      held.add(chunk.subarray(from));
      if (held.size <= longest) return parts;
      skipping = true;
      return [...parts, ...restOf(held.take())];
    },
    end: () => (held.size === 0 ? [] : skipping ? restOf(held.take()) : [line()]),
  };
}

function lineOf(raw: Buffer): FramePart {
  const end = raw.at(-1) === lf ? raw.length - 1 : raw.length;
  return {
    kind: "message",
    raw,
    data: raw.subarray(0, end),
    type: "",
    write: (data) => Buffer.concat([data, raw.subarray(end)]),
  };
}
