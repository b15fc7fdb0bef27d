// A message a line (NDJSON).

import { type FramePart, type FrameReader, longestMessage, restOf } from "./framing.ts";

const lf = 0x0a;

export function openLines(longest = longestMessage): FrameReader {
  let held: Buffer[] = [];
  let size = 0;
  let skipping = false;
  const take = (): Buffer => {
    const raw = Buffer.concat(held);
    [held, size] = [[], 0];
    return raw;
  };
  const line = (): FramePart => {
    const raw = take();
    const isRest = skipping;
    skipping = false;
    return isRest ? { kind: "rest", raw } : lineOf(raw);
  };
  return {
    push: (chunk) => {
      const parts: FramePart[] = [];
      let from = 0;
      for (let at = chunk.indexOf(lf); at >= 0; at = chunk.indexOf(lf, from)) {
        held.push(chunk.subarray(from, at + 1));
        parts.push(line());
        from = at + 1;
      }
      if (from < chunk.length) held.push(chunk.subarray(from));
      size += chunk.length - from;
      if (size <= longest) return parts;
      skipping = true;
      return [...parts, ...restOf(take())];
    },
    end: () => (size === 0 ? [] : skipping ? restOf(take()) : [line()]),
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
