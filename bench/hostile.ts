// Bodies written to be too much, sent one after the other, and when each was begun and answered. Run inside the boundary. Argument: one
// JSON object with host, port and name.

import { connect } from "node:tls";
import { gzipSync } from "node:zlib";

export interface Hostile {
  readonly name: string;
  /** Octets as they are sent. */
  readonly octets: number;
  readonly status: number;
  /** Microseconds of the machine's clock: the first octet sent, the reply whole. */
  readonly from: number;
  readonly to: number;
}

const ask = (content: unknown): string =>
  JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content }] });

const filled = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

const spans = (count: number): object[] =>
  Array.from({ length: count }, (_, at) => ({ type: "text", text: `text ${at} of many` }));

interface Body {
  readonly octets: () => string | Buffer;
  readonly coding?: string;
}

const source = "const value = compute(alpha, beta) + offset; // and so on\n";
const stalling = ["ghp_ AKIA sk-ant- xoxb- password= ", "4111 1111 1111 1112, ", "a.b+c-", `${"a".repeat(15)}!`];
const bodies: Readonly<Record<string, Body>> = {
  "32 MB of source": { octets: () => ask(filled(source, 31_500_000)) },
  "100,000 spans": { octets: () => ask(spans(100_000)) },
  "a million short fields": {
    octets: () =>
      `{"metadata":{${Array.from({ length: 1_000_000 }, (_, at) => `"k${at}":0`).join(",")}},"messages":[{"role":"user","content":"x"}]}`,
  },
  "64 levels of nesting": {
    octets: () => `{"messages":[{"role":"user","content":"x"}],"metadata":${"[".repeat(64)}"x"${"]".repeat(64)}}`,
  },
  "10 MB of one line": { octets: () => ask(filled("function a(b,c){return b+c*d[e].f(g)};", 10_000_000)) },
  "a body that is a bomb of 400 MB": { octets: () => gzipSync(Buffer.alloc(400_000_000, "a")), coding: "gzip" },
  "a bomb of 400 MB in base64": {
    octets: () => ask(gzipSync(Buffer.alloc(400_000_000, "a")).toString("base64")),
  },
  "text that makes patterns go back": { octets: () => ask(stalling.map((unit) => filled(unit, 1_000_000))) },
};

const clock = (): number => Number(process.hrtime.bigint() / 1_000n);

interface Place {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

/** On a connection of its own. */
async function send({ host, port, name }: Place, title: string, { octets: made, coding }: Body): Promise<Hostile> {
  const octets = Buffer.from(made());
  const lines = [
    "POST /v1/messages HTTP/1.1",
    `Host: ${name}`,
    `x-api-key: ${process.env["ANTHROPIC_API_KEY"] ?? "none"}`,
    "Content-Type: application/json",
    ...(coding === undefined ? [] : [`Content-Encoding: ${coding}`]),
    `Content-Length: ${octets.length}`,
    "Connection: close",
  ];
  const socket = connect({ host, port, servername: name, ALPNProtocols: ["http/1.1"] });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  let reply = "";
  socket.on("data", (part: Buffer) => {
    reply += part.toString("latin1");
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("error", () => resolve());
  socket.once("close", () => resolve());
  const from = clock();
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  socket.write(octets);
  await promise;
  return { name: title, octets: octets.length, status: Number(reply.split(" ", 2)[1]), from, to: clock() };
}

const place = JSON.parse(process.argv[2] ?? "") as Place;
for (const [title, body] of Object.entries({ "a small one, first": { octets: () => ask("hello") }, ...bodies })) {
  const sent = await send(place, title, body);
  process.stdout.write(`${JSON.stringify({ sent })}\n`);
}
process.exit(0);
