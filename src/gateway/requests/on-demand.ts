// A server of HTTP, loaded with the first connection that speaks its version: the runtime's own takes some 20 ms to load, which
// no start of a tool is to wait for. Connections that come meanwhile wait unread; where it cannot be loaded the session fails.

import type { Gate } from "../gate.ts";
import type { HttpServer } from "./server.ts";

export function openHttpOnDemand(gate: Gate): HttpServer {
  return openOnDemand(gate, async () => (await import("./server.ts")).openHttpServer(gate));
}

export function openHttp2OnDemand(gate: Gate): HttpServer {
  return openOnDemand(gate, async () => (await import("./http2-server.ts")).openHttp2Server(gate));
}

function openOnDemand(gate: Gate, load: () => Promise<HttpServer>): HttpServer {
  let server: HttpServer | undefined;
  let opening: Promise<HttpServer> | undefined;
  let closed = false;
  const open = async (): Promise<HttpServer> => {
    server = await load();
    if (closed) server.close();
    return server;
  };
  return {
    take: (stream, visit) => {
      if (server !== undefined) return server.take(stream, visit);
      opening ??= open();
      opening.then(
        (opened) => (closed || stream.destroyed ? void stream.destroy() : opened.take(stream, visit)),
        (bug: unknown) => {
          stream.destroy();
          gate.recorder.abandon(bug);
        },
      );
    },
    close: () => {
      closed = true;
      server?.close();
    },
  };
}
