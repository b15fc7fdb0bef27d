// Replies of HTTP/1.1: the same whichever way they are cut, and what is taken for whole other clients take for the same status,
// fields and body.

import assert from "node:assert/strict";
import { type ReplyHead, ReplyReader } from "../../../src/gateway/upstream/reply-reader.ts";
import vectors from "../../../vectors/gateway/replies.json" with { type: "json" };
import { clients } from "../differential/reply-readers.ts";
import { latin1, pieces, type Target } from "../target.ts";

const methods = ["GET", "HEAD", "CONNECT"] as const;

interface Read {
  readonly heads: readonly ReplyHead[];
  readonly head: ReplyHead | undefined;
  readonly body: string;
  readonly trailers: readonly string[];
  readonly why: string | undefined;
  readonly rest: string;
  readonly keep: boolean;
}

function read(bytes: Buffer, method: string, size: number): Read {
  const heads: ReplyHead[] = [];
  let [head, body, trailers]: [ReplyHead | undefined, string, readonly string[]] = [undefined, "", []];
  const reader = new ReplyReader(method, {
    informational: (told) => heads.push(told),
    head: (told) => {
      assert.equal(head, undefined, "two heads of one reply");
      head = told;
    },
    data: (chunk) => {
      body += chunk.toString("latin1");
    },
    end: (told) => {
      trailers = told;
    },
  });
  let why: string | undefined;
  for (const piece of pieces(bytes, size)) why ??= reader.push(piece);
  why ??= reader.finish();
  return { heads, head, body, trailers, why, rest: reader.rest.toString("latin1"), keep: reader.keep };
}

async function check(bytes: Buffer): Promise<string> {
  const method = methods[(bytes[0] ?? 0) % methods.length] ?? "GET";
  const rest = bytes.subarray(1);
  const whole = read(rest, method, rest.length + 1);
  for (const size of [1, 5]) {
    const cut = read(rest, method, size);
    assert.equal(cut.why, whole.why);
    if (whole.why === undefined) assert.deepEqual({ ...cut, rest: "", keep: true }, { ...whole, rest: "", keep: true });
  }
  const { head, body, why } = whole;
  if (why !== undefined || head === undefined || method === "CONNECT") return `${method} ${why}`;
  const told: boolean[] = [];
  for (const [name, ask] of Object.entries(clients)) {
    const other = await ask(rest, method);
    told.push(other !== undefined);
    // of what is whole to us the other may refuse more
    if (other === undefined) continue;
    // undici leaves blanks at a value's end, where we take them off before anybody reads it
    const headers = other.headers.map((part) => part.replace(/ +$/, ""));
    assert.deepEqual(
      { status: head.status, headers: head.headers, body },
      { ...other, headers },
      `${name} reads another reply`,
    );
  }
  return `${method} ${Math.floor(head.status / 100)} ${whole.keep} ${told.join()} ${whole.trailers.length > 0}`;
}

export const target: Target = {
  seeds: [
    latin1("\0HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    latin1("\0HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nx-a: b\r\n\r\n"),
    latin1("\0HTTP/1.1 103 Early\r\nlink: a\r\n\r\nHTTP/1.1 404 No\r\nConnection: close\r\n\r\nto the end"),
    latin1("\x01HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n"),
    latin1("\x02HTTP/1.1 200 OK\r\n\r\ntunnel"),
    ...vectors.cases.map(({ bytes }) => latin1(`\0${bytes}`)),
  ],
  words: [
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.0",
    "\r\n ",
    "Connection: close\r\n",
    "chunked, ",
    "\x0b",
    "Set-Cookie: a=b\r\n",
  ],
  run: check,
};
