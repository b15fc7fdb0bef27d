// A real token → what the tool holds in its place: the same kind of text, a mark that nobody can guess, and how many times the
// login had been refreshed when it was made. Of a JWT the claims stay, as far as they are worth nothing, under a signature
// that is the mark. Worthless everywhere; the mark is what is sought.

import { parseFields, withoutSecrets } from "./fields.ts";

export interface Made {
  readonly mark: string;
  /** How often the login had changed hands. */
  readonly generation: number;
  /** What the vendor's tokens of this kind begin with. Kept only where the real one does. */
  readonly prefix: string | undefined;
}

/** `random`: 24 octets. */
export function writeMark(random: Buffer): string {
  return `postern${random.toString("hex")}`;
}

export function makePlaceholder(real: string, { mark, generation, prefix }: Made): string {
  const end = `${mark}${(generation >>> 0).toString(16).padStart(8, "0")}`;
  const jwt = readJwt(real);
  if (jwt !== undefined) return `${jwt.header}.${encode(withoutSecrets(jwt.claims))}.${end}`;
  const start = prefix !== undefined && real.startsWith(prefix) ? prefix : "";
  return `${start}${"0".repeat(Math.max(0, real.length - start.length - end.length))}${end}`;
}

/** Attacker-controlled text → the generation it was made in, where it is nothing but a placeholder with this mark. */
export function readPlaceholder(text: string, mark: string): number | undefined {
  const end = /^([\w./~+-]*)([0-9a-f]{8})$/.exec(text);
  return end?.[1]?.endsWith(mark) === true ? Number.parseInt(end[2] ?? "", 16) : undefined;
}

/** What of a real token must never leave: its signature where it is a JWT, whose claims the tool knows, else all of it. */
export function tellingPart(real: string): string {
  const signature = readJwt(real) === undefined ? undefined : real.slice(real.lastIndexOf(".") + 1);
  return signature !== undefined && signature.length >= 16 ? signature : real;
}

/** Milliseconds since 1970 at which a JWT ends by its own claim (RFC 7519 §4.1.4). */
export function expiryOf(real: string): number | undefined {
  const exp = readJwt(real)?.claims["exp"];
  return typeof exp === "number" && exp > 0 && exp < 1e11 ? exp * 1000 : undefined;
}

function readJwt(text: string) {
  const parts = /^([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(text);
  const head = parseFields(Buffer.from(parts?.[1] ?? "", "base64url"));
  const claims = parseFields(Buffer.from(parts?.[2] ?? "", "base64url"));
  if (head === undefined || claims === undefined) return undefined;
  // its own header says nothing but how it is signed and with which key
  const { alg, typ, kid } = head;
  return { header: encode(withoutSecrets({ alg, typ, kid })), claims };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
