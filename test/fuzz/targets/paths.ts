// The target of a request, as three readers see it: what we take for one path, the WHATWG reading takes for the same; what no rule
// calls ambiguous is read alike by who decodes, by who walks directories and by who does neither.

import assert from "node:assert/strict";
import { posix } from "node:path";
import { ambiguity, withoutScope } from "../../../src/decision/request-path.ts";
import { isAddress, parseHost } from "../../../src/domain/brand.ts";
import { parseAuthority, parseTarget } from "../../../src/gateway/requests/framing.ts";
import { checkPathGlob, matchesPath } from "../../../src/policy/glob.ts";
import { latin1, type Target } from "../target.ts";

function checkPath(path: string): string {
  const why = ambiguity(path);
  if (why !== undefined) return why;
  // some write these escaped: one path all the same, as no rule tells one from the other
  const escaped = path.replaceAll(/["<>^`{|}]/g, encodeURIComponent);
  assert.equal(
    new URL(`https://a.example${path}`).pathname.replaceAll(/[|]/g, encodeURIComponent),
    escaped,
    "another reading of the path",
  );
  const decoded = decodeURIComponent(encodeStray(path));
  assert.equal(posix.normalize(path), path);
  assert.equal(posix.normalize(decoded), decoded, "decoded, it leads elsewhere");
  assert.equal(decoded.split("/").length, path.split("/").length);
  assert.equal(ambiguity(withoutScope(path)), undefined);
  return "one path";
}

/** Escapes that are no UTF-8 stand for themselves. */
function encodeStray(path: string): string {
  return path.replace(/%[89a-f][0-9a-f]/gi, (escape) => `%25${escape.slice(1)}`);
}

function checkTarget(target: string): string {
  const parsed = parseTarget(target);
  if (parsed === undefined) return "no target";
  const { path, local, authority, scheme } = parsed;
  assert.ok(local === "*" || local.startsWith("/"));
  assert.ok(!path.includes("?"));
  if (path === "*") return "asterisk";
  const read = new URL(`https://a.example${local}`);
  assert.equal(read.host, "a.example", "the path is another host to some");
  // an empty segment at the beginning is all that the two may read differently: what a rule is about refuses it
  assert.equal(read.pathname.replaceAll("|", "%7C"), path.replaceAll(/["<>^`{|}]/g, encodeURIComponent));
  if (authority === undefined) return "origin";
  const absolute = URL.parse(target);
  if (absolute !== null) {
    assert.equal(absolute.protocol, `${scheme}:`);
    const named = absolute.hostname.replace(/\.$/, "").replace(/^\[|\]$/g, "");
    if (!isAddress(authority.host)) assert.equal(named, authority.host, "the target names another host");
  }
  return "absolute";
}

function checkAuthority(text: string): string {
  const parsed = parseAuthority(text, "https");
  if (parsed === undefined) return "no authority";
  assert.equal(parseHost(parsed.host), parsed.host);
  const read = URL.parse(`https://${text}/`);
  assert.ok(read !== null || isAddress(parsed.host) || /^xn--|\.xn--/.test(parsed.host), "no host to another reader");
  if (read !== null && !isAddress(parsed.host)) {
    assert.equal(read.hostname.replace(/\.$/, ""), parsed.host);
    assert.equal(read.port === "" ? 443 : Number(read.port), parsed.port);
  }
  return `authority ${isAddress(parsed.host)} ${parsed.port === 443}`;
}

/** The meaning of a glob, without any thought of what it costs. */
function naive(glob: string, path: string): boolean {
  const parts = glob.split(/(\*\*|\*)/).map((token) => {
    if (token === "**") return ".*";
    return token === "*" ? "[^/]*" : token.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "s").test(path);
}

function checkGlob(text: string): string {
  const [glob = "", path = ""] = text.split(" ", 2);
  if (checkPathGlob(glob) !== undefined) return "no glob";
  const matched = matchesPath(glob, path);
  if (glob.length < 24 && path.length < 40) assert.equal(matched, naive(glob, path), `${glob} and ${path}`);
  return `glob ${matched}`;
}

const checks = [checkPath, checkTarget, checkAuthority, checkGlob] as const;

export const target: Target = {
  seeds: [
    latin1("\0/v1/messages"),
    latin1("\0/@scope%2fname"),
    latin1("\x01/v1/messages?a=b/../c"),
    latin1("\x01http://api.vendor.example:80/a/b?c"),
    latin1("\x01*"),
    latin1("\x02api.vendor.example:443"),
    latin1("\x02[::ffff:1.2.3.4]:80"),
    latin1("\x03/v1/*/a** /v1/b/a/c"),
  ],
  words: [
    "/../",
    "/%2e%2e/",
    "/.%2E/",
    "/%2e/",
    "/./",
    "%2e%2e",
    "%2f",
    "%5c",
    "%00",
    "..;",
    "//",
    "/@a%2f",
    "http://",
    "https://",
    "xn--",
    "::",
    "0x7f",
    "127.1",
    ":443",
    ":80",
    "**",
    "%25",
    "%c0%af",
    "\u00e9",
  ],
  longest: 300,
  run: (bytes) => checks[(bytes[0] ?? 0) % checks.length]?.(bytes.toString("latin1", 1)) ?? "",
};
