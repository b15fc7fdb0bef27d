// Whether a body is signed, so that a change of it is a forgery or is refused by whoever reads it. Never signed anew by us.

import type { RequestHead } from "../domain/exchange.ts";
import type { Said } from "./read.ts";

/** By what, in words. */
export function signatureOf(
  { headers }: RequestHead,
  { protocol, spans }: Pick<Said, "protocol" | "spans">,
): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    const [name, value] = [headers[at]?.toLowerCase(), headers[at + 1] ?? ""];
    // Signature Version 4 covers the body's hash, but where it says that it does not
    if (name === "x-amz-content-sha256" && value !== "UNSIGNED-PAYLOAD") return "AWS Signature Version 4";
    if (name === "authorization" && /^AWS4-(?:HMAC|ECDSA)/.test(value)) return "AWS Signature Version 4";
    // RFC 9530, RFC 3230, RFC 1864
    if (name === "content-digest" || name === "digest" || name === "content-md5") return `the header ${name}`;
  }
  // Claude Code, toward its vendor's own hosts: five digits made of the body (reference: agents, item 6)
  const billed = protocol === "anthropic" && spans.some(({ role, text }) => role === "system" && billing.test(text));
  return billed ? "the client's own mark of its vendor" : undefined;
}

const billing = /^x-anthropic-billing-header:.*\bcch=[0-9a-f]{5}\b/;
