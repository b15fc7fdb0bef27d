// How our own rules are written down: a provider's formats as a list, with word edges, keywords and bounds filled in.

import type { Rule } from "./rule.ts";
import { shapeOf } from "./shape.ts";

export const alnum = (count: number | string): string => `[0-9A-Za-z]{${count}}`;
export const lower = (count: number | string): string => `[0-9a-z]{${count}}`;
export const upper = (count: number | string): string => `[0-9A-Z]{${count}}`;
export const hex = (count: number | string): string => `[0-9a-f]{${count}}`;
export const anyHex = (count: number | string): string => `[0-9A-Fa-f]{${count}}`;
export const digits = (count: number | string): string => `[0-9]{${count}}`;
/** Base64's alphabet for URLs, which is also that of many random strings. */
export const url = (count: number | string): string => `[0-9A-Za-z_-]{${count}}`;
export const base64 = (count: number | string): string => `[0-9A-Za-z+/]{${count}}`;
export const uuid = `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;

/** None of these before it, unless it belongs to an escape such as \n. */
export const notAfter = (letters: string): string => `(?<![^\\\\][${letters}]|^[${letters}])`;

type More = Partial<Pick<Rule, "keywords" | "at" | "group" | "entropy" | "check" | "proof" | "likely">>;

/** A provider's formats that carry their own mark. The keyword is the mark, where the pattern begins with one. */
export function of(provider: string): (id: string, what: string, body: string, more?: More) => Rule {
  return (id, what, body, more = {}) => {
    const keywords = more.keywords ?? [literalOf(body)];
    return {
      ...defaults(body),
      ...more,
      id,
      provider,
      what,
      keywords,
      pattern: `${before(body)}${body}${after(body)}`,
      sure: "format",
    };
  };
}

/** As `of`, with neither edge: for what stands in a URL or is a block of lines. */
export function ofBlock(provider: string): (id: string, what: string, body: string, more?: More) => Rule {
  return (id, what, body, more = {}) => {
    const keywords = more.keywords ?? [literalOf(body)];
    return { ...defaults(body), ...more, id, provider, what, keywords, pattern: body, sure: "format" };
  };
}

/** Values without a mark, known by what they are assigned to: `NAME_of_something = "value"`, `"name": "value"`, `name=value`. */
export function byName(provider: string): (id: string, what: string, names: readonly string[], value: string) => Rule {
  return (id, what, names, value) => {
    const rest = "[0-9A-Za-z_.-]{0,32}";
    const quote = "\\\\{0,2}[\"'`]";
    // a comma alone stands between any two things; with a quote behind it, between a name and its value
    const sign = `(?::?={1,2}>?[ \\t]{0,4}(?:${quote})?|:[ \\t]{0,4}(?:${quote})?|,[ \\t]{0,4}${quote})`;
    const assigned = `(?:${quote})?[)\\]]?[ \\t]{0,4}${sign}`;
    return {
      ...defaults(value),
      id,
      provider,
      what,
      pattern: `(?:${names.map(anyCase).join("|")})${rest}${assigned}(${value})${after(value)}`,
      keywords: names,
      group: 1,
      sure: "generic",
    };
  };
}

function defaults(body: string): Pick<Rule, "at" | "group" | "entropy"> {
  return { at: [0], group: 0, entropy: /\[0-9a-f\]|\[0-9A-F\]/.test(body) ? 2.6 : 3 };
}

/**
 * A token begins where a word does. Of wide ones nothing of their own alphabet may stand before, or a text made of nothing
 * but their beginnings would have each of them read what follows.
 */
function before(body: string): string {
  if (shapeOf(body).width < 1_000) return notAfter("0-9A-Za-z");
  return notAfter(body.includes("[0-9A-Za-z+/]") ? "0-9A-Za-z+/" : "0-9A-Za-z_-");
}

/** What follows must not go on as the token's last part would. */
function after(body: string): string {
  if (/\[0-9A-Za-z+\/\]\{[^}]*\}(?:=[^\]]{0,6})?$/.test(body)) return "(?![0-9A-Za-z+/=])";
  return /\[0-9A-Za-z[_.=]*-\]\{[^}]*\}$/.test(body) ? "(?![0-9A-Za-z_-])" : "(?![0-9A-Za-z_])";
}

/** The plain text a pattern begins with, in lower case. */
function literalOf(body: string): string {
  const found = /^(?:[\w~:/@ -]|\\[.$/+])*/.exec(body)?.[0] ?? "";
  // what a repetition follows is not surely there
  const sure = /^[{?*]/.test(body.slice(found.length)) ? found.slice(0, -1) : found;
  return sure.replaceAll("\\", "").toLowerCase();
}

function anyCase(name: string): string {
  return Array.from(name, (letter) =>
    /[a-z]/.test(letter) ? `[${letter}${letter.toUpperCase()}]` : letter.replace(/[.$+]/, "\\$&"),
  ).join("");
}
