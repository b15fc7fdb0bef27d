// A WebSocket at the vendor: opened where a dialect speaks one, each message answered from the script, all of it on record.

import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { maxBodyBytes } from "./limits.ts";
import { playMessage, playOpening } from "./play.ts";
import { lastOf, type Record, servernameOf } from "./record.ts";
import type { VendorOptions } from "./server.ts";

export interface Opening {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What came along with it. */
  readonly head: Buffer;
}

export async function serveSocket(options: VendorOptions, record: Record, opening: Opening): Promise<void> {
  const { request, socket, head } = opening;
  const { method = "", url: target = "", rawHeaders: headers } = request;
  const part = {
    // as it is when a message comes
    get script() {
      return options.script;
    },
    key: options.key,
    models: options.models ?? ["lab-model"],
  };
  const refused = playOpening(part, { method, target, headers: lastOf(headers), body: Buffer.alloc(0) });
  const received = { protocol: "websocket", method, target, headers, servername: servernameOf(socket) } as const;
  if (record.holds(0)) record.add({ ...received, body: Buffer.alloc(0), status: refused?.status ?? 101 });
  if (refused !== undefined) {
    const body = refused.frames.join("");
    const lines = [`HTTP/1.1 ${refused.status} Refused`, `content-type: ${refused.type}`, "connection: close"];
    socket.end([...lines, `content-length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"));
    return;
  }
  // only whoever is asked for one pays for it
  const { WebSocketServer } = await import("ws");
  const speaking = new WebSocketServer({ noServer: true, maxPayload: maxBodyBytes, perMessageDeflate: true });
  speaking.handleUpgrade(request, socket, head, (spoken) => {
    spoken.on("error", () => spoken.terminate());
    const heard = { tools: [] };
    let turn = Promise.resolve();
    spoken.on("message", (message: Buffer) => {
      if (!record.holds(message.length)) return refuse(spoken);
      record.add({ ...received, body: message, status: 200 });
      turn = turn.then(() => answer(spoken, playMessage(part, target, heard, message), options.pace));
    });
  });
}

/** RFC 6455's registry: try again later. */
function refuse(spoken: WebSocket): void {
  spoken.close(1013, "the record of requests is full");
}

async function answer(spoken: WebSocket, messages: readonly string[], pace: VendorOptions["pace"]): Promise<void> {
  for (const [index, message] of messages.entries()) {
    await pace?.(index);
    if (spoken.readyState !== 1) return;
    spoken.send(message);
  }
}
