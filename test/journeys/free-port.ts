// A port that is free on both loopback addresses, and of those a person chooses.

import { once } from "node:events";
import { createServer, type Server } from "node:net";

export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const servers = await Promise.all(["127.0.0.1", "::1"].map((host) => listenAt(host, port)));
    for (const server of servers) server?.close();
    if (servers.every((server) => server !== undefined)) return port;
  }
}

export async function listenAt(host: string, port: number): Promise<Server | undefined> {
  const server = createServer();
  server.listen(port, host);
  return Promise.race([
    once(server, "listening").then(() => server),
    new Promise<undefined>((resolve) => server.once("error", () => resolve(undefined))),
  ]);
}
