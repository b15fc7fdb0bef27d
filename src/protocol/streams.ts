// Which replies are read, in pieces or whole, how they are framed, and by whom: by the protocol that the request spoke and the reply's
// media type.

import { openEventStream } from "./amazon/event-stream.ts";
import { conversePieces } from "./amazon/events.ts";
import { messagesPieces } from "./anthropic/events.ts";
import { generatePieces } from "./google/events.ts";
import { ollamaPieces } from "./ollama/events.ts";
import { chatPieces } from "./openai/chat-events.ts";
import { responsesPieces } from "./openai/responses-events.ts";
import { replies } from "./replies.ts";
import type { FrameReader } from "./stream/framing.ts";
import { openLines } from "./stream/lines.ts";
import type { ReadPieces } from "./stream/piece.ts";
import { openSseFrames } from "./stream/sse.ts";
import { openValues } from "./stream/values.ts";

const streamed: Readonly<Record<string, ReadPieces>> = {
  anthropic: messagesPieces,
  "openai-chat": chatPieces,
  "openai-responses": responsesPieces,
  gemini: generatePieces,
  bedrock: conversePieces,
  ollama: ollamaPieces,
};

/** How its octets become messages, and who says what is in one. */
export interface ReadReply {
  readonly open: () => FrameReader;
  readonly read: ReadPieces;
}

interface Framing {
  readonly mediaType: RegExp;
  readonly open: () => FrameReader;
  readonly readers: Readonly<Record<string, ReadPieces>>;
}

const framings: readonly Framing[] = [
  { mediaType: /^text\/event-stream\b/i, open: () => openSseFrames(), readers: streamed },
  { mediaType: /^application\/vnd\.amazon\.eventstream\b/i, open: () => openEventStream(), readers: streamed },
  { mediaType: /^application\/(?:x-)?(?:ndjson|jsonl)\b/i, open: () => openLines(), readers: streamed },
  { mediaType: /^application\/json(?:$|[\s;])/i, open: () => openValues(), readers: replies },
];

export const isRead = (protocol: string): boolean => Object.hasOwn(streamed, protocol);

/** Undefined where nobody here knows what calls such a reply holds. */
export function readerOf(protocol: string, mediaType: string): ReadReply | undefined {
  const framing = framings.find((one) => one.mediaType.test(mediaType.trim()));
  const read = framing !== undefined && isRead(protocol) ? framing.readers[protocol] : undefined;
  return framing === undefined || read === undefined ? undefined : { open: framing.open, read };
}

export function piecesOfMessages(protocol: string): ReadPieces | undefined {
  return protocol === "openai-responses" ? streamed[protocol] : undefined;
}

/**
 * Tools of agents whose arguments go into a file of the workspace and nowhere else, by the names their makers gave them: Claude
 * Code, Codex, Gemini CLI, Qwen Code, opencode, pi, Crush, Cline and their like. No shell, and nothing that reaches a network.
 */
export const fileTools =
  /^(?:edit|editor|write|multi_?edit|notebook_?edit|update|replace|apply_?(?:patch|diff)|(?:write|edit|create|replace_in|write_to|insert_edit_into)_?file|str_replace(?:_editor|_based_edit_tool)?)$/i;
