// Files of one `KEY=value` a line: dotenv, and INI with its kin (.properties, .cfg, .conf). Text in, the same keys and
// sections with other values out, comments left out; undefined where a line is none of these, for what is not understood
// may be a value. Keys stay, so what could be a value that only looks like a key is refused too.

import { limits } from "../../limits.ts";
import type { Placeholders } from "./scalars.ts";

/** `KEY=value`, `export KEY="value"`, values in quotes over several lines. */
export function maskDotenv(text: string, placeholders: Placeholders): string | undefined {
  const masked: string[] = [];
  const rest = linesOf(text);
  for (let line = rest.next(); line !== undefined; line = rest.next()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const [, start = "", key = "", value = ""] =
      /^\s*(export\s+)?([A-Za-z_][\w.-]{0,127})\s*=\s*(.*)$/.exec(line) ?? [];
    if (key === "" || isSuspect(key, value) || !rest.closeQuote(value)) return undefined;
    if (goesOn(value)) return undefined;
    masked.push(`${start === "" ? "" : "export "}${key}=${maskWord(value, placeholders)}`);
  }
  return masked.length === 0 ? undefined : `${masked.join("\n")}\n`;
}

/** `[section]`, `key = value`, `key: value`; what is indented below a key goes on with its value. */
export function maskIni(text: string, placeholders: Placeholders): string | undefined {
  const masked: string[] = [];
  const rest = linesOf(text);
  let keyed = false;
  for (let line = rest.next(); line !== undefined; line = rest.next()) {
    if (/^\s*(?:[#;!].*)?$/.test(line)) continue;
    if (keyed && /^\s/.test(line)) continue;
    const section = /^\[\s*([\w.\- "/@:]{1,128})\s*\]\s*(?:[#;].*)?$/.exec(line)?.[1];
    if (section !== undefined) {
      masked.push(`[${section}]`);
      keyed = false;
      continue;
    }
    const [, key = "", sign = "", value = ""] = /^([A-Za-z_][\w.\-/@]{0,127})\s*([=:])\s*(.*)$/.exec(line) ?? [];
    if (key === "" || isSuspect(key, value) || isOpen(value)) return undefined;
    keyed = true;
    // a value that ends so goes on in the next line (java.util.Properties)
    for (let last: string | undefined = value; last?.endsWith("\\"); ) last = rest.next();
    masked.push(`${key}${sign === "=" ? " = " : ": "}${maskWord(value, placeholders)}`);
  }
  return masked.some((line) => !line.startsWith("[")) ? `${masked.join("\n")}\n` : undefined;
}

interface Lines {
  readonly next: () => string | undefined;
  /** Takes the lines over which a value in quotes goes on; false where it never ends. */
  readonly closeQuote: (value: string) => boolean;
}

function linesOf(text: string): Lines {
  const lines = text.split(/\r\n|\n|\r/);
  let at = 0;
  const next = (): string | undefined => (at > limits.maskedValues ? undefined : lines[at++]);
  return {
    next,
    closeQuote: (value) => {
      const quote = /^["'`]/.exec(value)?.[0];
      if (quote === undefined) return true;
      const closed = (part: string): boolean => endsQuote(part, quote);
      if (closed(value.slice(1))) return true;
      for (let line = next(); line !== undefined; line = next()) if (closed(line)) return true;
      return false;
    },
  };
}

/** A shell goes on with it in the next line, or some reader does, for whom a quote before which a backslash stands ends nothing. */
function goesOn(value: string): boolean {
  const quote = /^["'`]/.exec(value)?.[0];
  if (quote !== undefined) return quote !== '"' && value.includes(`\\${quote}`);
  const word = value.replace(/(?:^|\s)#.*$/, "");
  return value.endsWith("\\") || ['"', "'", "`"].some((each) => word.split(each).length % 2 === 0);
}

/** In quotes that do not end in this line: some readers go on in the next. */
function isOpen(value: string): boolean {
  const quote = /^["'`]/.exec(value)?.[0];
  return quote !== undefined && !endsQuote(value.slice(1).replace(/\s+;.*$/, ""), quote);
}

/** The quote, and after it nothing but a comment: anything else could be read as more of the value, or as less. */
function endsQuote(part: string, quote: string): boolean {
  let at = 0;
  while (at < part.length) {
    if (part[at] === "\\" && quote === '"') at += 2;
    else if (part[at] === quote) return /^\s*(?:#.*)?$/.test(part.slice(at + 1));
    else at += 1;
  }
  return false;
}

function maskWord(value: string, placeholders: Placeholders): string {
  const word = value.replace(/\s+#.*$/, "").trim();
  if (word === "" || /^(?:""|''|``)$/.test(word)) return "";
  if (/^(?:true|false|yes|no|on|off|null)$/i.test(word)) return word;
  return /^[+-]?\d+(?:\.\d+)?$/.test(word) ? "0" : placeholders.next(word.replace(/^(["'`])(.*)\1$/, "$2"));
}

/** A line of base64 or base32 reads as a key with nothing, or a sign, after it. */
function isSuspect(key: string, value: string): boolean {
  if (/^[=:]/.test(value)) return true;
  if (value === "" && key.length % 8 === 7 && /^[A-Z2-7]{15,}$/.test(key) && /\d/.test(key)) return true;
  return value === "" && /[a-z]/.test(key) && /[A-Z]/.test(key) && key.length >= 12;
}
