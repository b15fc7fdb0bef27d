// What every vendor's wire format is to this room: a request read into a turn, a reply written out of it, whole or in
// frames. Nothing here holds state: the same request gets the same bytes.

import { createHash } from "node:crypto";
import type { JsonObject } from "./json.ts";
import { deltaLength } from "./limits.ts";

/** A tool as the agent announced it. Attacker-controlled. */
export interface Announced {
  readonly name: string;
  /** JSON Schema of its arguments, as far as it was one. */
  readonly schema: JsonObject;
  /** One that takes a text in place of arguments: a patch, or JavaScript in which the other tools are functions. */
  readonly freeform?: "patch" | "javascript";
}

/** What a request asks for. */
export interface Turn {
  readonly model: string;
  readonly stream: boolean;
  readonly tools: readonly Announced[];
  /** JSON Schema of the answer, where the request asks for one in JSON. Attacker-controlled. */
  readonly shape: JsonObject | undefined;
  /** Does a streamed reply end with a frame of usage? OpenAI's chat gives one only to who asks for it. */
  readonly usage: boolean;
  /** Tool results already in the conversation: the place in the script. */
  readonly results: number;
  /** Digest of the request body, lower-case hexadecimal: identifiers are made of it, so that a retry gets them again. */
  readonly seed: string;
  /** Bytes of the request body over four: an estimate, in place of a tokeniser. */
  readonly inputTokens: number;
}

/** A call in the agent's own words; `input` instead of arguments for a tool that takes a text. */
export interface Made {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly input?: string;
}

/** What the script says next: a text, a call, or a text and then a call. */
export interface Reply {
  readonly text: string | undefined;
  readonly call: Made | undefined;
}

/** What went wrong, as far as the vendors tell these cases apart. */
export type Wrong = "key" | "request" | "missing" | "busy";

export interface Route {
  readonly kind: "generate" | "count" | "models" | "account";
  /** Where the path carries it (Gemini). */
  readonly model: string | undefined;
  /** How a streamed reply is framed; undefined where the body decides whether it is streamed at all. */
  readonly framing: "sse" | "array" | "whole" | undefined;
}

export interface Dialect {
  readonly name: string;
  /** Is this request in this dialect, and for what? Undefined: another one's, or nobody's. */
  readonly route: (method: string, url: URL, headers: ReadonlyMap<string, string>) => Route | undefined;
  /** Where a client asks, without a key, whether anybody is there: what it is told. */
  readonly greeting?: { readonly paths: readonly string[]; readonly body: JsonObject };
  /** The body, already JSON → a turn, or what is wrong with it. */
  readonly read: (body: JsonObject, base: Base) => Turn | string;
  readonly whole: (reply: Reply, turn: Turn) => JsonObject;
  /** The stream, one string for each write, framed as the route says where a dialect knows more than one way. */
  readonly frames: (reply: Reply, turn: Turn, framing: Route["framing"]) => readonly string[];
  readonly count: (turn: Turn) => JsonObject;
  readonly models: (names: readonly string[]) => JsonObject;
  /** Of somebody who has logged in, where there is such a thing. */
  readonly account?: () => JsonObject;
  readonly fail: (wrong: Wrong, message: string) => JsonObject;
  /** Where the same is asked in messages of a WebSocket. */
  readonly socket?: {
    readonly opens: (url: URL) => boolean;
    /** `type` of a message that asks for something. */
    readonly asks: string;
    /** One for each message of the answer. */
    readonly events: (reply: Reply, turn: Turn) => readonly JsonObject[];
  };
}

/** What the server knows of a request before its body is understood. */
type Base = Pick<Turn, "seed" | "inputTokens"> & { readonly route: Route };

/** A fixed moment (2026-01-01T00:00:00Z, seconds): the same request gets the same bytes, whenever it is sent. */
export const created = 1_767_225_600;

/** An identifier in a vendor's manner: the prefix and 24 characters made of the request and what it names. */
export function identify(prefix: string, turn: Pick<Turn, "seed">, what: string): string {
  return `${prefix}${createHash("sha256").update(`${turn.seed} ${what}`).digest("hex").slice(0, 24)}`;
}

/** Text in pieces of a few code points, never inside one. The empty text is no piece at all. */
export function deltas(text: string): readonly string[] {
  const points = Array.from(text);
  const count = Math.ceil(points.length / deltaLength);
  return Array.from({ length: count }, (_, at) => points.slice(at * deltaLength, (at + 1) * deltaLength).join(""));
}

/** Tokens of a reply by the same estimate. */
export function outputTokens(reply: Reply): number {
  const call = reply.call === undefined ? "" : JSON.stringify(reply.call);
  return Math.ceil(Buffer.byteLength((reply.text ?? "") + call) / 4);
}
