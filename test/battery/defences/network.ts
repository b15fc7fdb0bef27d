// Defences of the gate: what is reached, what a request may be made to mean, where a credential may stand.

import { type Defence, swap } from "./defence.ts";

const judge = "src/decision/judge.ts";
const handling = "src/gateway/requests/handling.ts";
const relay = "src/gateway/requests/relay.ts";

export const network: readonly Defence[] = [
  {
    id: "caught",
    what: "every connection comes to a door, and so on the record",
    without: swap(
      "src/boundary/linux/network.ts",
      "`meta l4proto tcp redirect to :",
      "`tcp dport 8080 return; meta l4proto tcp redirect to :",
    ),
    probes: ["tcp-curl-noproxy"],
  },
  {
    id: "datagrams-told",
    what: "a datagram that goes nowhere is on the record",
    without: swap("src/gateway/datagrams.ts", "void record(datagram);", "void record;"),
    probes: ["udp-quic", "udp-unlistened"],
  },
  {
    id: "names-told",
    what: "a name that is asked for is on the record",
    without: swap(
      "src/gateway/names/strangers.ts",
      'parts.recorder.note({ kind: "name", verdict: "refuse", rule, sealed: { name, reason, destination, process } });',
      "void [rule, name, reason, destination, process];",
    ),
    probes: ["name-lookup", "name-below-allowed"],
  },
  {
    id: "default-refusal",
    what: "what no grant covers is refused",
    without: swap(judge, 'if (rules.mode === "enforce") return refused(rules, host, ground);', ""),
    probes: ["redirect-evil", "path-outside", "config-repository"],
  },
  {
    id: "paths",
    what: "a grant's paths",
    without: swap(
      judge,
      "return methodFits && (grant.paths === undefined || grant.paths.some((glob) => matchesPath(glob, path)));",
      "return methodFits && path !== undefined;",
    ),
    probes: ["path-outside"],
  },
  {
    id: "methods",
    what: "a grant's methods",
    without: swap(
      judge,
      "const methodFits = grant.methods === undefined || grant.methods.includes(method);",
      "const methodFits = method !== undefined;",
    ),
    probes: ["method-other"],
  },
  {
    id: "paths-read-twice",
    what: "a path that two readers could read in two ways",
    without: [
      ...swap("src/gateway/requests/framing.ts", "if (hasDotSegment(path)) return undefined;", "void hasDotSegment;"),
      ...swap(
        judge,
        'const twofold = disclosure.destination.scheme === "tcp" ? undefined : ambiguity(path);',
        'const twofold = disclosure.destination.scheme === "tcp" ? ambiguity(path) : undefined;',
      ),
    ],
    probes: ["path-dots", "path-dots-encoded", "path-slash-encoded"],
  },
  {
    id: "names-agree",
    what: "the names dialled, of TLS and of the request are one",
    without: swap(
      "src/gateway/requests/framing.ts",
      "const agrees = (other: Authority) => other.host === visited.host && other.port === visited.port;",
      "const agrees = (other: Authority) => other.host === other.host || other.port === visited.port;",
    ),
    probes: ["host-other", "host-port"],
  },
  {
    id: "suffixes",
    what: "a wildcard covers whole labels",
    without: swap(
      "src/policy/host-pattern.ts",
      "return !isAddress(host) && host.endsWith(pattern.suffix);",
      "return !isAddress(host) && host.endsWith(pattern.suffix.slice(1));",
    ),
    probes: ["wildcard-prefix"],
  },
  {
    id: "resolved-addresses",
    what: "an allowed name that leads to a private place is not dialled",
    without: swap(
      "src/gateway/upstream/dial.ts",
      "const permitted = namesItself(route.grant) ? addresses : addresses.filter((ip) => !parts.isSpecial(ip));",
      "const permitted = namesItself(route.grant) ? addresses : addresses.filter((ip) => ip !== '');",
    ),
    probes: ["rebinding-loop", "rebinding-meta"],
  },
  {
    id: "upstream-verified",
    what: "an upstream nobody vouches for gets nothing",
    without: swap(
      "src/gateway/upstream/dial.ts",
      "rejectUnauthorized: true,",
      "rejectUnauthorized: false, checkServerIdentity: () => undefined,",
    ),
    probes: ["certificate-of-another"],
  },
  {
    id: "foreign-keys",
    what: "nobody else's key where ours belongs",
    without: swap(
      handling,
      "if (bound.foreign !== undefined) {",
      "if (bound.foreign !== undefined && bound.used.length > 9) {",
    ),
    probes: ["key-of-the-attacker", "key-of-another-session"],
  },
  {
    id: "known-secrets",
    what: "a real key leaves in no form",
    without: swap(
      judge,
      "if (leak !== undefined) return refused(rules, host, { ...leak, path });",
      "if (leak !== undefined && path === '') return refused(rules, host, { ...leak, path });",
    ),
    probes: ["key-header", "key-base64-1", "key-chunked"],
  },
  {
    id: "bodies-decoded",
    what: "nor compressed",
    without: swap(
      "src/gateway/requests/decoding.ts",
      'if (coding === "" || coding === "identity") {',
      'if (coding === "" || coding !== "none") {',
    ),
    probes: ["key-gzip"],
  },
  {
    id: "bombs",
    what: "a body that grows beyond all measure",
    without: swap(
      "src/gateway/requests/decoding.ts",
      "const whole = await lookInWindows(decoded, look, { limits, bound: limits.decoded });",
      "const whole = await lookInWindows(decoded, look, { limits, bound: Number.POSITIVE_INFINITY });",
    ),
    probes: ["bomb-gzip"],
  },
  {
    id: "placeholders-at-home",
    what: "a placeholder at another host is refused",
    without: swap(judge, 'return leakOf(disclosure, rules, "placeholder");', "return undefined;"),
    probes: ["key-to-other-host"],
  },
  {
    id: "replies-sieved",
    what: "a real key told back does not reach the tool",
    without: swap(relay, "const passed = this.#sieve.push(chunk);", "const passed: Buffer | undefined = chunk;"),
    probes: ["reflect-echo", "reflect-echo-base64"],
  },
  {
    id: "coded-replies-sieved",
    what: "nor compressed",
    without: swap(relay, "this.#coded = this.#decode(head);", "void this.#decode;"),
    probes: ["reflect-echo-gzip"],
  },
  {
    id: "reply-heads-sought",
    what: "nor in a reply's head",
    without: swap(
      relay,
      "if (gate.credentials.length + gate.logins.length === 0) return false;",
      "if (gate.credentials.length + gate.logins.length >= 0) return false;",
    ),
    probes: ["reflect-echo-header"],
  },
  {
    id: "untrusted-repository",
    what: "a repository's policy gives itself nothing",
    without: swap(
      "src/policy/layers.ts",
      'const counts = kind !== "repository" || sources.trusted(digest);',
      'const counts = kind !== "repository" || sources.trusted(digest) || digest !== undefined;',
    ),
    probes: ["config-repository"],
  },
];
