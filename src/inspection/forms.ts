// One value → the ways in which it can stand in a request without being written plainly: what a seeker looks for. A form
// shorter than the bound is left out, since it would be found in anything.

import type { Finding } from "../domain/finding.ts";

export interface Form {
  readonly encoding: Finding["encoding"];
  readonly bytes: Buffer;
}

/** Octets; a shorter value is not sought at all. */
export const shortest = 8;

/** Plain first; a form that is the same as an earlier one is not repeated. */
export function formsOf(value: string): readonly Form[] {
  const plain = Buffer.from(value, "utf8");
  if (plain.length < shortest) return [];
  const forms: Form[] = [{ encoding: "plain", bytes: plain }];
  const add = (encoding: Form["encoding"], bytes: Buffer | string): void => {
    const form = Buffer.from(bytes);
    if (form.length >= shortest && !forms.some((other) => other.bytes.equals(form)))
      forms.push({ encoding, bytes: form });
  };
  for (const offset of [0, 1, 2]) {
    const aligned = base64At(plain, offset);
    add("base64", aligned);
    add("base64url", aligned.replaceAll("+", "-").replaceAll("/", "_"));
  }
  const hex = plain.toString("hex");
  add("hex", hex);
  add("hex", hex.toUpperCase());
  for (const form of percentForms(value, hex)) add("percent", form);
  for (const form of jsonForms(value)) add("json", form);
  for (const form of pageForms(value)) add("html", form);
  add("reversed", Buffer.from(plain).reverse());
  return forms;
}

/** The characters that stand for this value alone when `offset` octets of anything come before it (RFC 4648 §4). */
function base64At(plain: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), plain])
    .toString("base64")
    .replaceAll("=", "");
  const head = Math.ceil((offset * 8) / 6);
  // a last character that also holds bits of what follows could be any
  const whole = Math.floor(((offset + plain.length) * 8) / 6);
  return text.slice(head, whole);
}

/** As encodeURIComponent writes it, as who leaves less as it is, and slashes; as forms write it, and with every octet escaped, either case. */
function percentForms(value: string, hex: string): string[] {
  const every = hex.replace(/../g, "%$&");
  const usual = encodeURIComponent(value);
  const strict = usual.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const some = [usual, strict, usual.replaceAll("%2F", "/"), strict.replaceAll("%2F", "/")];
  const lower = some.map((form) => form.replace(/%../g, (escape) => escape.toLowerCase()));
  return [
    ...some,
    ...lower,
    usual.replaceAll("%20", "+"),
    every,
    every.replace(/%../g, (escape) => escape.toUpperCase()),
  ];
}

/** As JSON.stringify writes it, with its slashes, or what means something in a page, escaped, and with every character as \uXXXX, either case. */
function jsonForms(value: string): string[] {
  const usual = JSON.stringify(value).slice(1, -1);
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at).toString(16).padStart(4, "0"));
  const every = units.map((unit) => `\\u${unit}`).join("");
  const upper = units.map((unit) => `\\u${unit.toUpperCase()}`).join("");
  const escape = (character: string): string => `\\u00${character.charCodeAt(0).toString(16)}`;
  const pages = usual.replace(/[&<>]/g, escape);
  const strict = JSON.stringify(value.replaceAll('"', "\0"))
    .slice(1, -1)
    .replaceAll("\\u0000", "\\u0022")
    .replace(/[&'+<>`]/g, (character) => escape(character).toUpperCase().replace("U", "u"));
  return [usual, usual.replaceAll("/", "\\/"), pages, strict, every, upper];
}

/** What writers of pages put for a character beside `&`, `<` and `>`: browsers' own, Python's, PHP's, Go's, .NET's, templates'. */
const references: readonly Readonly<Record<string, string>>[] = [
  {},
  { '"': "&quot;", "'": "&#39;" },
  { '"': "&quot;", "'": "&#x27;" },
  { '"': "&quot;", "'": "&#039;" },
  { '"': "&#34;", "'": "&#39;" },
  { '"': "&#34;", "'": "&#39;", "+": "&#43;" },
  { '"': "&quot;", "'": "&#x27;", "+": "&#x2B;", "`": "&#x60;" },
  { '"': "&quot;", "'": "&#x27;", "`": "&#x60;", "=": "&#x3D;" },
  { '"': "&quot;", "'": "&#39;", "`": "&#x60;", "=": "&#x3D;", "/": "&#x2F;" },
  { '"': "&quot;", "'": "&#x27;", "/": "&#x2F;" },
];

function pageForms(value: string): string[] {
  const always = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return references.map((some) => {
    const all: Readonly<Record<string, string>> = { ...always, ...some };
    return value.replace(/[^A-Za-z0-9]/g, (character) => all[character] ?? character);
  });
}
