// A refusal in the shape that the vendor's own client understands, so that the agent can tell it to its person and does not
// try again for ever. Pure. Shapes: Anthropic "Errors", OpenAI "Error codes", Google AIP-193, as their SDKs parse them.

import type { RequestHead } from "../domain/exchange.ts";
import type { Refusal, Refused } from "../domain/refusal.ts";

type Shape = "anthropic" | "openai" | "google" | "git" | "plain";

/** Streamed requests get the plain error too: every client reads it where the status is not 200. */
export function refusalFor(refused: Refused): Refusal {
  const { status, text } = refused;
  switch (shapeOf(refused)) {
    case "anthropic":
      return json(status, { type: "error", error: { type: anthropicType(status), message: text } });
    case "openai":
      return json(status, {
        error: { message: text, type: openaiType(status), param: null, code: openaiCode(status) },
      });
    case "google":
      return json(status, { error: { code: status, message: text, status: googleStatus(status) } });
    case "git":
      return ofPush(text);
    case "plain":
      return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
  }
}

/**
 * git shows a person nothing of a reply that is an error by its status. By a line of the third band (gitprotocol-pack(5)) the push
 * has failed, and the text is shown as the remote's.
 */
function ofPush(text: string): Refusal {
  const line = `\u0003postern: ${text}\n`;
  const size = (Buffer.byteLength(line) + 4).toString(16).padStart(4, "0");
  return { status: 200, contentType: "application/x-git-receive-pack-result", body: `${size}${line}` };
}

function json(status: number, value: unknown): Refusal {
  return { status, contentType: "application/json", body: JSON.stringify(value) };
}

function isPush({ head, status }: Refused): boolean {
  const at = head.headers.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === "content-type");
  return status === 403 && head.headers[at + 1] === "application/x-git-receive-pack-request";
}

/** By host; elsewhere (a gateway, a model of one's own) by the path and headers that only one vendor's clients use. */
function shapeOf(refused: Refused): Shape {
  const { host, head } = refused;
  if (isUnder(host, "anthropic.com") || host === "platform.claude.com") return "anthropic";
  if (["openai.com", "chatgpt.com", "githubcopilot.com", "openai.azure.com"].some((name) => isUnder(host, name)))
    return "openai";
  if (isUnder(host, "googleapis.com")) return "google";
  if (isPush(refused)) return "git";
  const path = head.target.split("?", 1)[0] ?? "";
  if (hasHeader(head, "anthropic-version") || /\/v1\/messages(?:\/|$)/.test(path)) return "anthropic";
  if (/\/(?:chat\/completions|responses|embeddings)$/.test(path)) return "openai";
  if (hasHeader(head, "x-goog-api-key") || /:(?:stream)?[gG]enerateContent$/.test(path)) return "google";
  return "plain";
}

function isUnder(host: string, name: string): boolean {
  return host === name || host.endsWith(`.${name}`);
}

function hasHeader(head: RequestHead, name: string): boolean {
  return head.headers.some((header, at) => at % 2 === 0 && header.toLowerCase() === name);
}

function anthropicType(status: number): string {
  if (status === 403) return "permission_error";
  if (status === 413) return "request_too_large";
  return status >= 500 ? "api_error" : "invalid_request_error";
}

function openaiType(status: number): string {
  return status >= 500 ? "server_error" : "invalid_request_error";
}

function openaiCode(status: number): string | null {
  return status === 403 ? "permission_denied" : null;
}

function googleStatus(status: number): string {
  if (status === 403) return "PERMISSION_DENIED";
  if (status === 503) return "UNAVAILABLE";
  return status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
}
