// A token endpoint's reply (RFC 6749 §5.1, §5.2) → the tokens in it, and what else of it the tool may see. From a server that
// may be hostile. Refuses tokens that could not stand in a header, and replies that hold tokens and cannot be read whole.

import { type Fields, parseFields, withoutSecrets } from "./fields.ts";
import { limits } from "./limits.ts";

export interface Tokens {
  readonly access: string;
  readonly refresh: string | undefined;
  readonly id: string | undefined;
  /** Seconds from now. */
  readonly expiresIn: number | undefined;
}

export type TokenAnswer =
  | { readonly kind: "tokens"; readonly tokens: Tokens; readonly rest: Fields }
  /** An error, or a person who has not said yes yet. */
  | { readonly kind: "none"; readonly rest: Fields; readonly error: string | undefined }
  | { readonly kind: "unreadable"; readonly why: string };

const names = ["access_token", "refresh_token", "id_token"] as const;

/** Never throws. */
export function parseTokenReply(body: Buffer): TokenAnswer {
  if (body.length > limits.reply) return unreadable("it is longer than any reply with tokens");
  const fields = parseFields(body);
  if (fields === undefined) return unreadable("it is not a JSON object");
  const rest = withoutSecrets(fields);
  const given = names.filter((name) => fields[name] !== undefined && fields[name] !== null);
  if (given.length === 0) return { kind: "none", rest, error: errorOf(fields) };
  const texts = names.map((name) => (given.includes(name) ? tokenOf(fields[name]) : undefined));
  if (given.some((name) => tokenOf(fields[name]) === undefined)) return unreadable("a token in it cannot be one");
  const [access, refresh, id] = texts;
  if (access === undefined) return unreadable("it holds no access token, but others");
  const expiresIn = lifetimeOf(fields["expires_in"]);
  if (expiresIn === "nonsense") return unreadable("its lifetime cannot be one");
  return { kind: "tokens", tokens: { access, refresh, id, expiresIn }, rest };
}

function unreadable(why: string): TokenAnswer {
  return { kind: "unreadable", why };
}

/** Visible ASCII (RFC 6749 appendix A.12), of a length that can be sought and can stand in a header. */
export function tokenOf(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length < limits.shortest || value.length > limits.token) return undefined;
  return /^[\x21-\x7e]+$/.test(value) ? value : undefined;
}

function lifetimeOf(value: unknown): number | undefined | "nonsense" {
  if (value === undefined || value === null) return undefined;
  // some servers write the number as a text
  const seconds = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds <= limits.lifetime)) return "nonsense";
  return Math.floor(seconds);
}

/** RFC 6749 §5.2, and the vendors that put an object there. */
function errorOf({ error }: Fields): string | undefined {
  const told = typeof error === "object" && error !== null && "code" in error ? error.code : error;
  return typeof told === "string" ? told.slice(0, 100) : undefined;
}
