// What a tool wants opened in a browser, attacker-controlled → the page of a login that a person may be shown, and the port
// inside to which that page leads back (RFC 8252 §7.3). Everything else is nothing.

import type { Host } from "../../domain/brand.ts";
import { parseHost } from "../../domain/brand.ts";

export interface Page {
  /** ASCII, escaped. */
  readonly url: string;
  readonly host: Host;
  /** Undefined where the person is given a code to type or paste. */
  readonly port: number | undefined;
}

/** Characters; authorisation pages have some hundred. */
const longest = 4096;

export function parsePage(text: string): Page | undefined {
  const line = text.split("\n", 1)[0] ?? "";
  if (line.length > longest) return undefined;
  const url = URL.parse(line);
  if (url === null || url.protocol !== "https:" || url.username !== "" || url.password !== "" || url.port !== "")
    return undefined;
  const host = parseHost(url.hostname);
  if (host === undefined || !/^[\x21-\x7e]+$/.test(url.href)) return undefined;
  return { url: url.href, host, port: portOf(url.searchParams.getAll("redirect_uri")) };
}

function portOf(uris: readonly string[]): number | undefined {
  const back = uris.length === 1 ? URL.parse(uris[0] ?? "") : null;
  if (back === null || back.protocol !== "http:") return undefined;
  const port = Number(back.port);
  return /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(back.hostname) && port >= 1024 ? port : undefined;
}
