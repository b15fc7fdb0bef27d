// The text of a host in a policy → an exact name, a suffix, or what is wrong with it and what to write instead.
// `*.example.org` means every name below example.org, and not example.org itself.

import type { Host } from "../domain/brand.ts";
import { isAddress, parseHost } from "../domain/brand.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { canonicalHost } from "./address.ts";

export type HostPattern = NetworkGrant["host"];

export interface Wrong {
  readonly message: string;
  readonly hint: string;
}

type Parsed = { readonly ok: true; readonly pattern: HostPattern } | ({ readonly ok: false } & Wrong);

/** A name, an address literal, or `*.` and a name of two labels and more. */
export function parseHostPattern(text: string): Parsed {
  const malformed = misspelt(text);
  if (malformed !== undefined) return { ok: false, ...malformed };
  if (text.startsWith("*")) return parseSuffix(text);
  const name = parseHost(text);
  if (name === undefined || (!isAddress(text) && text.includes("_"))) return { ok: false, ...notAName(text) };
  return { ok: true, pattern: { kind: "exact", name: canonicalHost(name) } };
}

function parseSuffix(text: string): Parsed {
  if (text === "*" || text === "**" || text === "*.") {
    return wrong("stands for every host there is", "name the hosts the tool needs, one entry each");
  }
  if (!text.startsWith("*.")) {
    return wrong("has a star that is not its whole first label", `write "*.${text.replace(/^\*+\.?/, "")}"`);
  }
  const rest = text.slice(2);
  if (isAddress(rest) || /^[0-9.]+$/.test(rest)) {
    return wrong("stands below an address, which has no names below it", `write the address itself: "${rest}"`);
  }
  const name = parseHost(rest);
  if (name === undefined || rest.includes("_")) return { ok: false, ...notAName(rest) };
  if (isShared(name)) {
    return wrong(
      "belongs to no single owner: anybody can register a name below it",
      `name one below it: "*.example.${rest}"`,
    );
  }
  return { ok: true, pattern: { kind: "suffix", suffix: `.${name}` } };
}

/** A top-level domain, or the second level under which a country registers (`co.uk`). */
function isShared(name: string): boolean {
  const labels = name.split(".");
  if (labels.length < 2) return true;
  return (
    labels.length === 2 &&
    /^(?:ac|co|com|edu|go|gob|gov|gv|ne|net|nom|or|org)$/.test(labels[0] ?? "") &&
    labels[1]?.length === 2
  );
}

function misspelt(text: string): Wrong | undefined {
  if (/^[0-9a-f.:]+\/[0-9]+$/i.test(text))
    return { message: "is a range of addresses", hint: "name each address itself" };
  const url = /^[a-z][a-z0-9+.-]*:\/\/([^/?#@]*@)?([^/:?#]*)/i.exec(text);
  if (url !== null)
    return { message: "is a URL where a host is meant", hint: `write the host alone: "${url[2] ?? ""}"` };
  if (/[/?#]/.test(text)) return { message: "holds a path where a host is meant", hint: "put the path under `paths`" };
  if (text.includes("@")) return { message: "holds a user where a host is meant", hint: "write the host alone" };
  if (/^\[.*\]$/.test(text))
    return { message: "has brackets", hint: `write the address without them: "${text.slice(1, -1)}"` };
  if (/^[^:]+:[0-9]+$/.test(text)) {
    return { message: "holds a port", hint: `write "${text.replace(/:.*/, "")}" and put the port under \`ports\`` };
  }
  return undefined;
}

function notAName(text: string): Wrong {
  if (/\P{ASCII}/u.test(text)) {
    return { message: "is not written in ASCII", hint: `write it in punycode: "${punycode(text)}"` };
  }
  if (text.includes("..")) return { message: "has an empty label", hint: `write "${text.replace(/\.{2,}/g, ".")}"` };
  if (text.startsWith(".")) return { message: "begins with a dot", hint: `write "*${text}" for every name below it` };
  if (text.includes("*"))
    return { message: "has a star that is not its whole first label", hint: 'write "*.example.org"' };
  if (text.includes("_"))
    return { message: "has an underscore, which no host name may have", hint: "write it with a hyphen" };
  if (/^(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+))*$/i.test(text)) {
    return {
      message: "is an address in a spelling that programs read differently",
      hint: "write four plain decimal numbers",
    };
  }
  if (text.length > 253 || text.split(".").some((part) => part.length > 63)) {
    return { message: "is longer than a host name may be", hint: "63 characters a label, 253 in all" };
  }
  return { message: "is not a host name", hint: "letters, digits, hyphens and dots: api.example.org" };
}

function punycode(text: string): string {
  const url = URL.parse(`http://${text}/`);
  return url === null || url.hostname === "" ? "xn--…" : url.hostname;
}

function wrong(message: string, hint: string): Parsed {
  return { ok: false, message, hint };
}

/** Does the pattern cover this name? `*.allowed.test` covers a.allowed.test, not allowed.test and not xallowed.test. */
export function coversHost(pattern: HostPattern, host: Host): boolean {
  if (pattern.kind === "exact") return pattern.name === canonicalHost(host);
  return !isAddress(host) && host.endsWith(pattern.suffix);
}

/** Does the first pattern cover everything that the second does? */
export function coversPattern(wide: HostPattern, narrow: HostPattern): boolean {
  if (narrow.kind === "exact") return coversHost(wide, narrow.name);
  return wide.kind === "suffix" && narrow.suffix.endsWith(wide.suffix);
}

/** As a person writes it. */
export function writeHost(pattern: HostPattern): string {
  return pattern.kind === "exact" ? pattern.name : `*${pattern.suffix}`;
}

/** `host:port` or `[v6]:port` → its parts, or undefined. */
export function splitAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):([1-9]\d{0,4})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}
