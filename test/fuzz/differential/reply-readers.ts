// A reply as the clients read it that tools are made with: the runtime's own, and undici. Octets in, one reply out, or nothing
// where they take it for broken. One question at a time.

import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:net";
import { Client } from "undici";
import { listen } from "../../../src/gateway/rehearsal.ts";
import { readBody } from "../stage.ts";

export interface Reply {
  readonly status: number;
  /** Name and value alternating. */
  readonly headers: readonly string[];
  /** Latin-1. */
  readonly body: string;
}

export type AskClient = (bytes: Buffer, method: string) => Promise<Reply | undefined>;

/** A server that says what it was last given to everybody who asks, and then no more. It keeps nothing alive. */
async function openServer() {
  let said: Buffer = Buffer.alloc(0);
  const server = createServer((socket) => {
    const bytes = said;
    socket
      .on("error", () => undefined)
      .once("data", () => socket.end(bytes))
      .unref();
  });
  const port = await listen(server);
  server.unref();
  return {
    port,
    says: (bytes: Buffer): void => {
      said = bytes;
    },
  };
}

let opened: ReturnType<typeof openServer> | undefined;

function theServer(): ReturnType<typeof openServer> {
  opened ??= openServer();
  return opened;
}

async function askNode(bytes: Buffer, method: string): Promise<Reply | undefined> {
  const { port, says } = await theServer();
  says(bytes);
  const settled = Promise.withResolvers<IncomingMessage | undefined>();
  const asking = request({ method, path: "/", host: "127.0.0.1", port, agent: false });
  const nothing = (): void => settled.resolve(undefined);
  asking.on("response", settled.resolve).on("error", nothing).on("close", nothing).on("upgrade", nothing);
  asking.end();
  try {
    const response = await settled.promise;
    if (response === undefined) return undefined;
    const body = await readBody(response);
    return response.complete ? { status: response.statusCode ?? 0, headers: response.rawHeaders, body } : undefined;
  } catch {
    return undefined;
  } finally {
    asking.destroy();
  }
}

async function askUndici(bytes: Buffer, method: string): Promise<Reply | undefined> {
  const { port, says } = await theServer();
  says(bytes);
  const client = new Client(`http://127.0.0.1:${port}`);
  try {
    const asked = { path: "/", method: method as "GET", responseHeaders: "raw" as const };
    const { statusCode, headers, body } = await client.request(asked);
    const raw = headers as unknown as readonly Buffer[];
    const octets = Buffer.from(await body.arrayBuffer());
    return { status: statusCode, headers: raw.map((part) => part.toString("latin1")), body: octets.toString("latin1") };
  } catch {
    return undefined;
  } finally {
    await client.destroy().catch(() => undefined);
  }
}

export const clients: Readonly<Record<string, AskClient>> = { Node: askNode, undici: askUndici };
