// Where a request goes and what the tool put into the bound header → the header as the upstream shall see it. The real value
// exists here and on the wire alone. Refuses a bound header that holds anything else. A login's placeholder is bound like any
// other, with the token as it is now.

import type { Destination } from "../../domain/exchange.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Login } from "../../domain/login.ts";
import type { Credential } from "../../domain/reach.ts";

export type MatchesPath = (glob: string, path: string) => boolean;

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
  const isHere = ({ host, paths }: Credential["to"]): boolean =>
    host === destination.host && (paths === undefined || paths.some((glob) => matchesPath(glob, path)));
  const fixed = credentials
    .filter(({ to }) => isHere(to))
    .map((credential) => ({
      id: credential.id,
      header: credential.to.header,
      take: (value: string) => (holdsOnly(value, credential.placeholder) ? credential : undefined),
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

/** The placeholder alone, or after one authentication scheme (RFC 9110 §11.4). */
function holdsOnly(value: string, placeholder: string): boolean {
  if (!value.endsWith(placeholder)) return false;
  return /^(?:[A-Za-z][A-Za-z0-9-]{0,31} +)?$/.test(value.slice(0, value.length - placeholder.length));
}

/** A placeholder in its own place is no leak. */
export function isAtHome(finding: Finding, bound: Bound): boolean {
  const { place } = finding;
  if (finding.what !== "placeholder" || finding.encoding !== "plain" || place.kind !== "header") return false;
  return bound.used.some(({ id, to }) => id === finding.label && to.header === place.name.toLowerCase());
}

/** The headers as the upstream shall see them: names, order and everything else as they were. */
export function splice(headers: readonly string[], bound: Bound): readonly string[] {
  if (bound.used.length === 0) return headers;
  const spliced = [...headers];
  for (let at = 0; at < spliced.length; at += 2) {
    const name = (spliced[at] ?? "").toLowerCase();
    const value = spliced[at + 1] ?? "";
    const own = bound.used.find(({ to, placeholder }) => to.header === name && holdsOnly(value, placeholder));
    if (own === undefined) continue;
    spliced[at + 1] = value.slice(0, value.length - own.placeholder.length) + own.secret.reveal();
  }
  return spliced;
}
