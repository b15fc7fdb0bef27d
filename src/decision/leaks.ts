// Findings of credentials in a disclosure → the first that stands where it must not. A real value has one place in the
// world: its own header toward its own host, on its own paths. A placeholder is worth nothing: toward its own host it may
// stand anywhere (an agent that printed its environment says it in every later request), elsewhere it says that something
// tried. Of a login the real token has no place at all in what a tool sends, for the tool never had it; its placeholder
// belongs to the hosts that give tokens out and that take them.

import type { Host } from "../domain/brand.ts";
import type { Disclosure } from "../domain/disclosure.ts";
import type { Finding } from "../domain/finding.ts";
import { canonicalHost } from "../policy/address.ts";
import { matchesPath } from "../policy/glob.ts";
import type { CredentialGrant, LoginGrant, Policy } from "../policy/policy.ts";
import { ambiguity } from "./request-path.ts";

export interface Leak {
  /** The credential's rule, or `default` for one that no declaration knows. */
  readonly rule: string;
  readonly reason: string;
}

export function leakOf(disclosure: Disclosure, known: Known, what: Finding["what"]): Leak | undefined {
  const leaked = disclosure.findings.find((finding) => finding.what === what && !isHome(finding, disclosure, known));
  if (leaked === undefined) return undefined;
  const credential = known.credentials.find(({ id }) => id === leaked.label);
  const login = known.logins.find(({ id }) => id === leaked.label);
  const kind = what === "credential" ? "the real value" : "the placeholder";
  const encoded = leaked.encoding === "plain" ? "" : ` (${leaked.encoding})`;
  const home = credential === undefined ? "no place" : `only ${credential.to.header} toward ${credential.to.host}`;
  return {
    rule: credential?.rule ?? login?.rule ?? "default",
    reason: `${kind} of credential ${leaked.label} stands in ${placeOf(leaked)}${encoded}; it has ${login === undefined ? home : homesOf(login)}`,
  };
}

/** What a policy says of credentials. */
export type Known = Pick<Policy, "credentials" | "logins">;

function isHome(finding: Finding, disclosure: Disclosure, { credentials, logins }: Known): boolean {
  const credential = credentials.find(({ id }) => id === finding.label);
  if (credential !== undefined) return isAtHome(finding, disclosure, credential);
  const login = logins.find(({ id }) => id === finding.label);
  return (
    finding.what === "placeholder" && login !== undefined && hostsOf(login).some((host) => isThere(disclosure, host))
  );
}

function hostsOf({ endpoint, places }: LoginGrant): readonly Host[] {
  return [endpoint.host, ...places.map(({ host }) => host)];
}

function homesOf(login: LoginGrant): string {
  return `only ${[...new Set(hostsOf(login))].join(", ")}`;
}

function isThere({ destination }: Disclosure, host: Host): boolean {
  return destination.scheme === "https" && canonicalHost(destination.host) === canonicalHost(host);
}

function isAtHome(finding: Finding, disclosure: Disclosure, credential: CredentialGrant): boolean {
  const { path } = disclosure;
  const { host, header, paths } = credential.to;
  const there = isThere(disclosure, host);
  if (finding.what === "placeholder") return there;
  return (
    there &&
    finding.place.kind === "header" &&
    finding.place.name.toLowerCase() === header &&
    ambiguity(path) === undefined &&
    (paths === undefined || paths.some((glob) => matchesPath(glob, path)))
  );
}

function placeOf({ place }: Finding): string {
  if (place.kind === "header") return `header ${place.name.toLowerCase()}`;
  return place.kind === "body" ? "the body" : "the request's target";
}
