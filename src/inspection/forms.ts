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

/** As encodeURIComponent writes it, as forms write it, and with every octet escaped, either case. */
function percentForms(value: string, hex: string): string[] {
  const every = hex.replace(/../g, "%$&");
  const usual = encodeURIComponent(value);
  const lower = usual.replace(/%../g, (escape) => escape.toLowerCase());
  return [usual, lower, usual.replaceAll("%20", "+"), every, every.replace(/%../g, (escape) => escape.toUpperCase())];
}

/** As JSON.stringify writes it, with its slashes escaped, and with every character as \uXXXX, either case. */
function jsonForms(value: string): string[] {
  const usual = JSON.stringify(value).slice(1, -1);
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at).toString(16).padStart(4, "0"));
  const every = units.map((unit) => `\\u${unit}`).join("");
  const upper = units.map((unit) => `\\u${unit.toUpperCase()}`).join("");
  return [usual, usual.replaceAll("/", "\\/"), every, upper];
}
