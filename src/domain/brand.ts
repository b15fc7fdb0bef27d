// Strings that are dangerous to confuse carry a brand; only the parsers here and in their own rooms make them.

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A host name as policy and wire compare it: lower case, no trailing dot, ASCII (punycode), or an IP literal. */
export type Host = Brand<string, "Host">;
/** SHA-256 in lower-case hexadecimal, 64 characters. */
export type Digest = Brand<string, "Digest">;
/** Random name of one run: `s-` and eight characters of Crockford's base32. */
export type SessionId = Brand<string, "SessionId">;

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/** Attacker-controlled text → a Host, or undefined where it is not a name or address that DNS or TLS could carry. */
export function parseHost(text: string): Host | undefined {
  const plain = (text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  if (plain.length === 0 || plain.length > 253) return undefined;
  if (isAddress(plain)) return plain as Host;
  const labels = plain.split(".");
  // a last label of digits only, or hexadecimal, would be read as an IPv4 address by some parsers (WHATWG URL, §4.4)
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) return undefined;
  return labels.every((part) => label.test(part)) ? (plain as Host) : undefined;
}

const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const dotted = new RegExp(`^(?:${octet}\\.){3}${octet}$`);

/** True for a dotted-quad IPv4 literal or an IPv6 literal without brackets or zone. */
export function isAddress(text: string): boolean {
  return dotted.test(text) || isV6(text);
}

function isV6(text: string): boolean {
  if (!/^[0-9a-f:.]{2,45}$/i.test(text) || !text.includes(":")) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const tail = groups.at(-1) ?? "";
  const quad = dotted.test(tail);
  const plain = quad ? groups.slice(0, -1) : groups;
  const width = plain.length + (quad ? 2 : 0);
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? width <= 7 : width === 8;
}

/** 64 hexadecimal characters → a Digest. */
export function parseDigest(text: string): Digest | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? (text as Digest) : undefined;
}

export function parseSessionId(text: string): SessionId | undefined {
  return /^s-[0-9A-HJKMNP-TV-Z]{8}$/.test(text) ? (text as SessionId) : undefined;
}
