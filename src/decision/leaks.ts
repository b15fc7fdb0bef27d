// Findings of credentials in a disclosure → the first that stands where it must not. A real value has one place in the
// world: its own header toward its own host, on its own paths. A placeholder is worth nothing: toward its own host it may
// stand anywhere (an agent that printed its environment says it in every later request), elsewhere it says that something
// tried.

import type { Disclosure } from "../domain/disclosure.ts";
import type { Finding } from "../domain/finding.ts";
import { canonicalHost } from "../policy/address.ts";
import { matchesPath } from "../policy/glob.ts";
import type { CredentialGrant } from "../policy/policy.ts";
import { ambiguity } from "./request-path.ts";

export interface Leak {
  /** The credential's rule, or `default` for one that no declaration knows. */
  readonly rule: string;
  readonly reason: string;
}

export function leakOf(
  disclosure: Disclosure,
  credentials: readonly CredentialGrant[],
  what: Finding["what"],
): Leak | undefined {
  const leaked = disclosure.findings.find(
    (finding) => finding.what === what && !isAtHome(finding, disclosure, credentialOf(finding, credentials)),
  );
  if (leaked === undefined) return undefined;
  const credential = credentialOf(leaked, credentials);
  const kind = what === "credential" ? "the real value" : "the placeholder";
  const encoded = leaked.encoding === "plain" ? "" : ` (${leaked.encoding})`;
  const home = credential === undefined ? "no place" : `only ${credential.to.header} toward ${credential.to.host}`;
  return {
    rule: credential?.rule ?? "default",
    reason: `${kind} of credential ${leaked.label} stands in ${placeOf(leaked)}${encoded}; it has ${home}`,
  };
}

function credentialOf(finding: Finding, credentials: readonly CredentialGrant[]): CredentialGrant | undefined {
  return credentials.find((credential) => credential.id === finding.label);
}

function isAtHome(
  finding: Finding,
  { destination, path }: Disclosure,
  credential: CredentialGrant | undefined,
): boolean {
  if (credential === undefined) return false;
  const { host, header, paths } = credential.to;
  const there = destination.scheme === "https" && canonicalHost(destination.host) === canonicalHost(host);
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
