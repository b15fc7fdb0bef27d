// Which replies come in pieces, and who reads them: by the protocol that the request spoke and the reply's media type.

import { messagesPieces } from "./anthropic/events.ts";
import { generatePieces } from "./google/events.ts";
import { chatPieces } from "./openai/chat-events.ts";
import { responsesPieces } from "./openai/responses-events.ts";
import type { ReadPieces } from "./stream/piece.ts";

const readers: Readonly<Record<string, ReadPieces>> = {
  anthropic: messagesPieces,
  "openai-chat": chatPieces,
  "openai-responses": responsesPieces,
  gemini: generatePieces,
};

export const isStreamed = (protocol: string): boolean => Object.hasOwn(readers, protocol);

/** Undefined where the reply is no stream of server-sent events that is known here. */
export function piecesOf(protocol: string, mediaType: string): ReadPieces | undefined {
  return /^text\/event-stream\b/i.test(mediaType.trim()) ? readers[protocol] : undefined;
}

export function piecesOfMessages(protocol: string): ReadPieces | undefined {
  return protocol === "openai-responses" ? readers[protocol] : undefined;
}

/**
 * Tools of agents whose arguments go into a file of the workspace and nowhere else, by the names their makers gave them: Claude
 * Code, Codex, Gemini CLI, Qwen Code, opencode, pi, Crush, Cline and their like. No shell, and nothing that reaches a network.
 */
export const fileTools =
  /^(?:edit|editor|write|multi_?edit|notebook_?edit|update|replace|apply_?(?:patch|diff)|(?:write|edit|create|replace_in|write_to|insert_edit_into)_?file|str_replace(?:_editor|_based_edit_tool)?)$/i;
