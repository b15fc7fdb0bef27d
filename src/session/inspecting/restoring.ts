// A reply on its way to the tool, in which placeholders are given back: streamed in whichever framing, whole, or messages of a WebSocket.

import type { Restore, Restoring, RestoringMessages } from "../../domain/inspection.ts";
import type { Framed, FramePart } from "../../protocol/stream/framing.ts";
import type { ReadPieces } from "../../protocol/stream/piece.ts";
import { isRead, piecesOfMessages, type ReadReply, readerOf } from "../../protocol/streams.ts";
import { type Message, RestoringCalls, type Values } from "./restoring-calls.ts";

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
  return {
    push: (chunk) => Buffer.concat(reader.push(chunk).flatMap((part) => passPart(part, calls, false))),
    end: () => {
      const last = reader.end();
      const passed = last.length === 0 ? calls.end().map(writeOf) : last.flatMap((part) => passPart(part, calls, true));
      return Buffer.concat(passed);
    },
    restored: () => calls.restored(),
  };
}

/** Before what ends the reading all that was held back is said: behind it nobody would read it. */
function passPart(part: FramePart, calls: RestoringCalls<Framed>, isLast: boolean): readonly Buffer[] {
  if (part.kind === "rest") return [...(isLast || part.isLast === true ? calls.end().map(writeOf) : []), part.raw];
  return calls.pass({ data: part.data, frame: part }, part.type, isLast).map(writeOf);
}

const writeOf = ({ data, frame }: Message<Framed>): Buffer => (data === frame.data ? frame.raw : frame.write(data));

function openRestoringMessages(read: ReadPieces, values: Values): RestoringMessages {
  const calls = new RestoringCalls<undefined>(read, values);
  return {
    pass: (data) => calls.pass({ data, frame: undefined }, "").map((message) => message.data),
    restored: () => calls.restored(),
  };
}
