// Requests two readers could read in two ways, by hand: where a request ends, which host and which path it names. Latin-1.

import { hosts } from "../stage.ts";

export interface Case {
  readonly name: string;
  readonly bytes: string;
}

const host = `Host: ${hosts[0]}\r\n`;
const next = `GET /next HTTP/1.1\r\n${host}\r\n`;
const post = (headers: string, body: string): string => `POST /a HTTP/1.1\r\n${host}${headers}\r\n${body}`;
const get = (target: string, headers = ""): string => `GET ${target} HTTP/1.1\r\n${host}${headers}\r\n`;
const chunked = "Transfer-Encoding: chunked\r\n";

const bodies: readonly Case[] = [
  { name: "a length", bytes: post("Content-Length: 5\r\n", "hello") },
  { name: "chunks", bytes: post(chunked, "5\r\nhello\r\n0\r\n\r\n") },
  { name: "a length, and chunks", bytes: post(`Content-Length: 5\r\n${chunked}`, `0\r\n\r\n${next}`) },
  { name: "chunks, and a length", bytes: post(`${chunked}Content-Length: 40\r\n`, `0\r\n\r\n${next}`) },
  { name: "two lengths", bytes: post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello") },
  { name: "two lengths that differ", bytes: post("Content-Length: 5\r\nContent-Length: 0\r\n", "hello") },
  { name: "two lengths in one line", bytes: post("Content-Length: 5, 5\r\n", "hello") },
  { name: "a length with a sign", bytes: post("Content-Length: +5\r\n", "hello") },
  { name: "a length with zeros before it", bytes: post("Content-Length: 0005\r\n", "hello") },
  { name: "a length in hexadecimal", bytes: post("Content-Length: 0x5\r\n", "hello") },
  { name: "a length with a blank in it", bytes: post("Content-Length: 1 0\r\n", "hello") },
  { name: "a length that is empty", bytes: post("Content-Length: \r\n", "") },
  { name: "a length below zero", bytes: post("Content-Length: -1\r\n", "") },
  { name: "a length beyond counting", bytes: post("Content-Length: 18446744073709551621\r\n", "hello") },
  { name: "a blank before the colon of a length", bytes: post("Content-Length : 5\r\n", "hello") },
  { name: "a blank before the colon of a coding", bytes: post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n") },
  { name: "a tab before the coding", bytes: post("Transfer-Encoding:\tchunked\r\n", `0\r\n\r\n${next}`) },
  {
    name: "a vertical tab before the coding",
    bytes: post("Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
  },
  { name: "a coding in capitals", bytes: post("Transfer-Encoding: CHUNKED\r\n", `0\r\n\r\n${next}`) },
  { name: "a coding in quotes", bytes: post('Transfer-Encoding: "chunked"\r\n', "0\r\n\r\n") },
  { name: "a coding before chunked", bytes: post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n") },
  { name: "a coding behind chunked", bytes: post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n") },
  { name: "chunked twice", bytes: post(`${chunked}${chunked}`, "0\r\n\r\n") },
  { name: "identity, and a length", bytes: post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello") },
  { name: "a coding nobody knows", bytes: post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n") },
  { name: "a coding in HTTP/1.0", bytes: post(chunked, "0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0") },
  {
    name: "an underscore in the coding's name",
    bytes: post("Transfer_Encoding: chunked\r\nContent-Length: 5\r\n", "hello"),
  },
  {
    name: "a length that a connection's word drops",
    bytes: post("Connection: content-length\r\nContent-Length: 5\r\n", "hello"),
  },
  {
    name: "a request for a body whose length a connection's word drops",
    bytes: post(`Connection: Content-Length\r\nContent-Length: ${next.length}\r\n`, next),
  },
  {
    name: "a coding that a connection's word drops",
    bytes: post(`Connection: close, Transfer-Encoding\r\n${chunked}`, "5\r\nhello\r\n0\r\n\r\n"),
  },
  { name: "a host that a connection's word drops", bytes: get("/a", "Connection: Host\r\n") },
  { name: "a body with GET", bytes: `${get("/a", "Content-Length: 5\r\n")}hello${next}` },
  { name: "chunks with GET", bytes: `${get("/a", chunked)}5\r\nhello\r\n0\r\n\r\n${next}` },
  { name: "a body with DELETE", bytes: `DELETE /a HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello${next}` },
  { name: "a body with HEAD", bytes: `HEAD /a HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello${next}` },
  { name: "no length, and octets behind", bytes: `${post("", "")}hello` },
];

const chunks: readonly Case[] = [
  { name: "a chunk's extension", bytes: post(chunked, "5;a=b\r\nhello\r\n0\r\n\r\n") },
  { name: "a chunk's extension in quotes", bytes: post(chunked, '5;a="\r\nx"\r\nhello\r\n0\r\n\r\n') },
  {
    name: "a chunk's extension that ends with a bare line feed",
    bytes: post(chunked, `2;\nxx\r\n45\r\n0\r\n\r\n${next}0\r\n\r\n`),
  },
  { name: "a chunk's extension with a bare carriage return", bytes: post(chunked, "5;a\rb\r\nhello\r\n0\r\n\r\n") },
  { name: "a chunk's size that ends with a bare line feed", bytes: post(chunked, "5\nhello\r\n0\r\n\r\n") },
  { name: "a chunk that ends with a bare line feed", bytes: post(chunked, "5\r\nhello\n0\r\n\r\n") },
  { name: "the last chunk ends with bare line feeds", bytes: post(chunked, `5\r\nhello\r\n0\n\n${next}`) },
  { name: "a chunk's size with 0x", bytes: post(chunked, "0x5\r\nhello\r\n0\r\n\r\n") },
  { name: "a chunk's size with a sign", bytes: post(chunked, "+5\r\nhello\r\n0\r\n\r\n") },
  { name: "a chunk's size with blanks behind it", bytes: post(chunked, "5  \r\nhello\r\n0\r\n\r\n") },
  { name: "a chunk's size with blanks before it", bytes: post(chunked, " 5\r\nhello\r\n0\r\n\r\n") },
  { name: "a chunk's size with zeros before it", bytes: post(chunked, "000000000000000000005\r\nhello\r\n0\r\n\r\n") },
  { name: "a chunk's size beyond counting", bytes: post(chunked, "10000000000000005\r\nhello\r\n0\r\n\r\n") },
  { name: "a chunk that is longer than it says", bytes: post(chunked, "4\r\nhello\r\n0\r\n\r\n") },
  { name: "an empty chunk's size", bytes: post(chunked, "\r\nhello\r\n0\r\n\r\n") },
  { name: "many zeros for the last chunk", bytes: post(chunked, `00000\r\n\r\n${next}`) },
  { name: "trailers", bytes: post(`${chunked}Trailer: x-a\r\n`, `5\r\nhello\r\n0\r\nX-A: b\r\n\r\n${next}`) },
  { name: "a length among trailers", bytes: post(chunked, `0\r\nContent-Length: 5\r\n\r\n${next}`) },
  { name: "a host among trailers", bytes: post(chunked, `0\r\nHost: ${hosts[1]}\r\n\r\n${next}`) },
  { name: "a folded trailer", bytes: post(chunked, `0\r\nX-A: b\r\n c\r\n\r\n${next}`) },
  { name: "a trailer with a bare line feed", bytes: post(chunked, `0\r\nX-A: b\n\r\n${next}`) },
];

const lines: readonly Case[] = [
  { name: "bare line feeds throughout", bytes: `GET /a HTTP/1.1\nHost: ${hosts[0]}\n\n${next}` },
  { name: "a bare line feed behind a field", bytes: `GET /a HTTP/1.1\r\nX-A: b\n${host}\r\n${next}` },
  { name: "the head ends with a bare line feed", bytes: `GET /a HTTP/1.1\r\n${host}\n${next}` },
  { name: "a bare carriage return in a value", bytes: get("/a", "X-A: b\rTransfer-Encoding: chunked\r\n") },
  {
    name: "a field behind a bare carriage return",
    bytes: `GET /a HTTP/1.1\r\n${host}X-A: b\r\rContent-Length: 5\r\n\r\nhello`,
  },
  { name: "a folded line", bytes: get("/a", "X-A: b\r\n c\r\n") },
  { name: "a folded coding", bytes: post("Transfer-Encoding:\r\n chunked\r\n", `0\r\n\r\n${next}`) },
  { name: "the first field begins with a blank", bytes: `GET /a HTTP/1.1\r\n ${host}\r\n` },
  { name: "a field without a colon", bytes: get("/a", "X-A\r\n") },
  { name: "a field without a name", bytes: get("/a", ": b\r\n") },
  { name: "a blank in a field's name", bytes: get("/a", "X A: b\r\n") },
  { name: "a NUL in a field's name", bytes: get("/a", "X\0A: b\r\n") },
  { name: "a NUL in a value", bytes: get("/a", "X-A: b\0c\r\n") },
  { name: "octets beyond ASCII in a value", bytes: get("/a", "X-A: \xe9\xff\r\n") },
  { name: "empty lines before a request", bytes: `\r\n\r\n${get("/a")}` },
  { name: "empty lines between requests", bytes: `${get("/a")}\r\n\r\n${next}` },
  { name: "two blanks in the request line", bytes: `GET  /a HTTP/1.1\r\n${host}\r\n` },
  { name: "a tab in the request line", bytes: `GET\t/a HTTP/1.1\r\n${host}\r\n` },
  { name: "a blank in the target", bytes: get("/a b") },
  { name: "a blank behind the version", bytes: `GET /a HTTP/1.1 \r\n${host}\r\n` },
  { name: "no version", bytes: "GET /a\r\n\r\n" },
  { name: "HTTP/1.0", bytes: `GET /a HTTP/1.0\r\n${host}\r\n` },
  { name: "HTTP/1.2", bytes: `GET /a HTTP/1.2\r\n${host}\r\n` },
  { name: "HTTP/2.0", bytes: `GET /a HTTP/2.0\r\n${host}\r\n` },
  { name: "a version in small letters", bytes: `GET /a http/1.1\r\n${host}\r\n` },
  { name: "a method in small letters", bytes: `get /a HTTP/1.1\r\n${host}\r\n` },
  { name: "a method nobody knows", bytes: `FROB /a HTTP/1.1\r\n${host}\r\n` },
  { name: "three requests at once", bytes: `${get("/a")}${post("Content-Length: 5\r\n", "hello")}${next}` },
  { name: "close, and a request behind", bytes: `${get("/a", "Connection: close\r\n")}${next}` },
  { name: "close in what is no name", bytes: `${get("/a", "Connection: ction: close\r\n")}${next}` },
  { name: "close within a name", bytes: `${get("/a", "Connection: x-close\r\n")}${next}` },
];

const names: readonly Case[] = [
  { name: "no host", bytes: "GET /a HTTP/1.1\r\n\r\n" },
  { name: "the host twice", bytes: get("/a", host) },
  { name: "two hosts", bytes: get("/a", `Host: ${hosts[1]}\r\n`) },
  { name: "another host", bytes: `GET /a HTTP/1.1\r\nHost: ${hosts[1]}\r\n\r\n` },
  { name: "a host with a blank before its colon", bytes: `GET /a HTTP/1.1\r\nHost : ${hosts[0]}\r\n\r\n` },
  { name: "a host with its port", bytes: `GET /a HTTP/1.1\r\nHost: ${hosts[0]}:80\r\n\r\n` },
  { name: "a host with another port", bytes: `GET /a HTTP/1.1\r\nHost: ${hosts[0]}:81\r\n\r\n` },
  { name: "a host with a dot at its end", bytes: `GET /a HTTP/1.1\r\nHost: ${hosts[0]}.\r\n\r\n` },
  { name: "a host in capitals", bytes: `GET /a HTTP/1.1\r\nHost: ${hosts[0].toUpperCase()}\r\n\r\n` },
  { name: "a host with a user", bytes: `GET /a HTTP/1.1\r\nHost: a@${hosts[0]}\r\n\r\n` },
  { name: "a host with a path", bytes: `GET /a HTTP/1.1\r\nHost: ${hosts[0]}/b\r\n\r\n` },
  { name: "an absolute target", bytes: get(`http://${hosts[0]}/a`) },
  { name: "an absolute target in capitals", bytes: get(`HTTP://${hosts[0].toUpperCase()}/a`) },
  { name: "an absolute target of another host", bytes: get(`http://${hosts[1]}/a`) },
  {
    name: "an absolute target of another host, with its host",
    bytes: `GET http://${hosts[1]}/a HTTP/1.1\r\nHost: ${hosts[1]}\r\n\r\n`,
  },
  { name: "an absolute target with a user", bytes: get(`http://a:b@${hosts[0]}/a`) },
  { name: "an absolute target without a path", bytes: get(`http://${hosts[0]}?a`) },
  { name: "an absolute target with a backslash", bytes: get(`http://${hosts[0]}\\@${hosts[1]}/a`) },
  { name: "https in plain", bytes: get(`https://${hosts[0]}/a`) },
  { name: "a scheme nobody knows", bytes: get(`ftp://${hosts[0]}/a`) },
  { name: "an authority for a path", bytes: get(`//${hosts[1]}/a`) },
  { name: "a target that is an authority", bytes: get(`${hosts[1]}:80`) },
  { name: "an asterisk", bytes: `OPTIONS * HTTP/1.1\r\n${host}\r\n` },
  { name: "an asterisk with GET", bytes: get("*") },
  {
    name: "a tunnel",
    bytes: `CONNECT ${hosts[1]}:80 HTTP/1.1\r\nHost: ${hosts[1]}:80\r\n\r\nGET /t HTTP/1.1\r\nHost: ${hosts[1]}\r\n\r\n`,
  },
  {
    name: "a tunnel, and the first host in it",
    bytes: `CONNECT ${hosts[1]}:80 HTTP/1.1\r\nHost: ${hosts[1]}:80\r\n\r\n${next}`,
  },
  { name: "X-Forwarded-Host", bytes: get("/a", `X-Forwarded-Host: ${hosts[1]}\r\n`) },
];

const paths: readonly Case[] = [
  "/a/../b",
  "/a/./b",
  "/a/%2e%2e/b",
  "/a/%2E./b",
  "/a/..;/b",
  "/a%2f..%2fb",
  "/a//b",
  "/a\\..\\b",
  "/a%5c..%5cb",
  "/a;b=c/d",
  "/a%00b",
  "/a\0b",
  "/a%0d%0ab",
  "/a#b",
  "/a?b#c",
  "/a?b=../c",
  "/a%252e%252e/b",
  "/%61",
  "/a%zz",
  "/a%",
  "/\xe9",
  "/a|b",
  '/a"b',
  "/a{b}",
  "/a<b>",
  "?a",
  "/..",
  "/a/..",
  "/.a/..b/c..",
].map((target) => ({ name: `the target ${JSON.stringify(target)}`, bytes: get(target) }));

const changes: readonly Case[] = [
  {
    name: "an offer of HTTP/2 without TLS",
    bytes:
      get("/a", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n") + next,
  },
  {
    name: "an offer of HTTP/2 with a body",
    bytes: post("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n", `hello${next}`),
  },
  { name: "an offer of TLS", bytes: get("/a", "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n") + next },
  {
    name: "a WebSocket",
    bytes: get(
      "/a",
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ),
  },
  {
    name: "a WebSocket with a request behind",
    bytes:
      get(
        "/a",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
      ) + next,
  },
  { name: "an expectation", bytes: post("Expect: 100-continue\r\nContent-Length: 5\r\n", `hello${next}`) },
  { name: "an expectation nobody knows", bytes: post("Expect: 200-ok\r\nContent-Length: 5\r\n", "hello") },
  { name: "an expectation with GET", bytes: get("/a", "Expect: 100-continue\r\n") + next },
  { name: "a reply for a request", bytes: `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n${next}` },
  { name: "the beginning of HTTP/2 behind a request", bytes: `${get("/a")}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n` },
];

export const cases: readonly Case[] = [...bodies, ...chunks, ...lines, ...names, ...paths, ...changes];
