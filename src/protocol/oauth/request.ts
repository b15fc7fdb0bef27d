// A request to a token endpoint (RFC 6749 §4.1.3, §6; RFC 8628 §3.4), as JSON or as a form → which grant it asks for, and, for a
// refresh, how to write it anew with another token. Attacker-controlled. Refuses what two readers could read in two ways:
// repeated parameters, other content types, text that is not UTF-8.

import { type Fields, parseFields } from "./fields.ts";
import { limits } from "./limits.ts";

export type TokenAsk =
  | {
      readonly kind: "refresh";
      readonly token: string;
      /** The same request with this token, written anew from what was read, so that nobody reads anything else in it. */
      readonly write: (token: string) => Buffer;
    }
  | { readonly kind: "code"; readonly grant: string }
  /** A grant by which no login comes about. */
  | { readonly kind: "other"; readonly grant: string }
  | { readonly kind: "unreadable"; readonly why: string };

/** Codes that a person's yes in a browser is worth: RFC 6749 §4.1.3, RFC 8628 §3.4. */
const codes: readonly string[] = ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"];

/** Never throws. */
export function parseTokenRequest(contentType: string, body: Buffer): TokenAsk {
  if (body.length > limits.request) return unreadable("it is longer than any request for tokens");
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return parseJson(body);
  if (type === "application/x-www-form-urlencoded") return parseForm(body);
  return unreadable("it is neither JSON nor a form");
}

function unreadable(why: string): TokenAsk {
  return { kind: "unreadable", why };
}

function parseJson(body: Buffer): TokenAsk {
  const fields = parseFields(body);
  if (fields === undefined) return unreadable("it is not a JSON object");
  return ask(fields, (token) => Buffer.from(JSON.stringify({ ...fields, refresh_token: token })));
}

function parseForm(body: Buffer): TokenAsk {
  const text = body.toString("latin1");
  // a form is ASCII, everything else escaped (WHATWG URL §5.1); what is not would be read as this or that
  if (!/^[\x21-\x7e]*$/.test(text)) return unreadable("it is not a form");
  const form = new URLSearchParams(text);
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) return unreadable("a parameter stands in it twice");
  return ask(Object.fromEntries(form), (token) => {
    form.set("refresh_token", token);
    return Buffer.from(form.toString());
  });
}

function ask(fields: Fields, write: (token: string) => Buffer): TokenAsk {
  const { grant_type: grant, refresh_token: token } = fields;
  if (typeof grant !== "string") return unreadable("it names no grant");
  if (grant === "refresh_token")
    return typeof token === "string" ? { kind: "refresh", token, write } : unreadable("it holds no refresh token");
  return codes.includes(grant) ? { kind: "code", grant } : { kind: "other", grant: grant.slice(0, 200) };
}
