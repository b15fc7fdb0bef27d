// A reply on its way to the tool, in which placeholders are given back: streamed in whichever framing, whole, or messages of a WebSocket.

import type { Restore, Restoring, RestoringMessages } from "../../domain/inspection.ts";
import type { Framed, FramePart } from "../../protocol/stream/framing.ts";
import type { ReadPieces } from "../../protocol/stream/piece.ts";
import { isRead, piecesOfMessages, type ReadReply, readerOf } from "../../protocol/streams.ts";
import { RestoringCalls, type Values } from "./restoring-calls.ts";

/** `values`: every placeholder that was made, and what it stands for; grows. */
export function openRestore(values: Values): Restore {
  return {
    isWanted: (protocol) => values.size > 0 && isRead(protocol),
    open: (protocol, mediaType) => {
      const reader = values.size === 0 ? undefined : readerOf(protocol, mediaType);
      return reader && openRestoring(reader, values);
    },
    openMessages: (protocol) => {
      const read = piecesOfMessages(protocol);
      return read && openRestoringMessages(read, values);
    },
  };
}

export function openRestoring({ open, read }: ReadReply, values: Values): Restoring {
  const calls = new RestoringCalls<Framed>(read, values);
  const reader = open();
  const pass = (parts: readonly FramePart[]): Buffer => Buffer.concat(parts.flatMap((part) => passPart(part, calls)));
  return {
    push: (chunk) => pass(reader.push(chunk)),
    end: () => Buffer.concat([pass(reader.end()), ...calls.end().map(({ data, frame }) => frame.write(data))]),
    restored: () => calls.restored(),
  };
}

function passPart(part: FramePart, calls: RestoringCalls<Framed>): readonly Buffer[] {
  if (part.kind === "rest") return [part.raw];
  const said = calls.pass({ data: part.data, frame: part }, part.type);
  return said.map(({ data, frame }) => (data === frame.data ? frame.raw : frame.write(data)));
}

function openRestoringMessages(read: ReadPieces, values: Values): RestoringMessages {
  const calls = new RestoringCalls<undefined>(read, values);
  return {
    pass: (data) => calls.pass({ data, frame: undefined }, "").map((message) => message.data),
    restored: () => calls.restored(),
  };
}
