// A streamed reply on its way to the tool, in which placeholders are given back: server-sent events, or messages of a WebSocket.

import type { Restore, Restoring, RestoringMessages } from "../../domain/inspection.ts";
import { splice } from "../../protocol/json/splice.ts";
import type { ReadPieces } from "../../protocol/stream/piece.ts";
import { openSse, type SseEvent, type SsePart } from "../../protocol/stream/sse.ts";
import { isStreamed, piecesOf, piecesOfMessages } from "../../protocol/streams.ts";
import { RestoringCalls, type Values } from "./restoring-calls.ts";

/** `values`: every placeholder that was made, and what it stands for; grows. */
export function openRestore(values: Values): Restore {
  return {
    isWanted: (protocol) => values.size > 0 && isStreamed(protocol),
    open: (protocol, mediaType) => {
      const read = values.size === 0 ? undefined : piecesOf(protocol, mediaType);
      return read && openRestoring(read, values);
    },
    openMessages: (protocol) => {
      const read = piecesOfMessages(protocol);
      return read && openRestoringMessages(read, values);
    },
  };
}

export function openRestoring(read: ReadPieces, values: Values): Restoring {
  const calls = new RestoringCalls<SseEvent>(read, values);
  const reader = openSse();
  const pass = (parts: readonly SsePart[]): Buffer => Buffer.concat(parts.map((part) => passPart(part, calls)));
  return {
    push: (chunk) => pass(reader.push(chunk)),
    end: () => Buffer.concat([pass(reader.end()), ...calls.end().map(({ data, frame }) => writeEvent(frame, data))]),
    restored: () => calls.restored(),
  };
}

function passPart(part: SsePart, calls: RestoringCalls<SseEvent>): Buffer {
  if (part.kind !== "event" || part.data === undefined || part.place === undefined) return part.raw;
  const said = calls.pass({ data: part.data, frame: part }, part.type);
  return Buffer.concat(said.map(({ data, frame }) => (data === frame.data ? frame.raw : writeEvent(frame, data))));
}

/** The event again, with other data in its one line of it. */
function writeEvent({ raw, place }: SseEvent, data: Buffer): Buffer {
  return place === undefined ? raw : splice(raw, [{ ...place, by: data }]);
}

function openRestoringMessages(read: ReadPieces, values: Values): RestoringMessages {
  const calls = new RestoringCalls<undefined>(read, values);
  return {
    pass: (data) => calls.pass({ data, frame: undefined }, "").map((message) => message.data),
    restored: () => calls.restored(),
  };
}
