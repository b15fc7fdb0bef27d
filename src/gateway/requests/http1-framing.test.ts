// Our own check of a head, without the parser that stands before it: each guard by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { host } from "../rehearsal.ts";
import { parseAuthority, parseTarget } from "./framing.ts";
import { checkHttp1, type Visiting } from "./http1-framing.ts";

const name = "api.vendor.example";
const visited: Visiting = { scheme: "https", host: host(name), port: 443, serverName: host(name), tunnel: undefined };

function check(headers: string[], target = "/a?b", more: Partial<Visiting> = {}, first = "POST 1.1") {
  const [method = "", version = ""] = first.split(" ");
  const framed = checkHttp1({ method, target, headers }, version, { ...visited, ...more });
  return framed.kind === "framed" ? framed.path : framed.rule;
}

const cases: readonly [title: string, headers: string[], expected: string][] = [
  ["plain", ["Host", name], "/a"],
  ["port told", ["host", `${name}:443`], "/a"],
  ["case and last dot", ["HOST", `${name.toUpperCase()}.`], "/a"],
  ["length", ["Host", name, "Content-Length", "0"], "/a"],
  ["chunked", ["Host", name, "Transfer-Encoding", "Chunked"], "/a"],
  ["continue", ["Host", name, "Expect", "100-Continue"], "/a"],
  ["length and chunks", ["Host", name, "Content-Length", "1", "Transfer-Encoding", "chunked"], "gateway:framing"],
  ["two lengths", ["Host", name, "Content-Length", "1", "content-length", "1"], "gateway:framing"],
  ["two codings", ["Host", name, "Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked"], "gateway:framing"],
  ["length with a sign", ["Host", name, "Content-Length", "+1"], "gateway:framing"],
  ["length beyond numbers", ["Host", name, "Content-Length", "9".repeat(16)], "gateway:framing"],
  ["coding list", ["Host", name, "Transfer-Encoding", "gzip, chunked"], "gateway:framing"],
  ["Connection of names", ["Host", name, "Connection", "Keep-Alive,\tX-Own ,, TE"], "/a"],
  ["Connection names Host", ["Host", name, "Connection", "close, Host"], "gateway:framing"],
  ["Connection of two words", ["Host", name, "Connection", "te x-own"], "gateway:framing"],
  ["Connection of no name", ["Host", name, "Connection", "ction: close"], "gateway:framing"],
  ["Connection with another blank", ["Host", name, "Connection", "close\xa0"], "gateway:framing"],
  ["close within a name", ["Host", name, "Connection", "x-close"], "gateway:framing"],
  ["keep-alive within a name", ["Host", name, "Connection", "keep-alive2"], "gateway:framing"],
  ["no Host", ["A", "b"], "gateway:host"],
  ["Host twice", ["Host", name, "host", name], "gateway:host"],
  ["Host of no host", ["Host", "a b"], "gateway:host"],
  ["another Host", ["Host", "other.example"], "gateway:disagreement"],
  ["another port", ["Host", `${name}:80`], "gateway:disagreement"],
  ["upgrade", ["Host", name, "Upgrade", "TLS/1.0"], "gateway:upgrade"],
  ["half a WebSocket", ["Host", name, "Upgrade", "websocket"], "gateway:upgrade"],
  ["two expectations", ["Host", name, "Expect", "100-continue", "Expect", "100-continue"], "gateway:expectation"],
];
for (const [title, headers, expected] of cases) {
  test(`head: ${title}`, () => assert.equal(check(headers), expected));
}

test("method, version and TLS name", () => {
  for (const method of ["CONNECT", "TRACE", "TRACK"])
    assert.equal(check(["Host", name], "/", {}, `${method} 1.1`), "gateway:method");
  for (const version of ["1.0", "2.0", "0.9"])
    assert.equal(check(["Host", name], "/", {}, `GET ${version}`), "gateway:version");
  assert.equal(check(["Host", name], "/", { serverName: host("other.example") }), "gateway:disagreement");
  assert.equal(check(["Host", name], "/", { serverName: undefined }), "/");
});

const targets: readonly [target: string, path: string | undefined][] = [
  ["/", "/"],
  ["/a/b?c=/../d", "/a/b"],
  ["/@scope%2fname", "/@scope%2fname"],
  ["/a.b/..c/...", "/a.b/..c/..."],
  ["*", "*"],
  [`https://${name}`, "/"],
  [`https://${name}?q`, "/"],
  [`https://${name}:443/a`, "/a"],
  ["", undefined],
  ["a", undefined],
  ["?a", undefined],
  ["/a#b", undefined],
  ["/a\\b", undefined],
  ["/a b", undefined],
  ["/\x7f", undefined],
  ["/\xe9", undefined],
  ["/.", undefined],
  ["/a/./b", undefined],
  ["/a/..", undefined],
  ["/a/%2E%2e/b", undefined],
  ["/a/.%2e;p/b", undefined],
  ["/a%2f..%5cb", undefined],
  ["/a%00", undefined],
  ["ftp://x/", undefined],
  ["https://", undefined],
  [`https://u@${name}/`, undefined],
  [`https://${name}\\@evil.example/`, undefined],
];
for (const [target, path] of targets) {
  test(`target ${JSON.stringify(target)}: ${path ?? "refused"}`, () => assert.equal(parseTarget(target)?.path, path));
}

test("an absolute target must agree as a Host does", () => {
  const agrees = (target: string) => check(["Host", name], target);
  assert.equal(agrees(`https://${name}/x`), "/x");
  assert.equal(agrees(`HTTPS://${name}:443/x`), "/x");
  for (const target of [`http://${name}:443/`, "https://other.example/", `https://${name}:444/`]) {
    assert.equal(agrees(target), "gateway:disagreement");
  }
});

const authorities: readonly [text: string, expected: string | undefined][] = [
  ["a.example", "a.example 443"],
  ["a.example:8080", "a.example 8080"],
  ["[::1]:80", "::1 80"],
  ["1.2.3.4", "1.2.3.4 443"],
  ["::1", undefined],
  ["[::1", undefined],
  ["[::1%25eth0]", undefined],
  ["a.example:", undefined],
  ["a.example:0", undefined],
  ["a.example:65536", undefined],
  ["a.example:443junk", undefined],
  ["2130706433", undefined],
  ["0x7f.1", undefined],
  ["a.example/", undefined],
  ["u@a.example", undefined],
  ["", undefined],
];
for (const [text, expected] of authorities) {
  test(`authority ${JSON.stringify(text)}: ${expected ?? "refused"}`, () => {
    const parsed = parseAuthority(text, "https");
    assert.equal(parsed === undefined ? undefined : `${parsed.host} ${parsed.port}`, expected);
  });
}

test("no text makes a parser throw, and a path that is let through has no way up in the WHATWG reading either", () => {
  const pieces = fc.constantFrom("/", ".", "..", "%2e", "%2E", "%2f", "a", "?", ";", "%", "\\", "//", "#", "%5c");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 10 }).map((parts) => `/${parts.join("")}`),
      ),
      (text) => {
        parseAuthority(text, "http");
        const target = parseTarget(text);
        if (target === undefined || !text.startsWith("/") || text.startsWith("//")) return;
        // it may escape a character; it may not add or drop a segment
        assert.equal(new URL(text, "http://x").pathname.split("/").length, target.path.split("/").length);
      },
    ),
    { numRuns: 3000 },
  );
});
