// Where a request goes and what the tool put into the bound header → the header as the upstream shall see it. The real value
// exists here and on the wire alone. Refuses a bound header that holds anything else. A login's placeholder is bound like any
// other, with the token as it is now.

import type { Destination } from "../../domain/exchange.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Login } from "../../domain/login.ts";
import type { Credential } from "../../domain/reach.ts";

/** `registry`: of a package manager, that writes its paths in a way of its own: `npm`. */
export type MatchesPath = (glob: string, path: string, registry?: string) => boolean;

export interface Bound {
  /** Credentials whose placeholder stands in its own header, at its own place. */
  readonly used: readonly Credential[];
  /** A bound header that holds something else: the first such credential or login. */
  readonly foreign: { readonly id: string } | undefined;
}

/** What may be put in. */
export interface Bindable {
  readonly credentials: readonly Credential[];
  readonly logins: readonly Login[];
  readonly matchesPath: MatchesPath;
}

/** One header toward one place, and what a value there stands for. */
interface Home {
  readonly id: string;
  readonly header: string;
  readonly take: (value: string) => Credential | undefined;
}

export interface Asked {
  readonly destination: Destination;
  readonly path: string;
  readonly headers: readonly string[];
  /** Name and value alternating; a bound header has no place among them. */
  readonly trailers?: readonly string[];
}

const none: Bound = { used: [], foreign: undefined };

export function bind(bindable: Bindable, asked: Asked): Bound {
  if (bindable.credentials.length + bindable.logins.length === 0) return none;
  const homes = homesAt(bindable, asked);
  const late = asked.trailers ?? [];
  const misplaced = homes.find(({ header }) => late.some((name, at) => at % 2 === 0 && name.toLowerCase() === header));
  if (misplaced !== undefined) return { used: [], foreign: misplaced };
  const used = new Set<Credential>();
  for (let at = 0; at < asked.headers.length; at += 2) {
    const name = (asked.headers[at] ?? "").toLowerCase();
    const bound = homes.filter(({ header }) => header === name);
    if (bound.length === 0) continue;
    const value = asked.headers[at + 1] ?? "";
    const own = bound.map(({ take }) => take(value)).find((credential) => credential !== undefined);
    if (own === undefined) return { used: [...used], foreign: bound[0] };
    used.add(own);
  }
  return { used: [...used], foreign: undefined };
}

function homesAt({ credentials, logins, matchesPath }: Bindable, { destination, path }: Asked): readonly Home[] {
  const isHere = ({ host, paths, registry }: Credential["to"]): boolean =>
    host === destination.host && (paths === undefined || paths.some((glob) => matchesPath(glob, path, registry)));
  const fixed = credentials
    .filter(({ to }) => isHere(to))
    .map((credential) => ({
      id: credential.id,
      header: credential.to.header,
      take: (value: string) => (stands(value, credential) ? credential : undefined),
    }));
  const changing = logins.flatMap((login) =>
    login.places
      .filter(isHere)
      .map((to) => ({ id: login.id, header: to.header, take: (value: string) => tokenFor(login, to, value) })),
  );
  return [...fixed, ...changing];
}

/** What the placeholder at the end of this value stands for now. */
function tokenFor(login: Login, to: Credential["to"], value: string): Credential | undefined {
  const placeholder = value.slice(value.lastIndexOf(" ") + 1);
  if (!holdsOnly(value, placeholder) || !login.isAccess(placeholder)) return undefined;
  const secret = login.access();
  return secret === undefined ? undefined : { id: login.id, secret, placeholder, variable: undefined, to };
}

function stands(value: string, { to, placeholder }: Credential): boolean {
  return to.basic === undefined ? holdsOnly(value, placeholder) : parseBasic(value)?.password === placeholder;
}

/** Name and password (RFC 7617 §2). *Attacker-controlled*: base64 that decodes in one way only, a name without a colon. */
function parseBasic(value: string): { readonly user: string; readonly password: string } | undefined {
  const [, text = ""] = /^Basic +([A-Za-z0-9+/]{1,8192}={0,2})$/i.exec(value) ?? [];
  const plain = Buffer.from(text, "base64");
  if (plain.length === 0 || plain.toString("base64") !== text) return undefined;
  const pair = plain.toString("latin1");
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** The placeholder alone, or after one authentication scheme (RFC 9110 §11.4). */
function holdsOnly(value: string, placeholder: string): boolean {
  if (!value.endsWith(placeholder)) return false;
  return /^(?:[A-Za-z][A-Za-z0-9-]{0,31} +)?$/.test(value.slice(0, value.length - placeholder.length));
}

/** A placeholder in its own place is no leak. */
export function isAtHome(finding: Finding, bound: Bound): boolean {
  const { place } = finding;
  if (finding.what !== "placeholder" || place.kind !== "header") return false;
  return bound.used.some(
    ({ id, to }) =>
      id === finding.label &&
      to.header === place.name.toLowerCase() &&
      finding.encoding === (to.basic === undefined ? "plain" : "base64"),
  );
}

/** The headers as the upstream shall see them: names, order and everything else as they were. */
export function splice(headers: readonly string[], bound: Bound): readonly string[] {
  if (bound.used.length === 0) return headers;
  const spliced = [...headers];
  for (let at = 0; at < spliced.length; at += 2) {
    const name = (spliced[at] ?? "").toLowerCase();
    const value = spliced[at + 1] ?? "";
    const own = bound.used.find((credential) => credential.to.header === name && stands(value, credential));
    if (own !== undefined) spliced[at + 1] = withReal(value, own);
  }
  return spliced;
}

function withReal(value: string, { to, placeholder, secret }: Credential): string {
  if (to.basic === undefined) return value.slice(0, value.length - placeholder.length) + secret.reveal();
  const user = to.basic.user ?? parseBasic(value)?.user ?? "";
  const pair = Buffer.from(`${user}:${secret.reveal()}`, "latin1");
  return value.replace(/ [A-Za-z0-9+/=]+$/, () => ` ${pair.toString("base64")}`);
}
