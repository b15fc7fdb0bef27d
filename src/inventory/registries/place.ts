// The text of a registry's URL, as a configuration has it → where it leads and how a client inside is told of it, without
// the user and password it may hold: those stay outside.

import { isAddress, parseHost } from "../../domain/brand.ts";
import { Secret } from "../../domain/secret.ts";
import { checkPathGlob } from "../../policy/glob.ts";
import type { RegistryPlace } from "../../policy/registry.ts";
import type { Login } from "./found.ts";

/** Characters of a URL that is read at all. */
const longest = 2048;

export interface Place extends RegistryPlace {
  /** Without credentials, query and fragment. */
  readonly url: string;
  /** What stood in the URL. */
  readonly login: Login | undefined;
}

export interface Placing {
  /** Last segment of the URL's path, beside which other things of the same registry lie: `simple`. */
  readonly besides?: string;
}

/** Undefined where it is no address of a server that could be granted. */
export function placeOf(text: string, { besides }: Placing = {}): Place | undefined {
  const url = text.length > longest ? null : URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  const host = parseHost(url.hostname.replace(/^\[|\]$/g, ""));
  if (host === undefined || (!isAddress(host) && host.includes("_"))) return undefined;
  const login = loginIn(url);
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const segments = url.pathname.split("/").filter((segment) => segment !== "");
  if (besides !== undefined && segments.at(-1) === besides) segments.pop();
  const base = segments.map((segment) => `/${segment}`).join("");
  // what a glob would read otherwise
  if (/[*{}[\]!]/.test(base) || checkPathGlob(`${base}/**`) !== undefined) return undefined;
  return { host, port, paths: base === "" ? undefined : [base, `${base}/**`], url: url.href, login };
}

/** A user alone is no login: clients ask for the password. */
function loginIn({ username, password }: URL): Login | undefined {
  if (password === "") return undefined;
  try {
    return { user: decodeURIComponent(username), secret: new Secret(decodeURIComponent(password)) };
  } catch {
    return undefined;
  }
}

/** One for each place and path. */
export function apart(places: readonly Place[]): RegistryPlace[] {
  const seen = new Map(
    places.map(({ host, port, paths }) => [JSON.stringify([host, port, paths]), { host, port, paths }]),
  );
  return [...seen.values()];
}
