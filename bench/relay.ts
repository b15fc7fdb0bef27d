// An empty relay: TLS in, TLS out, on node:https with kept connections, nothing looked at and nothing recorded. What a
// gateway written in Node costs before it does anything. Argument: one JSON object (`Relay`).

import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:https";
import { pipeline } from "node:stream";

export interface Relay {
  readonly port: number;
  readonly upstream: number;
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const relay = JSON.parse(process.argv[2] ?? "") as Relay;
const agent = new Agent({ keepAlive: true, ca: readFileSync(relay.ca), maxSockets: 64 });

const server = createServer({ cert: readFileSync(relay.cert), key: readFileSync(relay.key) }, (incoming, response) => {
  const { method, url, headers } = incoming;
  const options = {
    host: "127.0.0.1",
    port: relay.upstream,
    servername: headers.host ?? "",
    agent,
    method,
    path: url,
    headers,
  };
  const outgoing = request(options, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    pipeline(reply, response, () => undefined);
  });
  outgoing.on("error", () => response.destroy());
  pipeline(incoming, outgoing, () => undefined);
});
server.keepAliveTimeout = 60_000;
server.listen(relay.port, "127.0.0.1");
