// Frames that carry no content, attacker-controlled → what they say, or why they may not be: RFC 9113 §6.4–§6.9. Pure.

import { type Broken, broken } from "./broken.ts";
import { codes, type Frame, flags, frameBound, lastWindow, settings } from "./frames.ts";

export const tooLarge = broken(codes.flow, "a window that is too large");

/** Identifier and value; undefined for an acknowledgement. */
export function parseSettings({
  stream,
  flags: set,
  payload,
}: Frame): readonly [number, number][] | Broken | undefined {
  if (stream !== 0) return broken(codes.protocol, "settings of a stream");
  const ack = (set & flags.ack) !== 0;
  if (ack ? payload.length > 0 : payload.length % 6 !== 0) return broken(codes.frameSize, "settings of the wrong size");
  if (ack) return undefined;
  const values: [number, number][] = [];
  for (let at = 0; at < payload.length; at += 6) {
    const id = payload.readUInt16BE(at);
    const value = payload.readUInt32BE(at + 2);
    if (id === settings.push && value > 1) return broken(codes.protocol, "a setting out of its range");
    if (id === settings.window && value > lastWindow) return tooLarge;
    if (id === settings.frameSize && (value < frameBound || value > 2 ** 24 - 1))
      return broken(codes.protocol, "a setting out of its range");
    values.push([id, value]);
  }
  return values;
}

/** The code. */
export function parseReset({ stream, payload }: Frame): number | Broken {
  if (payload.length !== 4) return broken(codes.frameSize, "a reset of the wrong size");
  return stream === 0 ? broken(codes.protocol, "a reset of no stream") : payload.readUInt32BE(0);
}

/** What is to be answered; undefined for an answer. */
export function parsePing({ stream, flags: set, payload }: Frame): Buffer | Broken | undefined {
  if (payload.length !== 8) return broken(codes.frameSize, "a ping of the wrong size");
  if (stream !== 0) return broken(codes.protocol, "a ping of a stream");
  return (set & flags.ack) === 0 ? payload : undefined;
}

/** The last stream the other end did anything with. */
export function parseGoAway({ stream, payload }: Frame): number | Broken {
  if (payload.length < 8) return broken(codes.frameSize, "a farewell of the wrong size");
  return stream === 0 ? payload.readUInt32BE(0) & lastWindow : broken(codes.protocol, "a farewell of a stream");
}

/** How much more. */
export function parseWindow({ payload }: Frame): number | Broken {
  if (payload.length !== 4) return broken(codes.frameSize, "a window update of the wrong size");
  const more = payload.readUInt32BE(0) & lastWindow;
  return more === 0 ? broken(codes.protocol, "a window update of nothing") : more;
}
