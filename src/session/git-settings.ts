// What git inside is told by its environment, which stands before every file of configuration (git-config(1),
// GIT_CONFIG_COUNT): where it finds the placeholders for Basic authentication. Never a real value.

import type { Credential, NetworkGrant } from "../domain/reach.ts";

export type Setting = readonly [key: string, value: string];

export function gitSettings(
  credentials: readonly Credential[],
  network: readonly Pick<NetworkGrant, "host" | "ports" | "protocol">[],
): readonly Setting[] {
  return credentials.flatMap((credential) =>
    credential.to.basic === undefined ? [] : helperFor(credential, portsOf(credential.to.host, network)),
  );
}

/** After those that the environment holds already. */
export function withGitSettings(
  environment: Readonly<Record<string, string>>,
  settings: readonly Setting[],
): Record<string, string> {
  const before = Number(environment["GIT_CONFIG_COUNT"] ?? "0");
  if (settings.length === 0) return { ...environment };
  const pairs = settings.flatMap(([key, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${before + index}`, key],
    [`GIT_CONFIG_VALUE_${before + index}`, value],
  ]);
  return { ...environment, ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(before + settings.length) };
}

/** As git writes them after a host: nothing for its usual one. */
function portsOf(
  host: string,
  network: readonly Pick<NetworkGrant, "host" | "ports" | "protocol">[],
): readonly string[] {
  const granted = network.filter(
    (grant) =>
      grant.protocol === "http" &&
      (grant.host.kind === "exact" ? grant.host.name === host : host.endsWith(grant.host.suffix)),
  );
  const ports = new Set(granted.flatMap((grant) => grant.ports).filter((port) => port !== 443 && port !== 80));
  return ["", ...[...ports].map((port) => `:${port}`)];
}

/** The empty one first: for this place no helper of the person's own is asked, which would find no keyring inside. */
function helperFor({ to, placeholder }: Credential, ports: readonly string[]): readonly Setting[] {
  const places = (to.paths ?? ["/"]).flatMap((glob) =>
    ports.map((port) => `credential.https://${to.host}${port}${directoryOf(glob)}.helper`),
  );
  const helper = writeHelper(to.basic?.user, placeholder);
  return [...new Set(places)].flatMap((key): Setting[] => [
    [key, ""],
    [key, helper],
  ]);
}

/** What a glob's matches all lie below; git compares whole segments (gitcredentials(7)). */
function directoryOf(glob: string): string {
  const plain = /^[^*?[]*/.exec(glob)?.[0] ?? "/";
  const whole = plain === glob ? plain : plain.slice(0, plain.lastIndexOf("/"));
  return whole.replace(/\/+$/, "");
}

/**
 * A few words of sh (gitcredentials(7), "Custom helpers"): answers `get` alone. Where no name is given, the one in the URL, else
 * git's own. Both values are letters, digits and `._@+-`.
 */
function writeHelper(user: string | undefined, placeholder: string): string {
  const known = 'while read -r line; do case "$line" in username=*) known=1;; esac; done';
  const name = user === undefined ? `${known}; test -n "$known" || echo username=git` : `echo username=${user}`;
  return `!f() { test "$1" = get || return 0; ${name}; echo password=${placeholder}; }; f`;
}
