// How a tool that is not caught whatever it does is told where to ask: variables that lead to a proxy, and those that name the
// session's authority, led to where its files lie. Whoever ignores them is not kept from anything by them.

import { authorityPath, authorityVariables, bundlePath } from "./linux/view/authorities.ts";

const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/** Every destination, loopback too: what goes past the proxy is seen by nobody. Programs differ in which case they read. */
export function proxyVariables(url: string): Record<string, string> {
  const named = [...proxies, ...proxies.map((name) => name.toLowerCase())].map((name) => [name, url] as const);
  // Node takes a proxy from the environment only where it is told to (24, 22.21)
  return { ...Object.fromEntries(named), NO_PROXY: "", no_proxy: "", NODE_USE_ENV_PROXY: "1" };
}

/** Where the files lie that say whom to trust. */
export interface TrustFiles {
  /** The session's authority alone. */
  readonly authority: string;
  /** The system's bundle with it. */
  readonly bundle: string;
}

export function trustVariables(files: TrustFiles): Record<string, string> {
  const lead: Readonly<Record<string, string>> = { [authorityPath]: files.authority, [bundlePath]: files.bundle };
  return Object.fromEntries(Object.entries(authorityVariables).map(([name, value]) => [name, lead[value] ?? value]));
}

/** What the view inside alone has: stand-ins, the bridge to a browser. */
const onlyInside = "/run/postern/";

/** The plan's environment, but what in it leads to places that are not there. */
export function withoutInside(environment: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(environment).filter(([, value]) => !value.startsWith(onlyInside));
  const all = Object.fromEntries(kept);
  const search = (environment["PATH"] ?? "").split(":").filter((entry) => !entry.startsWith(onlyInside));
  return { ...all, PATH: search.join(":") };
}
