// What of an attempt would be noticed on the machine outside: servers on its loopback and its Unix sockets, to which nobody is
// to come; and whether this process, which is the only way out, asked a resolver or dialled anything.

import { createHook } from "node:async_hooks";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

export interface Ears extends AsyncDisposable {
  /** On 127.0.0.1 and, where there is one, on ::1. */
  readonly port: number;
  /** Unix sockets, the second one abstract. */
  readonly sockets: readonly [string, string];
  /** Who came, by the server: `loopback`, `socket`, `abstract`. */
  readonly heard: () => readonly Ear[];
  /** Since `listen`. */
  readonly dialled: () => Dialled;
  /** From here on what this process dials is counted. */
  readonly listen: () => void;
}

export type Ear = "loopback" | "socket" | "abstract";

export interface Dialled {
  /** Questions to a resolver. */
  readonly names: number;
  readonly connections: number;
}

/** `directory`: in which the socket lies. */
export async function openEars(directory: string, mark: string): Promise<Ears> {
  await using servers = new AsyncDisposableStack();
  const heard: Ear[] = [];
  const open = (ear: Ear): Server => {
    const server = createServer((socket) => {
      heard.push(ear);
      socket.on("error", () => undefined);
      socket.destroy();
    });
    servers.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    return server;
  };
  const first = open("loopback");
  await listening(first, { host: "127.0.0.1", port: 0 });
  const address = first.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  // a machine without IPv6 has no such loopback
  await listening(open("loopback"), { host: "::1", port }).catch(() => undefined);
  const sockets = [join(directory, "socket"), `\0postern-proof-${mark}`] as const;
  await listening(open("socket"), { path: sockets[0] });
  await listening(open("abstract"), { path: sockets[1] });
  const outward = watchOutward();
  servers.defer(outward.end);
  const all = servers.move();
  return {
    port,
    sockets,
    heard: () => heard,
    dialled: outward.seen,
    listen: outward.begin,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function listening(server: Server, at: { host?: string; port?: number; path?: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, () => resolve());
  });
}

/** Every look-up and every connection of this process, whoever asks for it: told by the runtime itself. */
function watchOutward() {
  const count = { names: 0, connections: 0 };
  const hook = createHook({
    init: (_id, type) => {
      if (type === "GETADDRINFOREQWRAP" || type === "QUERYWRAP") count.names += 1;
      if (type === "TCPCONNECTWRAP" || type === "PIPECONNECTWRAP") count.connections += 1;
    },
  });
  return { begin: () => void hook.enable(), end: () => void hook.disable(), seen: (): Dialled => ({ ...count }) };
}
