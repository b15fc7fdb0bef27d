// Techniques 54, 57 to 64: what a request can be made to mean. The policy allows one host, two methods, one tree of paths; a
// server of that host outside writes down every request it gets, and none may be another than what was allowed.

import { readFileSync } from "node:fs";
import type { After, Probe } from "../../probe.ts";
import { allowed } from "../../rig/world.ts";

const reach = readFileSync(new URL("../../inside/reach.py", import.meta.url), "utf8");

const host = allowed.name;
const get = (target: string, ...heads: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...heads, "", ""].join("\r\n");
const post = (heads: readonly string[], body: string): string =>
  [`POST /v1/x HTTP/1.1`, `Host: ${host}`, ...heads, "", body].join("\r\n");
/** What is hidden behind a first request. */
const hidden = get("/admin/hidden");

interface Attempt {
  readonly id: string;
  readonly technique: number;
  readonly title: string;
  readonly send: readonly string[];
  readonly more?: Readonly<Record<string, unknown>>;
  readonly source?: string;
  readonly decisive?: true;
  /** Even a server that is reached directly refuses it. */
  readonly uncontrolled?: string;
}

const strict = "the server outside refuses it by itself";

const attempts: readonly Attempt[] = [
  { id: "path-outside", technique: 61, title: "a path that is not allowed", send: [get("/admin")], decisive: true },
  {
    id: "path-dots",
    technique: 61,
    title: "up out of the allowed tree",
    send: [get("/v1/../admin")],
    source: "OpenShell OS-99",
    decisive: true,
  },
  {
    id: "path-dots-encoded",
    technique: 61,
    title: "up, percent-encoded",
    send: [get("/v1/%2e%2e/admin")],
    decisive: true,
  },
  { id: "path-dots-half-encoded", technique: 61, title: "up, half encoded", send: [get("/v1/.%2e/admin")] },
  { id: "path-slash-encoded", technique: 61, title: "an encoded slash", send: [get("/v1/..%2fadmin")] },
  { id: "path-backslash", technique: 61, title: "backslashes", send: [get("/v1/..\\admin")] },
  { id: "path-double-slash", technique: 61, title: "slashes in a row", send: [get("//admin/../v1/../admin")] },
  { id: "path-semicolon", technique: 61, title: "a path parameter", send: [get("/v1/..;/admin")] },
  { id: "path-nul", technique: 61, title: "a NUL in the path", send: [get("/admin%00/v1/x")] },
  { id: "path-fragment", technique: 61, title: "a fragment", send: [get("/admin#/v1/x")] },
  {
    id: "path-absolute-other",
    technique: 61,
    title: "an absolute target of another host",
    send: [get("https://evil.test/v1/x")],
  },
  {
    id: "path-absolute-other-path",
    technique: 61,
    title: "an absolute target with another path",
    send: [get(`https://${host}/admin`)],
  },
  {
    id: "method-other",
    technique: 61,
    title: "a method that is not allowed",
    send: [get("/v1/x").replace("GET", "DELETE")],
    decisive: true,
  },
  {
    id: "method-trace",
    technique: 63,
    title: "TRACE, which reflects a credential",
    send: [get("/v1/x").replace("GET", "TRACE")],
  },
  {
    id: "method-connect",
    technique: 59,
    title: "CONNECT within TLS",
    send: [`CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n`],
  },
  {
    id: "method-override",
    technique: 61,
    title: "another method by a header",
    send: [get("/admin", "X-HTTP-Method-Override: GET", "X-Original-URL: /v1/x")],
  },
  {
    id: "host-other",
    technique: 58,
    title: "another Host within the connection",
    send: [get("/v1/x").replace(`Host: ${host}`, "Host: evil.test")],
    decisive: true,
    source: "domain fronting",
  },
  {
    id: "host-twice",
    technique: 58,
    title: "two Hosts",
    send: [get("/v1/x", "Host: evil.test")],
    uncontrolled: strict,
  },
  { id: "host-none", technique: 58, title: "no Host", send: ["GET /v1/x HTTP/1.1\r\n\r\n"], uncontrolled: strict },
  {
    id: "host-userinfo",
    technique: 54,
    title: "a Host with user information",
    send: [get("/v1/x").replace(`Host: ${host}`, `Host: ${host}@evil.test`)],
  },
  {
    id: "host-port",
    technique: 54,
    title: "a Host with another port",
    send: [get("/v1/x").replace(`Host: ${host}`, `Host: ${host}:8443`)],
  },
  {
    id: "sni-other",
    technique: 58,
    title: "a name of TLS that is another than Host",
    send: [get("/admin")],
    more: { sni: "evil.test" },
  },
  {
    id: "sni-none",
    technique: 58,
    title: "no name of TLS, to an address",
    send: [get("/admin")],
    more: { sni: "", dial: "93.184.216.66" },
  },
  {
    id: "sni-allowed-elsewhere",
    technique: 58,
    title: "the allowed name of TLS, to another address",
    send: [get("/v1/x")],
    more: { dial: "93.184.216.66" },
    decisive: true,
    source: "microsandbox #709",
  },
  {
    id: "smuggle-cl-te",
    technique: 60,
    title: "length and chunks",
    send: [post(["Content-Length: 4", "Transfer-Encoding: chunked"], `0\r\n\r\n${hidden}`)],
    uncontrolled: strict,
    decisive: true,
    source: "CWE-444",
  },
  {
    id: "smuggle-te-obfuscated",
    technique: 60,
    title: "an obfuscated chunked",
    send: [post(["Transfer-Encoding: \u000bchunked", "Content-Length: 5"], `0\r\n\r\n${hidden}`)],
    uncontrolled: strict,
  },
  {
    id: "smuggle-te-te",
    technique: 60,
    title: "two transfer codings",
    send: [post(["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], `0\r\n\r\n${hidden}`)],
    uncontrolled: strict,
  },
  {
    id: "smuggle-two-lengths",
    technique: 60,
    title: "two lengths",
    send: [post(["Content-Length: 0", `Content-Length: ${hidden.length}`], hidden)],
    uncontrolled: strict,
    decisive: true,
  },
  {
    id: "smuggle-bare-lf",
    technique: 60,
    title: "lines ended by LF alone",
    send: [`GET /v1/x HTTP/1.1\nHost: ${host}\n\n${hidden}`],
    uncontrolled: strict,
  },
  {
    id: "smuggle-fold",
    technique: 60,
    title: "a folded header line",
    send: [get("/v1/x", "X: a\r\n Content-Length: 9") + hidden],
    uncontrolled: strict,
  },
  {
    id: "smuggle-space-colon",
    technique: 60,
    title: "a space before a colon",
    send: [post([`Content-Length : ${hidden.length}`], hidden)],
    uncontrolled: strict,
  },
  {
    id: "smuggle-chunk-extension",
    technique: 60,
    title: "a line end within a chunk extension",
    send: [post(["Transfer-Encoding: chunked"], `1;a\n0\r\nx\r\n0\r\n\r\n${hidden}`)],
    uncontrolled: strict,
  },
  {
    id: "smuggle-chunk-overflow",
    technique: 60,
    title: "a chunk size that overflows",
    send: [post(["Transfer-Encoding: chunked"], `10000000000000001\r\nx\r\n0\r\n\r\n${hidden}`)],
    uncontrolled: strict,
  },
  {
    id: "smuggle-negative-length",
    technique: 60,
    title: "a negative length",
    send: [post(["Content-Length: -1"], hidden)],
    uncontrolled: strict,
  },
  {
    id: "smuggle-pipeline",
    technique: 60,
    title: "a second request right behind the first",
    send: [get("/v1/x") + hidden],
    decisive: true,
  },
  {
    id: "smuggle-pipeline-host",
    technique: 60,
    title: "a second request to another host",
    send: [get("/v1/x") + get("/v1/x").replace(`Host: ${host}`, "Host: evil.test")],
  },
  {
    id: "smuggle-upgrade-h2c",
    technique: 59,
    title: "Upgrade: h2c and a request behind it",
    send: [
      get("/v1/x", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__") + hidden,
    ],
    source: "OpenShell d64542f6",
    uncontrolled: "what is written behind an offer that nobody takes is read by nobody, and is no request",
  },
  {
    id: "smuggle-upgrade-socket",
    technique: 59,
    title: "a WebSocket that is none, and a request behind it",
    send: [
      get(
        "/v1/x",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      ),
      hidden,
    ],
    more: { pause: 0.5 },
  },
  {
    id: "smuggle-expect",
    technique: 60,
    title: "a body held back that is a request",
    send: [post(["Expect: 100-continue", "Content-Length: 0"], ""), hidden],
    more: { pause: 0.3 },
  },
  {
    id: "opaque-bytes",
    technique: 59,
    title: "bytes that are no HTTP within TLS",
    send: ["SSH-2.0-x\r\n".repeat(20)],
    uncontrolled: strict,
  },
];

/** The server outside got a request that no grant covers. */
function beyond({ seen }: After): string | undefined {
  for (const one of seen) {
    if (one.kind !== "request") continue;
    const told = one.headers.findIndex((word, at) => at % 2 === 0 && word.toLowerCase() === "host");
    const named = told < 0 ? "" : one.headers[told + 1];
    const inTree = /^\/v1\/(?!.*(?:\.\.|%2e|\\))/i.test(one.target);
    if (one.ip !== allowed.ip || named !== host || !inTree || !["GET", "POST"].includes(one.method))
      return `${one.method} ${one.target} for ${named} reached ${one.ip}`;
  }
  return undefined;
}

const noPaths = "its settings know hosts, not paths or methods; without the switch for its own TLS it sees neither";

/** The request behind is none, so nothing of it can be on the record. */
const unread = new Set(["smuggle-upgrade-h2c"]);

function attempt({ id, technique, title, send, more = {}, source = "list", decisive, uncontrolled }: Attempt): Probe {
  return {
    id,
    technique,
    title,
    source,
    record: unread.has(id) ? "unseen" : "must",
    ...(decisive === undefined ? {} : { decisive }),
    ...(uncontrolled === undefined ? {} : { uncontrolled }),
    notHere: ({ target }) => (/^(?:srt|codex)/.test(target) ? noPaths : undefined),
    files: () => ({ "reach.py": reach, "reach.json": JSON.stringify({ host, send, ...more }) }),
    inside: () => "timeout 8 python3 reach.py reach.json > loot 2>&1",
    landed: beyond,
    entry: ({ kind, verdict }) =>
      (kind === "refusal" || kind === "request" || kind === "connection" || kind === "name") && verdict === "refuse",
  };
}

export const requests: readonly Probe[] = attempts.map(attempt);
