// For tests: a gate with a WebSocket server behind it, the package `ws`, and everything that reached it. Nothing here runs in a
// session.

import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { GatewayOptions } from "../gateway.ts";
import { grantFor, judgeFor, openStage, openUpstream, readUntil } from "../rehearsal.ts";

export const name = "api.vendor.example";

/** What came to the upstream's end, in order. */
interface Heard {
  readonly messages: Buffer[];
  readonly pings: Buffer[];
  readonly requests: IncomingMessage[];
  readonly sockets: WebSocket[];
  readonly ends: { readonly code: number; readonly reason: string }[];
  readonly octets: Buffer[];
}

export async function stand(speak: (socket: WebSocket) => void, options: Partial<GatewayOptions> = {}, deflate = true) {
  const heard: Heard = { messages: [], pings: [], requests: [], sockets: [], ends: [], octets: [] };
  const speaking = new WebSocketServer({ noServer: true, perMessageDeflate: deflate && { threshold: 0 } });
  const upstream = await openUpstream((_, response) => void response.writeHead(404).end("no socket here"));
  upstream.server.on("upgrade", (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    heard.requests.push(request);
    if (request.url === "/denied") return void duplex.end("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
    duplex.on("data", (chunk: Buffer) => heard.octets.push(Buffer.from(chunk)));
    speaking.handleUpgrade(request, duplex, head, (socket) => {
      heard.sockets.push(socket);
      socket.on("message", (data: Buffer) => heard.messages.push(data));
      socket.on("ping", (data: Buffer) => heard.pings.push(data));
      socket.on("close", (code: number, reason: Buffer) => heard.ends.push({ code, reason: reason.toString() }));
      socket.on("error", () => undefined);
      speak(socket);
    });
  });
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  const stage = await openStage({ judge: judgeFor([grant]), ...options });
  return {
    heard,
    upstream,
    stage,
    dial: async (path = "/v1/responses", client: object = { perMessageDeflate: deflate && { threshold: 0 } }) => {
      const connection = await stage.dialTls(name);
      const socket = new WebSocket(`ws://${name}:443${path}`, { createConnection: () => connection, ...client });
      socket.on("error", () => undefined);
      return socket;
    },
    /** An opening by hand; the socket, once it is open. */
    open: async (extensions = "") => {
      const socket = await stage.dialTls(name);
      socket.write(opening(extensions));
      assert.match(await readUntil(socket, /\r\n\r\n/), /^HTTP\/1.1 101 /);
      return socket;
    },
    entries: async (kind: string) => {
      await stage.gateway.close();
      return stage.entries.filter((entry) => entry.kind === kind);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of heard.sockets) socket.terminate();
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** The opening handshake, by hand. */
export const opening = (extensions = "", path = "/v1/responses", to = name) =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${to}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(extensions === "" ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
    "\r\n",
  ].join("\r\n");

export const echo = (socket: WebSocket): void => {
  socket.on("message", (data: Buffer, binary: boolean) => socket.send(data, { binary }));
};
export const quiet = (): void => undefined;

/** The next message on it. */
export async function next(socket: WebSocket): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  socket.once("message", resolve);
  socket.once("close", (code: number) => reject(new Error(`closed with ${code}`)));
  return promise;
}

export async function closing(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  socket.once("close", (code: number, reason: Buffer) => resolve({ code, reason: reason.toString() }));
  return promise;
}
