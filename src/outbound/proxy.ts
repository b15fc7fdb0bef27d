// How we ourselves go out: the corporate proxy and the authorities trusted beside the system's, from the policy, else
// from the caller's environment. Leaves what the gateway dials with. Refuses what is no http or https address, in words
// that never repeat it, for it may hold a password.

import { parseHost } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { type AuthorityFault, readAuthorities, splitAuthorities } from "./authorities.ts";
import { limits } from "./limits.ts";

export type ProxyFault = Fault<"proxy">;

/** The policy's `proxy`. */
export interface ProxyPolicy {
  readonly url: string | undefined;
  /** PEM, trusted beside the system's. */
  readonly ca: string | undefined;
  /** Hosts dialled without it. */
  readonly except: readonly NetworkGrant["host"][];
}

export interface Outward {
  /** Undefined: everything is dialled directly. URLs with a scheme, and a comma-separated list. */
  readonly proxy:
    | { readonly https: string | undefined; readonly http: string | undefined; readonly noProxy: string | undefined }
    | undefined;
  /** PEM, one certificate each. */
  readonly authorities: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A policy that names a proxy is the whole answer; one that names only an authority adds it to the environment's. */
export function readProxy(
  policy: ProxyPolicy | undefined,
  environment: Environment,
): Outward | ProxyFault | AuthorityFault {
  const own = policy?.url === undefined ? fromEnvironment(environment) : fromPolicy(policy.url, policy.except);
  const https = own.https === undefined ? undefined : parseAddress(own.https);
  if (https instanceof Fault) return https;
  const http = own.http === undefined ? undefined : parseAddress(own.http);
  if (http instanceof Fault) return http;
  const named = policy?.ca === undefined ? [] : splitAuthorities(policy.ca, "the policy's proxy");
  if (named instanceof Fault) return named;
  const authorities = readAuthorities(environment);
  if (authorities instanceof Fault) return authorities;
  const direct = https === undefined && http === undefined;
  return {
    proxy: direct ? undefined : { https, http, noProxy: own.noProxy },
    authorities: [...new Set([...named, ...authorities])],
  };
}

interface Settings {
  readonly https: string | undefined;
  readonly http: string | undefined;
  readonly noProxy: string | undefined;
}

function fromPolicy(url: string, except: ProxyPolicy["except"]): Settings {
  const noProxy = except.map((host) => (host.kind === "exact" ? host.name : `*${host.suffix}`)).join(",");
  return { https: url, http: url, noProxy };
}

/** Lower case first, as curl does. HTTP_PROXY is left out under CGI, where a request could set it (CVE-2016-5385). */
function fromEnvironment(environment: Environment): Settings {
  const pick = (...names: string[]) =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== "");
  const cgi = environment["REQUEST_METHOD"] !== undefined;
  const words = (pick("no_proxy", "NO_PROXY") ?? "").split(/[\s,]+/).filter((word) => word !== "");
  return {
    https: pick("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
    http: pick("http_proxy", ...(cgi ? [] : ["HTTP_PROXY"]), "all_proxy", "ALL_PROXY"),
    noProxy: words.length === 0 ? undefined : words.slice(0, limits.noProxy).join(","),
  };
}

/** The address with its scheme written out. */
function parseAddress(text: string): string | ProxyFault {
  const refuse = (why: string) =>
    new Fault({
      code: "proxy",
      message: `the proxy's address ${why}`,
      hint: "write it as http://proxy.example.org:3128",
    });
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.parse(whole);
  if (url === null) return refuse("is not a URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") return refuse("is neither http nor https");
  if (parseHost(url.hostname.replace(/^\[(.*)\]$/, "$1")) === undefined) return refuse("names no host");
  if (!isEncoded(url.username) || !isEncoded(url.password))
    return refuse("holds a user or password that is not percent-encoded");
  return whole;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
