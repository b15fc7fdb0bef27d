// JSON of a server or of a JWT → what of it may be shown inside: everything but members whose name or text says that they
// could be worth something. Bounded in depth, number and length; hostile input.

import { isDeeper } from "../nesting.ts";
import { limits } from "./limits.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Octets → an object that can be written again, or undefined. Never throws. */
export function parseFields(bytes: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isFields(value) && !isDeeper(value, limits.nesting) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names of what is worth something, or is half of something that is. */
const telling = /token|secret|key|password|assertion|cookie|session|credential|nonce|hash|jti|^sid$/i;
/** … though the name says so: kinds and times. */
const harmless = /^(?:token_type|issued_token_type|[a-z_]*(?:expires_in|expires_at|expiry))$/i;

export function withoutSecrets(fields: Fields): Fields {
  return shown(fields, 0) as Fields;
}

function shown(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.length <= limits.text && !isTokenLike(value) ? value : undefined;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= limits.depth) return undefined;
  if (Array.isArray(value))
    return value.slice(0, limits.members).flatMap((item: unknown) => {
      const kept = shown(item, depth + 1);
      return kept === undefined ? [] : [kept];
    });
  const kept = Object.entries(value)
    .filter(([name]) => harmless.test(name) || !telling.test(name))
    .slice(0, limits.members)
    .map(([name, inner]: [string, unknown]) => [name, shown(inner, depth + 1)] as const)
    .filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(kept);
}

/** A JWT, or one long word without a blank that is no address. */
function isTokenLike(text: string): boolean {
  if (/^[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/.test(text)) return true;
  return text.length > 80 && /^[\w+/=.~-]+$/.test(text);
}
