// Requests put together by chance from parts, most of which are well formed: what a change of octets seldom makes, two odd things
// in one request that is still one to somebody.

import type { Chance } from "../mutate.ts";
import { hosts } from "../stage.ts";
import type { Case } from "./cases.ts";

type Pool = readonly string[];

/** Often the first. */
function draw(pool: Pool, chance: Chance): string {
  return pool[chance(2) === 0 ? 0 : chance(pool.length)] ?? "";
}

const methods: Pool = [
  "POST",
  "GET",
  "HEAD",
  "DELETE",
  "OPTIONS",
  "PUT",
  "PATCH",
  "PROPFIND",
  "SEARCH",
  "TRACE",
  "CONNECT",
  "M-SEARCH",
  "PRI",
  "QUERY",
];
const targets: Pool = [
  "/a",
  "/a?b=c",
  "*",
  `http://${hosts[0]}/a`,
  `http://${hosts[1]}/a`,
  "//a",
  "/a//b",
  "/%61",
  "/a/%2e%2e/b",
  "/a;b",
  `${hosts[1]}:80`,
  "/a%zz",
  "/a|b",
  `http://${hosts[0]}?a`,
  `HTTP://${hosts[0]}:80/`,
  `/${"a".repeat(300)}`,
];
const versions: Pool = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "http/1.1", "HTTP/1.1 "];
const named: Pool = [
  `Host: ${hosts[0]}`,
  `Host:${hosts[0]}`,
  `host: ${hosts[0]}:80`,
  `Host: ${hosts[1]}`,
  `HOST:\t${hosts[0]} \t`,
  `Host: ${hosts[0]}.`,
  "",
];
const framing: Pool = [
  "",
  "Content-Length: 5",
  "Transfer-Encoding: chunked",
  "content-length:5",
  "Content-Length: 05",
  "Content-Length: 0",
  "Transfer-Encoding:chunked ",
  "Transfer-Encoding: \tchunked",
  "TRANSFER-ENCODING: Chunked",
  "Content-Length:  5 ",
  "Content-Length: 5,5",
  "Transfer-Encoding: ,chunked",
  "Transfer-Encoding: chunked;q=1",
];
const others: Pool = [
  "",
  "",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: Content-Length",
  "Connection: Transfer-Encoding, Host",
  "Expect: 100-continue",
  "TE: trailers, chunked",
  "Trailer: X-A",
  "X-A: \xe9\x80",
  "X_A: b",
  "Transfer_Encoding: chunked",
  "Content_Length: 7",
  "X-Forwarded-Host: other.example",
  "X-HTTP-Method-Override: DELETE",
  "Upgrade: h2c",
  "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
  "Proxy-Connection: keep-alive",
  "X-A:",
  "X-A: \tb\t ",
  ":a: b",
  "Content-Encoding: gzip",
  "Content-Encoding: identity",
  "Keep-Alive: timeout=5",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade\r\nUpgrade: websocket",
  `X-A: ${"a".repeat(2000)}`,
  "Range: bytes=0-1",
  "X-A: b\r\n c",
  "X-A: b\rX: c",
  "X-A: a\x00b",
  "X-A: \x7f",
  "X A: b",
  "X-A : b",
];
const lengthBodies: Pool = ["hello", "", "hell", "hello!", "5\r\n\r\n", "GET /"];
const chunkBodies: Pool = [
  "5\r\nhello\r\n0\r\n\r\n",
  "0\r\n\r\n",
  "5;a=b\r\nhello\r\n0\r\n\r\n",
  "005\r\nhello\r\n000\r\n\r\n",
  "5\r\nhello\r\n0\r\nX-A: b\r\n\r\n",
  '5;a="b;c"\r\nhello\r\n0;d\r\n\r\n',
  "5 \r\nhello\r\n0\r\n\r\n",
  "5\r\nhello\r\n0\r\nHost: a\r\n\r\n",
  "3\r\nhel\r\n2\r\nlo\r\n0\r\nContent-Length: 1\r\n\r\n",
  "5\r\nhello\n0\r\n\r\n",
  "A\r\n0123456789\r\n0\r\n\r\n",
  "5\r\nhello\r\n0\r\n: b\r\n\r\n",
  "5\r\nhello\r\n0\r\nX_A: b\r\n Y: c\r\n\r\n",
];
const ends: Pool = ["\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r\n\r\n"];

function compose(chance: Chance): string {
  const length = draw(framing, chance);
  const more = Array.from({ length: chance(4) }, () => draw(others, chance));
  const lines = [draw(named, chance), length, ...more].filter((line) => line !== "");
  // in any order
  for (let at = lines.length - 1; at > 0; at -= 1) {
    const to = chance(at + 1);
    [lines[at], lines[to]] = [lines[to] ?? "", lines[at] ?? ""];
  }
  const head = `${draw(methods, chance)} ${draw(targets, chance)} ${draw(versions, chance)}`;
  const body = /transfer-encoding/i.test(length)
    ? draw(chunkBodies, chance)
    : length === ""
      ? ""
      : draw(lengthBodies, chance);
  return [head, ...lines].map((line) => line + draw(ends.slice(0, 5), chance)).join("") + draw(ends, chance) + body;
}

export function* composed(chance: Chance): Generator<Case> {
  for (;;) {
    const bytes = Array.from({ length: 1 + chance(3) }, () => compose(chance)).join("");
    if (!bytes.startsWith("PRI")) yield { name: "composed", bytes };
  }
}
