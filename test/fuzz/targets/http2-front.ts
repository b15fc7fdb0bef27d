// HTTP/2 as it comes from inside, through the whole gate, to an upstream that is the runtime's own HTTP/2.

import { Hand } from "../../../src/gateway/http2/dialogue.ts";
import { kinds } from "../../../src/gateway/http2/frames.ts";
import { hosts } from "../stage.ts";
import type { Target } from "../target.ts";
import { frontTarget } from "./front.ts";

const hand = new Hand();
const hello = hand.hello();
const head = (path: string, more: readonly string[] = []): string[] => [
  ":method",
  "POST",
  ":scheme",
  "http",
  ":authority",
  hosts[0],
  ":path",
  path,
  ...more,
];
const data = (stream: number, text: string, flags = 1): Buffer => hand.frame(kinds.data, stream, text, flags);

/** Between two requests, and between a head and its body, of those in text. */
const [apart, behind] = ["\x1e", "\x1f"];

/**
 * Behind what a client says first. Every other input is text, a field a line, and becomes header blocks and frames: of changed
 * octets few are well-formed ones.
 */
export function whole(bytes: Buffer): Buffer {
  if (((bytes[0] ?? 0) & 1) === 0) return Buffer.concat([hello, bytes.subarray(1)]);
  const writer = new Hand();
  const requests = bytes.toString("latin1", 1).split(apart).slice(0, 8);
  const frames = requests.map((request, at) => {
    const [fields = "", body] = request.split(behind, 2);
    const list = fields.split("\n").flatMap((field) => {
      const [name = "", ...value] = field.split(" ");
      return [name, value.join(" ")];
    });
    const id = 2 * at + 1;
    const first = writer.head(id, list, body === undefined);
    return body === undefined
      ? first
      : Buffer.concat([first, hand.frame(kinds.data, id, Buffer.from(body, "latin1"), 1)]);
  });
  return Buffer.concat([hello, ...frames]);
}

const text = (path: string, ...more: string[]): string =>
  [":method POST", ":scheme http", `:authority ${hosts[0]}`, `:path ${path}`, ...more].join("\n");

export const target: Target = {
  seeds: [
    hand.head(1, head("/a")),
    Buffer.concat([hand.head(1, head("/a", ["content-length", "5"]), false), data(1, "hello")]),
    Buffer.concat([
      hand.head(1, head("/a"), false),
      data(1, "a", 0),
      data(1, "\x02b\0\0", 9),
      hand.head(3, head("/c")),
    ]),
    Buffer.concat([
      hand.head(1, head("/a"), false),
      hand.head(3, head("/b", ["host", hosts[0], "cookie", "a=b", "cookie", "c=d"])),
      data(1, "x", 0),
      hand.head(1, ["x-trailer", "t"]),
    ]),
    Buffer.concat([
      hand.head(1, head("/a", ["te", "trailers"]), false),
      hand.frame(kinds.reset, 1, "\0\0\0\x08"),
      hand.head(3, [":method", "GET", ":scheme", "http", ":path", "/d?e", "host", hosts[0]]),
    ]),
    Buffer.concat([
      hand.frame(kinds.headers, 1, hand.head(1, head("/e")).subarray(9, 30), 1),
      hand.frame(kinds.continuation, 1, hand.head(1, head("/e")).subarray(30), 4),
    ]),
  ]
    .map((bytes) => Buffer.concat([Buffer.from([0]), bytes]))
    .concat(
      [
        text("/a"),
        `${text("/a", "content-length 5")}${behind}hello`,
        [
          text("/a", "x-a b"),
          `${text("/b?c")}${behind}`,
          text("/d", `host ${hosts[0]}`, "cookie a=b", "te trailers"),
        ].join(apart),
        text("/a", "content-encoding gzip", "expect 100-continue", "priority u=1"),
      ].map((request) => Buffer.from(`\x01${request}`, "latin1")),
    ),
  words: [
    `\n:path /z`,
    "\nhost other.example",
    "\ncontent-length 3",
    "\ntransfer-encoding chunked",
    "\nconnection close",
    "\nupgrade websocket",
    "\nexpect 100-continue",
    "\n:authority other.example",
    "\n:protocol websocket",
    ":method CONNECT",
    ":scheme https",
    `http://${hosts[1]}/`,
    ":80",
    "/../",
    "%2f",
    "\r",
    apart,
    behind,
    hand.head(1, head("/f")),
    hand.head(5, head("/g"), false),
    data(5, "more"),
    "\x0f\x0d\x015",
    "\x00\x04host\x0dother.example",
    "\x00\x11transfer-encoding\x07chunked",
    "\x41\x0dother.example",
    "\x82",
    "\x84",
    "\x86",
    "\r\n",
    "\0",
    hand.frame(kinds.continuation, 1, "", 4),
  ],
  longest: 1200,
  ...frontTarget("h2", whole),
};
